/// A picture as rows of `layers.csv`, and as numbers that a task carries until its end.
extension PartitionPicture {
    private enum Name {
        static let radius = "partition_radius"
        static let sample = "partition_sample"
        static let corner = "partition_corner"
        static let cell = "partition_cell"
        static let label = "partition_class"
    }

    /// The metrics of ``rows``, and what their coordinates count.
    public static let metrics = [
        LayerMetric(
            Name.radius, title: "half the side of the square", unit: "scaled input", layer: "picture"),
        LayerMetric(
            Name.sample, title: "place and label of a sample", layer: "sample", by: "x, y or label"),
        LayerMetric(
            Name.corner, title: "place of a corner", unit: "scaled input", layer: "corner", by: "x or y"),
        LayerMetric(Name.cell, title: "corner of a cell", layer: "cell", by: "place in turn"),
        LayerMetric(Name.label, title: "class of a cell", layer: "cell", by: "linear region"),
    ]

    /// The name of the metric that every picture has.
    public static let metricOfEveryPicture = Name.radius

    /// How many rows the picture takes: about seven a region.
    public var rowCount: Int {
        1 + 3 * samples.count + 2 * corners.count + cells.reduce(0) { $0 + 1 + $1.corners.count }
    }

    /// The rows, from the frame to the cells.
    public var rows: [LayerValue] {
        var rows = [LayerValue(metric: Name.radius, layer: 0, index: 0, value: radius)]
        rows.reserveCapacity(rowCount)
        func append(_ metric: String, _ layer: Int, _ values: [Double]) {
            for (index, value) in values.enumerated() {
                rows.append(LayerValue(metric: metric, layer: layer, index: index, value: value))
            }
        }
        for (number, sample) in samples.enumerated() {
            append(Name.sample, number, [sample.place.x, sample.place.y, Double(sample.label)])
        }
        for (number, corner) in corners.enumerated() { append(Name.corner, number, [corner.x, corner.y]) }
        for (number, cell) in cells.enumerated() { append(Name.cell, number, cell.corners.map(Double.init)) }
        for (number, cell) in cells.enumerated() {
            let label = Double(cell.label)
            rows.append(LayerValue(metric: Name.label, layer: number, index: cell.region, value: label))
        }
        return rows
    }

    /// A picture read from the values of one measurement, in whichever order; others are passed over.
    ///
    /// `nil` where they hold no picture, or none that is whole.
    public init?(rows: [LayerValue]) {
        var radius: Double?
        let empty = NumberTable(rowCount: rows.count)
        var (samples, corners, cells) = (empty, empty, empty)
        var labels: [Int: (label: Int, region: Int)] = [:]
        for row in rows where row.metric.hasPrefix("partition_") {
            switch row.metric {
            case Name.radius: radius = row.value
            case Name.sample: samples.insert(row)
            case Name.corner: corners.insert(row)
            case Name.cell: cells.insert(row)
            case Name.label:
                guard let label = Int(exactly: row.value), row.index >= 0 else { return nil }
                labels[row.layer] = (label, row.index)
            default: break
            }
        }
        guard let radius, radius.isFinite, radius > 0, let samples = samples.lists,
            let corners = corners.lists,
            let cells = cells.lists, cells.count == labels.count
        else { return nil }
        var numbers = [radius, Double(samples.count), Double(corners.count), Double(cells.count)]
        for sample in samples + corners { numbers += sample }
        for (number, cell) in cells.enumerated() {
            guard let label = labels[number] else { return nil }
            numbers += [Double(label.label), Double(label.region), Double(cell.count)] + cell
        }
        self.init(numbers: numbers)
    }
}

/// Numbers by layer and index.
private struct NumberTable {
    private let rowCount: Int
    private var values: [[Int: Double]] = []
    private var isWhole = true

    init(rowCount: Int) { self.rowCount = rowCount }

    mutating func insert(_ row: LayerValue) {
        // A damaged number cannot ask for memory without end.
        guard row.layer >= 0, row.layer < rowCount else {
            isWhole = false
            return
        }
        while values.count <= row.layer { values.append([:]) }
        values[row.layer][row.index] = row.value
    }

    /// The numbers in order; `nil` where one is missing.
    var lists: [[Double]]? {
        guard isWhole else { return nil }
        var lists: [[Double]] = []
        for row in values {
            let list = (0..<row.count).compactMap { row[$0] }
            if list.count < row.count || list.isEmpty { return nil }
            lists.append(list)
        }
        return lists
    }
}

extension PartitionPicture {
    /// The picture as plain numbers, counts in front.
    public var numbers: [Double] {
        var numbers = [radius, Double(samples.count), Double(corners.count), Double(cells.count)]
        for sample in samples { numbers += [sample.place.x, sample.place.y, Double(sample.label)] }
        for corner in corners { numbers += [corner.x, corner.y] }
        for cell in cells {
            numbers += [Double(cell.label), Double(cell.region), Double(cell.corners.count)]
            numbers += cell.corners.map(Double.init)
        }
        return numbers
    }

    /// A picture read from such numbers; `nil` for any others.
    public init?(numbers: [Double]) {
        var rest = numbers[...]
        func count(atMost limit: Int) -> Int? {
            rest.popFirst().flatMap { Int(exactly: $0) }.flatMap { $0 >= 0 && $0 <= limit ? $0 : nil }
        }
        guard let radius = rest.popFirst(), radius.isFinite, radius > 0,
            let sampleCount = count(atMost: numbers.count), let cornerCount = count(atMost: numbers.count),
            let cellCount = count(atMost: numbers.count)
        else { return nil }
        func place() -> Place? {
            guard let x = rest.popFirst(), let y = rest.popFirst(), x.isFinite, y.isFinite else { return nil }
            return Place(x: x, y: y)
        }
        var (samples, corners, cells): ([Sample], [Place], [Cell]) = ([], [], [])
        for _ in 0..<sampleCount {
            guard let place = place(), let label = count(atMost: .max) else { return nil }
            samples.append(Sample(label: label, place: place))
        }
        for _ in 0..<cornerCount {
            guard let place = place() else { return nil }
            corners.append(place)
        }
        for _ in 0..<cellCount {
            guard let label = count(atMost: .max), let region = count(atMost: cellCount),
                let size = count(atMost: rest.count), size > 2
            else { return nil }
            let numbers = (0..<size).compactMap { _ in count(atMost: cornerCount - 1) }
            guard numbers.count == size else { return nil }
            cells.append(Cell(label: label, region: region, corners: numbers))
        }
        guard rest.isEmpty else { return nil }
        self.init(radius: radius, samples: samples, corners: corners, cells: cells)
    }
}

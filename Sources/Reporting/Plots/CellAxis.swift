internal import Foundation
internal import Sweeps

/// One axis of a heatmap: a span of whole pixels for every value, so that neighbouring cells touch and no
/// seam shows.
struct CellAxis {
    let title: String
    /// One a value, all of them.
    let labels: [String]
    /// Pixels of each value from the start of the axis, rising with the value; empty where cells are too
    /// many.
    let spans: [Range<Int>]
    /// Parts of the axis with a gap between them: epoch 0 stands before the logarithmic rest.
    let segments: [Range<Int>]
    let ticks: [Tick]

    /// A mark on the axis; without a text it is a minor one.
    struct Tick: Hashable {
        let position: Double
        let text: String
    }

    var length: Int { segments.last?.upperBound ?? 0 }

    /// Equal cells, one a value.
    ///
    /// - Parameters:
    ///   - title: What the axis shows.
    ///   - values: In order.
    ///   - length: Pixels to fill, about.
    ///   - cellMax: The largest cell.
    ///   - isVertical: Whether labels stand above each other instead of side by side.
    init(title: String, values: [Setting], length: Int, cellMax: Int, isVertical: Bool) {
        self.title = title
        let labels = values.map(\.labelText)
        let cell = max(1, min(cellMax, length / max(values.count, 1)))
        self.labels = labels
        spans = values.indices.map { $0 * cell..<($0 + 1) * cell }
        segments = [0..<max(values.count, 1) * cell]
        let room =
            labels.map { isVertical ? 15 : SVG.width(of: $0, size: PlotStyle.labelSize) + 9 }.max() ?? 0
        let chosen = CellAxis.labelled(values, perLabel: max(1, Int((room / Double(cell)).rounded(.up))))
        ticks = chosen.map { Tick(position: (Double($0) + 0.5) * Double(cell), text: labels[$0]) }
    }

    /// All values where they fit; of whole numbers in equal steps the round ones; else every n-th.
    ///
    /// - Parameters:
    ///   - values: In order.
    ///   - perLabel: How many cells a label takes.
    /// - Returns: Indices of the values to label.
    static func labelled(_ values: [Setting], perLabel: Int) -> [Int] {
        if perLabel <= 1 { return Array(values.indices) }
        let numbers = values.compactMap(\.asInteger)
        let steps = Set(zip(numbers, numbers.dropFirst()).map { $1 - $0 })
        guard numbers.count == values.count, steps.count == 1, let step = steps.first, let last = numbers.last
        else { return values.indices.filter { $0.isMultiple(of: perLabel) } }
        let round = [
            1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 40, 50, 64, 80, 100, 128, 200, 250, 256, 500, 512, 1000,
        ]
        .filter { $0 >= perLabel * step && $0 < perLabel * step * 3 }
        // A step that reaches the largest value, such as 8 for 1 … 64, is the best one.
        let every = round.first { last.isMultiple(of: $0) } ?? round.first ?? perLabel * step
        let marked = numbers.indices.filter { numbers[$0].isMultiple(of: every) }
        guard let first = marked.first else { return values.indices.filter { $0.isMultiple(of: perLabel) } }
        return first >= perLabel ? [0] + marked : marked
    }

    /// Pixels of epoch 0, which has no place on a logarithmic scale, and of the gap behind it.
    static let zeroCell = 12
    static let zeroGap = 6

    /// Cells on a logarithmic scale of epochs, each reaching half way to its neighbours.
    init(epochs: [Double], length: Int, isVertical: Bool) {
        title = AxisTitle.withUnit(AxisTitle.epoch)
        labels = epochs.map(\.epochText)
        let scale = EpochScale(epochs, length: Double(length))
        var spans: [Range<Int>] = []
        for (index, epoch) in epochs.enumerated() {
            let (low, high) = scale.cell(index)
            let edges = (Int(low.rounded()), Int(high.rounded()))
            spans.append(epoch > 0 || epochs.count == 1 ? edges.0..<edges.1 : 0..<CellAxis.zeroCell)
        }
        self.spans = spans
        segments = scale.segments.map { Int($0.lowerBound.rounded())..<Int($0.upperBound.rounded()) }
        ticks = scale.ticks(isVertical: isVertical)
    }
}

/// Where epochs stand on an axis: 0 first, then, behind a gap, the others on a logarithmic scale.
struct EpochScale {
    private let epochs: [Double]
    private let start: Double
    private let length: Double
    /// Natural logarithms of the borders of positive epochs.
    private let borders: [Double]
    private let hasZero: Bool

    /// - Parameters:
    ///   - epochs: Ascending, not negative.
    ///   - length: Pixels of the axis.
    init(_ epochs: [Double], length: Double) {
        self.epochs = epochs
        self.length = length
        hasZero = epochs.first == 0
        let logs = epochs.filter { $0 > 0 }.map { log($0) }
        start = hasZero && !logs.isEmpty ? Double(CellAxis.zeroCell + CellAxis.zeroGap) : 0
        let middles = zip(logs, logs.dropFirst()).map { ($0 + $1) / 2 }
        guard let first = logs.first, let last = logs.last else {
            borders = []
            return
        }
        let low = middles.first.map { first - ($0 - first) } ?? first - 0.5
        let high = middles.last.map { last + (last - $0) } ?? last + 0.5
        borders = [low] + middles + [high]
    }

    /// The part of epoch 0 and the logarithmic part, in pixels.
    var segments: [Range<Double>] {
        if borders.isEmpty { return [0..<length] }
        return hasZero ? [0..<Double(CellAxis.zeroCell), start..<length] : [0..<length]
    }

    /// Where an epoch stands, in pixels.
    func position(of epoch: Double) -> Double {
        guard epoch > 0 else { return borders.isEmpty ? length / 2 : Double(CellAxis.zeroCell) / 2 }
        return place(log(epoch))
    }

    /// The borders of an epoch's cell, in pixels.
    func cell(_ index: Int) -> (low: Double, high: Double) {
        if epochs[index] == 0 { return borders.isEmpty ? (0, length) : (0, Double(CellAxis.zeroCell)) }
        let border = hasZero ? index - 1 : index
        return (place(borders[border]), place(borders[border + 1]))
    }

    private func place(_ logarithm: Double) -> Double {
        guard let low = borders.first, let high = borders.last else { return 0 }
        return start + (length - start) * (logarithm - low) / (high - low)
    }

    /// Marks at 0, at the powers of ten and their multiples, and at the last epoch where it crowds no other.
    func ticks(isVertical: Bool) -> [CellAxis.Tick] {
        var ticks = hasZero ? [CellAxis.Tick(position: position(of: 0), text: "0")] : []
        guard let first = epochs.first(where: { $0 > 0 }), let last = epochs.last else { return ticks }
        var labelled = [0, 0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]
            .filter { $0 >= first && $0 <= last }
        if !labelled.contains(first), labelled.first.map({ $0 / first > 3 }) ?? true {
            labelled.insert(first, at: 0)
        }
        let room = isVertical ? 15 : SVG.width(of: last.axisText, size: PlotStyle.labelSize) + 9
        if let before = labelled.last, before != last {
            if position(of: last) - position(of: before) >= room {
                labelled.append(last)
            }
        }
        ticks += labelled.map { CellAxis.Tick(position: position(of: $0), text: $0.axisText) }
        var power = first < 0.1 ? 0.01 : first < 1 ? 0.1 : 1
        while power <= last, power < 100_000_000 {
            let minor = (2...9).map { Double($0) * power }.filter {
                $0 >= first && $0 <= last && !labelled.contains($0)
            }
            ticks += minor.map { CellAxis.Tick(position: position(of: $0), text: "") }
            power *= 10
        }
        return ticks
    }
}

extension Double {
    /// An epoch as axes show it: a part of one to two digits behind the point.
    fileprivate var axisText: String { ((self * 100).rounded() / 100).epochText }
}

public import LinearAlgebra
internal import Networks
public import Sweeps

/// The linear regions and classes of the square around three training samples, for pictures of them (Humayun, figure 1).
///
/// The regions of every measured epoch are counted, up to those that many rows can show; `layers.csv` gets the
/// pictures of a few epochs, because a picture is many rows. Which epochs those are, only the end tells: pictures are
/// carried as plain numbers until then.
public struct Partition: Probe {
    public static let entry = CatalogEntry(
        "partition", "Picture of the linear regions and classes around three training samples (Humayun).",
        options: [
            Option(
                "reach", .number(1e-6...100), standard: .number(PartitionPicture.standardReach),
                "Half the side of the square, as a multiple of how far the samples reach from their middle."),
            Option(
                "pictures", .integer(1...1000), standard: 1, unit: "epochs",
                "Measured epochs whose picture goes to `layers.csv`: the last, and from 2 on the first and others evenly "
                    + "between them."),
            Option(
                "rows", .integer(100...rowsMax), standard: 20_000, unit: "rows",
                "Most rows of one picture in `layers.csv`, about 7 a region; a larger one is not drawn, and its panel says so; "
                    + "regions with more than half as many corners are not even counted."),
        ])

    /// Rows of all pictures of a task: what a message has room for.
    private static let rowsMax = 100_000

    private let reach: Double
    private let pictureCount: Int
    private let rowsMax: Int

    public init(options: Setting) {
        reach = options.number("reach", default: PartitionPicture.standardReach)
        pictureCount = options.integer("pictures", default: 1)
        rowsMax = options.integer("rows", default: 20_000)
    }

    public var columns: [Column] {
        [Column("partition_regions", title: "linear regions around three samples", unit: "regions")]
    }

    public var layerMetrics: [LayerMetric] { PartitionPicture.metrics }

    public var figures: ReportSpec { ReportSpec(partitions: [ReportSpec.Partition()]) }

    public func problem(with subject: ProbeSubject) -> String? {
        if subject.trainCount < 3 {
            return "fewer than three training samples span no plane; take at least 3"
        }
        if pictureCount * rowsMax > Self.rowsMax {
            return
                "\(pictureCount) pictures of \(rowsMax) rows are more than the \(Self.rowsMax) rows that a task may "
                + "have; take fewer pictures or rows"
        }
        return LinearRegions(options: [:]).problem(with: subject)
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        // How many regions the square has is what the probe finds out. A guess from perceptrons on digits: every unit
        // bends along a line, and of two lines every fifth pair crosses.
        let units = Double(subject.hiddenUnitCounts.reduce(0, +))
        let zoom = reach / PartitionPicture.standardReach
        let corners = min(Double(rowsMax) / 2, 4 + 0.2 * units * units * min(zoom * zoom, 1))
        let seen = min(corners * units, Double(PlanePartition.valuesMax))
        return Cost(
            // In double precision, which takes twice as long.
            floatingPointOperations: 2 * subject.forwardOperations * corners,
            memoryBytes: 2 * subject.workspaceBytes(batch: PlanePartition.batchMax(subject.hiddenUnitCounts))
                + 8 * (Double(subject.parameterCount) + seen + Double(rowsMax)))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        // Every corner takes two rows at least: with more there is nothing to keep, and no need to go on.
        guard let picture = PartitionPicture(snapshot, reach: reach, cornersMax: rowsMax / 2) else {
            return ProbeReading(scalars: [.nan])
        }
        let kept = picture.rowCount <= rowsMax ? picture : picture.withoutCells
        let count = picture.cells.isEmpty ? nil : Double(picture.regionCount)
        return ProbeReading(scalars: [count], carried: kept.numbers)
    }

    /// Keeps the last picture that there is, and others evenly before it.
    public func conclude(_ readings: [ProbeReading]) -> [ProbeReading] {
        let taken = readings.indices.filter { !readings[$0].carried.isEmpty }
        let kept = Self.places(min(pictureCount, taken.count), of: taken.count).map { taken[$0] }
        return readings.enumerated().map { place, reading in
            let picture = kept.contains(place) ? PartitionPicture(numbers: reading.carried) : nil
            return ProbeReading(scalars: reading.scalars, layers: picture?.rows ?? [])
        }
    }

    /// So many of `total` places: the last, the first, and others evenly between them.
    static func places(_ count: Int, of total: Int) -> [Int] {
        if count == 0 { return [] }
        if count == 1 { return [total - 1] }
        // Rounded to the nearest, halves up.
        return (0..<count).map { (2 * $0 * (total - 1) + count - 1) / (2 * (count - 1)) }
    }
}

internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// The exact number of linear regions that a square around a training point meets (Humayun, figure 12).
///
/// The square of half-side r lies in a plane of two orthonormal directions, drawn once a task and shared by all points
/// and epochs. Counted in double precision whatever the network trains in; the column is the mean over the points.
/// Networks on images have thousands of units, most of which bend somewhere in a large square: there r should be small.
public struct LinearRegions: Probe {
    public static let entry = CatalogEntry(
        "linear-regions", "Exact count of linear regions on a plane (Humayun).",
        options: [
            .points(32, "Training samples around which regions are counted."),
            Option(
                "radius", .number(1e-9...1e9), standard: 0.05,
                "Half the side of the square, in units of the scaled input (r)."),
        ])

    private static let activations = ["relu", "leaky-relu", "identity"]

    private let pointCount: Int
    private let radius: Double

    public init(options: Setting) {
        pointCount = options.integer("points", default: 32)
        radius = options.number("radius", default: 0.05)
    }

    public var columns: [Column] {
        [Column("linear_regions", title: "linear regions of a plane", unit: "regions")]
    }

    public var layerMetrics: [LayerMetric] { [] }

    public var figures: ReportSpec {
        ReportSpec(curves: [ReportSpec.Curve(values: ["linear-regions"])])
    }

    public func problem(with subject: ProbeSubject) -> String? {
        if subject.inputCount < 2 { return "one input spans no plane; take images of at least two pixels" }
        let activation = subject.configuration["model.activation"]?.asText ?? "relu"
        if !Self.activations.contains(activation) {
            return "a network of \(activation) has no linear regions; take relu or leaky-relu"
        }
        return nil
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        // How many regions a square meets is what the probe finds out: a guess of 32 a layer, with as many corners.
        let corners = 32.0 * Double(subject.hiddenLayers.count)
        let seen = min(
            corners * Double(subject.hiddenUnitCounts.reduce(0, +)), Double(PlanePartition.valuesMax))
        return Cost(
            // In double precision, which takes twice as long.
            floatingPointOperations: 2 * subject.forwardOperations * points * corners,
            memoryBytes: 2 * subject.workspaceBytes(batch: PlanePartition.batchMax(subject.hiddenUnitCounts))
                + 8 * (Double(subject.parameterCount) + seen))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        guard snapshot.isFinite, let network = snapshot.network as? any PiecewiseLinear<Scalar> else {
            return ProbeReading(scalars: [.nan])
        }
        let inputCount = network.inputShape.count
        let frame = snapshot.scratch.value("linear-regions frame") {
            OrthonormalFrame.make(
                dimensions: inputCount, directions: 2, seed: snapshot.seed, stream: "linear-regions frame")
        }
        // Without a kink there is nothing to count.
        if !network.hasKinks { return ProbeReading(scalars: [1]) }
        let (wide, parameters) = network.inDoublePrecision(snapshot.parameters)
        let partition = PlanePartition(
            wide, parameters, across: (0..<inputCount).map { frame[2 * $0] },
            up: (0..<inputCount).map { frame[2 * $0 + 1] })
        let indices = snapshot.trainIndices(pointCount, stream: "linear-regions")
        var sum = 0
        for index in indices {
            let centre = snapshot.dataset.train.input(index).map(Double.init)
            // More than memory has room for: no mean is better than a wrong one.
            guard let pieces = partition.pieces(around: centre, radius: radius) else {
                return ProbeReading(scalars: [nil])
            }
            sum += pieces.count
        }
        return ProbeReading(scalars: [Double(sum) / Double(indices.count)])
    }
}

public import LinearAlgebra
internal import Networks
public import Sweeps

/// How many units change sign in a small neighbourhood of a point (Humayun, §3).
///
/// One orthonormal frame V [D × P] is drawn a task and used for all points, radii and epochs. The neighbourhood of x is
/// the cross-polytope with the 2P vertices x ± r·v; x itself is not among them. For each hidden layer, n(x) counts the
/// units whose pre-activations do not have one sign at all vertices (a zero is a sign of its own); the columns are the
/// means of their sum over the layers, over training, test and uniformly random points.
public struct LocalComplexity: Probe {
    public static let entry = CatalogEntry(
        "local-complexity", "Units that change sign near a point: density of linear regions (Humayun).",
        options: [
            Option(
                "radii", .numbers(1e-9...1e9), standard: [0.005, 0.05, 0.5],
                "Radii of the neighbourhoods, in units of the scaled input."),
            Option(
                "directions", .integer(1...100_000), standard: 25, unit: "directions",
                "Orthonormal directions; a neighbourhood has twice as many vertices."),
            Option(
                "points", .integer(1...10_000_000), standard: 300, unit: "points",
                "Points of each set: training, test, random."),
            Option(
                "include-output", .boolean, standard: false,
                "Whether the logits count as units, as in the paper's released script."),
        ])

    let radii: [Double]
    let directionCount: Int
    let pointCount: Int
    let includesOutput: Bool

    public init(options: Setting) {
        let listed =
            options["radii"]?.asList?.compactMap(\.asNumber) ?? options["radii"]?.asNumber.map { [$0] }
        radii = listed ?? [0.005, 0.05, 0.5]
        directionCount = Int(options["directions"]?.asNumber ?? 25)
        pointCount = Int(options["points"]?.asNumber ?? 300)
        includesOutput = options["include-output"]?.asBoolean ?? false
    }

    /// Where the points come from, in the order of the columns.
    enum PointSet: String, CaseIterable {
        case train
        case test
        case random
    }

    public var columns: [Column] {
        PointSet.allCases.flatMap { set in
            radii.map { radius in
                Column(
                    "local_complexity_\(set.rawValue)_r\(radius.shortestText)",
                    title: "local complexity, \(set.rawValue) points, r = \(radius.shortestText)",
                    unit: "units")
            }
        }
    }

    public var layerMetrics: [LayerMetric] {
        PointSet.allCases.map {
            LayerMetric(
                "local_complexity_\($0.rawValue)", title: "local complexity at \($0.rawValue) points",
                by: "radius")
        }
    }

    public func problem(with subject: ProbeSubject) -> String? {
        guard directionCount > subject.inputCount else { return nil }
        return
            "directions is \(directionCount), but there are only \(subject.inputCount) orthonormal directions in "
            + "\(subject.inputCount) dimensions; take at most \(subject.inputCount)"
    }

    public var figures: ReportSpec {
        ReportSpec(profiles: [ReportSpec.Profile(values: ["local-complexity-train"], x: "epoch")])
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let isAffine = subject.hasAffineFirstLayer
        let first = isAffine ? 2 * Double(subject.inputCount * (subject.hiddenUnitCounts.first ?? 0)) : 0
        let pointCounts = [subject.trainCount, subject.testCount, pointCount].map {
            Double(min($0, pointCount))
        }
        let points = pointCounts.reduce(0, +)
        let vertices = points * Double(2 * directionCount * radii.count)
        let needsPasses = !isAffine || subject.hiddenLayers.count > 1 || includesOutput
        let tail = needsPasses ? vertices * (subject.forwardOperations - first) : 0
        let batch = Self.batchMax(hasAffineFirstLayer: isAffine)
        return Cost(
            floatingPointOperations: first * (points + Double(directionCount + 1)) + tail,
            memoryBytes: 4 * points * Double(subject.inputCount) + subject.workspaceBytes(batch: batch)
                + Double(batch * subject.hiddenUnitCounts.reduce(0, +)))
    }

    /// Vertices that go through a network together.
    ///
    /// Networks on images, which have no opening, work in blocks of 16: one block stays in the cache from layer to
    /// layer.
    static func batchMax(hasAffineFirstLayer: Bool) -> Int { hasAffineFirstLayer ? 512 : ImageBlock.lanes }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let neighbourhoods = snapshot.scratch.value("local-complexity") {
            let dimensions = snapshot.network.inputShape.count
            return Neighbourhoods(
                snapshot, frame: frame(dimensions: dimensions, seed: snapshot.seed), probe: self)
        }
        return reading(of: neighbourhoods, snapshot)
    }

    /// Measures with given directions instead of drawn ones, and keeps nothing: for comparisons with other programs.
    ///
    /// - Parameters:
    ///   - snapshot: What to measure.
    ///   - frame: The directions v as columns of a row-major [D × P] array, each of length 1.
    /// - Returns: The same values as for a drawn frame.
    package func measure<Scalar: Real>(_ snapshot: Snapshot<Scalar>, frame: [Double]) -> ProbeReading {
        let expected = snapshot.network.inputShape.count * directionCount
        precondition(frame.count == expected, "a frame of \(frame.count) numbers instead of \(expected)")
        return reading(of: Neighbourhoods(snapshot, frame: frame, probe: self), snapshot)
    }

    /// The directions v as columns of a row-major [D × P] array: the same for all epochs of a task.
    package func frame(dimensions: Int, seed: UInt64) -> [Double] {
        OrthonormalFrame.make(
            dimensions: dimensions, directions: directionCount, seed: seed, stream: "local-complexity frame")
    }

    /// Means over the points of each set, per radius and per layer.
    private func reading<Scalar: Real>(
        of neighbourhoods: Neighbourhoods<Scalar>, _ snapshot: Snapshot<Scalar>
    ) -> ProbeReading {
        var scalars: [Double?] = []
        var layers: [LayerValue] = []
        neighbourhoods.follow(snapshot)
        let block = snapshot.parameters.buffer
        // A sign of NaN means nothing: a network that has diverged has no local complexity.
        let isDefined = Scalar.countNonFinite(block.pointer, count: block.count) == 0
        for set in PointSet.allCases {
            let counts = neighbourhoods.counts(set, snapshot)
            for (radius, perLayer) in counts.enumerated() {
                scalars.append(isDefined ? perLayer.reduce(0, +) : .nan)
                for (layer, mean) in perLayer.enumerated() {
                    layers.append(
                        LayerValue(
                            metric: "local_complexity_\(set.rawValue)", layer: layer + 1, index: radius,
                            value: isDefined ? mean : .nan))
                }
            }
        }
        return ProbeReading(scalars: scalars, layers: layers)
    }
}

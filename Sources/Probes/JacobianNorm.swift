internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// The mean norm of the loss's gradient with respect to the input: Gamba, equation 2.
///
/// J(x) = ∇ₓ ℓ(f(x), y) with the assigned label, in units of the scaled input; the columns are means of ‖J(x)‖₂ over
/// all chosen training points, over the clean and over the noisy ones.
public struct JacobianNorm: Probe {
    public static let entry = CatalogEntry(
        "jacobian-norm", "Mean norm of the loss's gradient with respect to the input (Gamba).",
        options: [
            Option(
                "points", .integer(1...10_000_000), standard: 1024, unit: "samples",
                "Training samples looked at, clean and noisy in proportion; all where there are fewer.")
        ])

    /// Examples that go through the network at once.
    private static let batchMax = 128

    private let pointCount: Int

    public init(options: Setting) { pointCount = Int(options["points"]?.asNumber ?? 1024) }

    public var columns: [Column] {
        [
            Column("jacobian_norm", title: "Jacobian norm"),
            Column("jacobian_norm_clean", title: "Jacobian norm, clean samples"),
            Column("jacobian_norm_noisy", title: "Jacobian norm, noisy samples"),
        ]
    }

    public var layerMetrics: [LayerMetric] { [] }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        return Cost(
            floatingPointOperations: 2 * subject.forwardOperations * points,
            memoryBytes: 4
                * (subject.workspaceCount * Double(Self.batchMax) + Double(subject.inputCount) * points))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let points = snapshot.scratch.value("jacobian-norm points") { Points(snapshot, count: pointCount) }
        let workspace = snapshot.scratch.value("jacobian-norm workspace") {
            snapshot.network.makeWorkspace(batchMax: min(Self.batchMax, points.samples.count))
        }
        var squares = [Double](repeating: 0, count: points.samples.count)
        var start = 0
        while start < squares.count {
            let batch = min(workspace.batchMax, squares.count - start)
            squares.withUnsafeMutableBufferPointer { squares in
                guard let target = squares.baseAddress else { return }
                gradientSquares(snapshot, points, workspace, from: start, batch: batch, into: target + start)
            }
            start += batch
        }
        return points.means(of: squares.map { $0.squareRoot() })
    }

    /// ‖J(x)‖² of a batch of points into `squares` [B].
    private func gradientSquares<Scalar: Real>(
        _ snapshot: Snapshot<Scalar>, _ points: Points<Scalar>, _ workspace: Workspace<Scalar>,
        from start: Int,
        batch: Int, into squares: UnsafeMutablePointer<Double>
    ) {
        let inputs = points.samples.inputs
        let window = Matrix(inputs.pointer + start, rows: inputs.rows, columns: batch, stride: inputs.stride)
        workspace.input.firstColumns(batch).copy(from: window)
        snapshot.network.forward(snapshot.parameters, workspace, batch: batch)
        points.labels.withUnsafeBufferPointer { labels in
            guard let first = labels.baseAddress else { return }
            // The sum of the losses: each column's gradient is its own example's.
            snapshot.loss.gradient(
                workspace.logits.firstColumns(batch), labels: first + start, scale: 1,
                into: workspace.logitGradient.firstColumns(batch))
        }
        snapshot.network.backward(
            snapshot.parameters, workspace, batch: batch, gradients: nil, needsInputGradient: true)
        Scalar.columnSquares(workspace.inputGradient.firstColumns(batch), into: squares)
    }
}

/// The training points of one task.
private final class Points<Scalar: Real> {
    let samples: SamplePoints<Scalar>
    let labels: [Int32]
    private let isNoisy: [Bool]

    init(_ snapshot: Snapshot<Scalar>, count: Int) {
        let train = snapshot.dataset.train
        let indices = train.stratifiedIndices(
            count: count, seed: snapshot.seed, stream: "jacobian-norm points")
        samples = SamplePoints(train, at: indices)
        labels = indices.map { train.labelsAssigned[$0] }
        isNoisy = indices.map(train.isNoisy)
    }

    /// The three columns from each point's norm, summed in the order of the points.
    func means(of norms: [Double]) -> ProbeReading {
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let noisy = zip(norms, isNoisy).filter { $0.1 }.map { $0.0 }
        let clean = zip(norms, isNoisy).filter { !$0.1 }.map { $0.0 }
        let hasNoise = !noisy.isEmpty
        return ProbeReading(scalars: [
            mean(norms), hasNoise && !clean.isEmpty ? mean(clean) : nil, hasNoise ? mean(noisy) : nil,
        ])
    }
}

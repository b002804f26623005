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

    public func gaps(for subject: ProbeSubject) -> [ProbeGap] {
        subject.gapsWithoutNoise("jacobian_norm_clean and jacobian_norm_noisy")
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        return Cost(
            floatingPointOperations: 2 * subject.forwardOperations * points,
            memoryBytes: subject.workspaceBytes(batch: Self.batchMax, for: .joined)
                + 4 * Double(subject.inputCount) * points)
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let points = snapshot.scratch.value("jacobian-norm points") {
            TrainingPoints(snapshot, count: pointCount)
        }
        let inputs = snapshot.scratch.value("jacobian-norm inputs") {
            SamplePoints<Scalar>(snapshot.dataset.train, at: points.indices)
        }.inputs
        let workspace = snapshot.scratch.value("jacobian-norm workspace") {
            snapshot.network.makeWorkspace(batchMax: min(Self.batchMax, points.count), for: .joined)
        }
        var squares = [Double](repeating: 0, count: points.count)
        var start = 0
        while start < squares.count {
            let batch = min(workspace.batchMax, squares.count - start)
            squares.withUnsafeMutableBufferPointer { squares in
                guard let target = squares.baseAddress else { return }
                gradientSquares(
                    snapshot, inputs, points.labels, workspace, from: start, batch: batch,
                    into: target + start)
            }
            start += batch
        }
        return ProbeReading(scalars: points.means(of: squares.map { $0.squareRoot() }))
    }

    /// ‖J(x)‖² of a batch of points into `squares` [B].
    private func gradientSquares<Scalar: Real>(
        _ snapshot: Snapshot<Scalar>, _ inputs: Matrix<Scalar>, _ labels: [Int32],
        _ workspace: Workspace<Scalar>, from start: Int, batch: Int,
        into squares: UnsafeMutablePointer<Double>
    ) {
        workspace.input.firstColumns(batch).copy(from: inputs.columns(start..<start + batch))
        snapshot.differentiateByInputs(workspace, labels: labels, from: start, batch: batch)
        Scalar.columnSquares(workspace.inputGradient.firstColumns(batch), into: squares)
    }
}

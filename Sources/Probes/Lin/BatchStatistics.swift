internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// Test loss and error with the statistics of each test batch in place of the running averages: Lin, figures 3 and 7.
///
/// The rise of the test loss that Lin sees with running averages goes away with those of the batch; it is not the
/// double descent of the other papers.
public struct BatchStatistics: Probe {
    public static let entry = CatalogEntry(
        "batch-statistics",
        "Test loss and error when batch normalisation uses the test batch's statistics (Lin).",
        options: [
            Option(
                "batch", .integer(2...256), standard: 100, unit: "samples",
                "Test samples that are normalised together.")
        ])

    private let batch: Int

    public init(options: Setting) { batch = options.integer("batch", default: 100) }

    public var columns: [Column] {
        [
            Column("test_loss_batch_statistics", title: "test loss, batch statistics"),
            Column("test_error_batch_statistics", title: "test error, batch statistics", unit: "fraction"),
        ]
    }

    public var layerMetrics: [LayerMetric] { [] }

    public func gaps(for subject: ProbeSubject) -> [ProbeGap] {
        if subject.hasBatchNorm { return [] }
        return [
            ProbeGap(
                "test_loss_batch_statistics and test_error_batch_statistics stay empty, because the model has no "
                    + "batch normalisation; set model.batch-norm: true", isRefusedEverywhere: true)
        ]
    }

    public var figures: ReportSpec {
        ReportSpec(curves: [ReportSpec.Curve(values: ["test-loss", "test-loss-batch-statistics"])])
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        Cost(
            floatingPointOperations: Double(subject.testCount) * subject.forwardOperations,
            memoryBytes: subject.workspaceBytes(batch: SignalReader<Float>.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        guard snapshot.network.hasBatchNorm else { return ProbeReading(scalars: [nil, nil]) }
        guard snapshot.isFinite else { return ProbeReading(scalars: [.nan, .nan]) }
        let samples = snapshot.dataset.test
        let workspace = SignalReader.shared(snapshot).workspace
        let losses = Buffer<Scalar>(count: SignalReader<Scalar>.batchMax)
        var (start, sum, correct) = (0, 0.0, 0)
        while start < samples.count {
            let indices = Array(start..<min(start + batch, samples.count))
            let labels = indices.map { samples.labelsTrue[$0] }
            samples.gather(indices, into: workspace.input.firstColumns(indices.count))
            snapshot.network.forward(
                snapshot.parameters, workspace, batch: indices.count, pass: ForwardPass(normalization: .batch)
            )
            let logits = workspace.logits.firstColumns(indices.count)
            snapshot.loss.values(logits, labels: labels, into: losses.pointer)
            sum += Scalar.sum(losses.pointer, count: indices.count)
            correct += logits.correctCount(labels)
            start += indices.count
        }
        let count = Double(samples.count)
        return ProbeReading(scalars: [sum / count, 1 - Double(correct) / count])
    }
}

public import Datasets
public import LinearAlgebra
public import Networks

/// Measures the ``Metrics`` of a network: one forward pass over the training and the test samples.
///
/// Memory is allocated once. Samples are taken in their own order, in batches of the workspace's size; with the
/// statistics of batches, in equal shares of at most the training's batch (none is smaller than the others by more than
/// one, so that no small rest is normalised by itself).
/// Letters: B examples in a batch, D inputs, K classes, N samples.
public final class Evaluator<Scalar: Real> {
    /// Smaller batches than this waste most of the time on calls.
    public static var batchMin: Int { 64 }

    private let network: any Network<Scalar>
    private let loss: any Loss<Scalar>
    private let dataset: Dataset
    private let workspace: Workspace<Scalar>
    private let normalization: Normalization
    private let batchMax: Int
    /// 0, 1 … N − 1.
    private let order: [Int]
    /// Whether any training label is wrong.
    private let hasNoise: Bool
    /// [B], a batch's losses as the kernel gives them.
    private let losses: Buffer<Scalar>
    /// [B], a batch's losses against the assigned labels, and against the true ones.
    private let lossesAssigned: Buffer<Double>
    private let lossesTrue: Buffer<Double>
    /// [B], a batch's predicted classes.
    private let predictions: Buffer<Int32>
    private let gatherer: BatchGatherer<Scalar>

    /// - Parameters:
    ///   - network: What is measured.
    ///   - loss: The loss whose mean is reported.
    ///   - dataset: The samples.
    ///   - workspace: Activations to compute in; may be shared with a trainer, whose turn it is not.
    ///   - normalization: Which statistics batch normalisation uses; never `training`.
    ///   - batchMax: Samples whose statistics are taken together; by default as many as the workspace holds.
    /// - Precondition: `batchMax` fits into the workspace.
    public init(
        network: any Network<Scalar>, loss: any Loss<Scalar>, dataset: Dataset, workspace: Workspace<Scalar>,
        normalization: Normalization = .running, batchMax: Int? = nil
    ) {
        precondition(normalization != .training, "measuring would move the running statistics")
        let normalization = network.hasBatchNorm ? normalization : .running
        let batchMax = normalization == .batch ? batchMax ?? workspace.batchMax : workspace.batchMax
        precondition(batchMax <= workspace.batchMax, "\(batchMax) samples for \(workspace.batchMax) places")
        self.normalization = normalization
        self.batchMax = batchMax
        self.network = network
        self.loss = loss
        self.dataset = dataset
        self.workspace = workspace
        order = Array(0..<max(dataset.train.count, dataset.test.count))
        hasNoise = dataset.train.labelsTrue != dataset.train.labelsAssigned
        losses = Buffer(count: workspace.batchMax)
        lossesAssigned = Buffer(count: workspace.batchMax)
        lossesTrue = Buffer(count: workspace.batchMax)
        predictions = Buffer(count: workspace.batchMax)
        gatherer = BatchGatherer(batchMax: workspace.batchMax)
    }

    /// The metrics at these parameters.
    public func measure(_ parameters: ParameterBlock<Scalar>) -> Metrics {
        var metrics = Metrics()
        forEachBatch(of: dataset.train, parameters) { start, count in
            addTrain(from: start, count: count, to: &metrics)
        }
        forEachBatch(of: dataset.test, parameters) { start, count in
            evaluate(dataset.test.labelsTrue, from: start, count: count, into: lossesTrue)
            for place in 0..<count {
                let isWrong = predictions.pointer[place] != dataset.test.labelsTrue[start + place]
                metrics.test.add(loss: lossesTrue.pointer[place], isWrong: isWrong)
            }
        }
        return metrics
    }
}

extension Evaluator {
    /// Runs the samples forward batch by batch; `body` finds logits and predictions of samples `start`… in place.
    private func forEachBatch(
        of samples: Samples, _ parameters: ParameterBlock<Scalar>,
        _ body: (_ start: Int, _ count: Int) -> Void
    ) {
        let shareCount = (samples.count + batchMax - 1) / batchMax
        var start = 0
        for share in 0..<shareCount {
            let end =
                normalization == .batch
                ? (share + 1) * samples.count / shareCount : min(start + batchMax, samples.count)
            let count = end - start
            gatherer.gather(samples, order, from: start, count: count, into: workspace)
            network.forward(
                parameters, workspace, batch: count, pass: ForwardPass(normalization: normalization))
            Scalar.argmax(workspace.logits.firstColumns(count), into: predictions.pointer)
            body(start, count)
            start = end
        }
    }

    /// The losses of the batch against `labels[start...]`.
    private func evaluate(_ labels: [Int32], from start: Int, count: Int, into wide: Buffer<Double>) {
        labels.withUnsafeBufferPointer { labels in
            guard let first = labels.baseAddress else { return }
            loss.values(workspace.logits.firstColumns(count), labels: first + start, into: losses.pointer)
        }
        widen(losses.pointer, count: count, into: wide.pointer)
    }

    /// Adds a batch of training samples to every group that they belong to.
    private func addTrain(from start: Int, count: Int, to metrics: inout Metrics) {
        let samples = dataset.train
        evaluate(samples.labelsAssigned, from: start, count: count, into: lossesAssigned)
        if hasNoise { evaluate(samples.labelsTrue, from: start, count: count, into: lossesTrue) }
        for place in 0..<count {
            let (assigned, shown) = (samples.labelsAssigned[start + place], samples.labelsTrue[start + place])
            let prediction = predictions.pointer[place]
            let loss = lossesAssigned.pointer[place]
            metrics.train.add(loss: loss, isWrong: prediction != assigned)
            if assigned == shown {
                metrics.clean.add(loss: loss, isWrong: prediction != assigned)
            } else {
                metrics.noisy.add(loss: loss, isWrong: prediction != assigned)
                metrics.noisyTrue.add(loss: lossesTrue.pointer[place], isWrong: prediction != shown)
            }
        }
    }
}

/// Copies numbers of either precision as `Double`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func widen<Scalar: Real>(
    _ numbers: UnsafePointer<Scalar>, count: Int, into wide: UnsafeMutablePointer<Double>
) {
    for index in 0..<count { wide[index] = Double(numbers[index]) }
}

internal import Basics
public import Datasets
public import LinearAlgebra
public import Networks

/// Trains one network on one set of samples, epoch by epoch.
///
/// All memory is allocated at the start: parameters, gradients and optimiser state are one block each, activations
/// are sized for one batch, and a step allocates nothing.
///
///     let trainer = try Trainer(network: network, loss: loss, recipe: recipe, samples: dataset.train, seed: 7)
///     while trainer.epoch < 400, !trainer.hasDiverged { trainer.runEpoch() }
///
/// The same arguments give the same bits on the same numeric profile, however often and wherever they run.
/// Letters: B examples in a batch, D inputs, K classes, N samples, P parameters.
public final class Trainer<Scalar: Real> {
    public let network: any Network<Scalar>
    public let loss: any Loss<Scalar>
    public let recipe: TrainingRecipe
    /// [P] and the running statistics behind, where the network stands now.
    public let parameters: ParameterBlock<Scalar>
    /// Activations of one batch; free for others between epochs.
    public let workspace: Workspace<Scalar>
    /// Whole passes over the samples so far.
    public internal(set) var epoch = 0
    /// Optimiser steps so far.
    public internal(set) var step = 0
    /// Whether a parameter has stopped being finite, seen at the end of the epoch or call in which it did.
    ///
    /// Parameters alone decide: a loss may overflow and come back, while a NaN among the weights stays for ever.
    public internal(set) var hasDiverged: Bool

    private let samples: Samples
    private let seed: UInt64
    private let gradients: ParameterBlock<Scalar>
    let optimizerState: OptimizerState<Scalar>
    private let gatherer: BatchGatherer<Scalar>
    private var order: [Int]
    /// The epoch that ``order`` was drawn for; `nil` before the first.
    var orderEpoch: Int?

    /// A trainer at epoch 0, its parameters drawn from the seed by the network's own scheme.
    ///
    /// - Parameters:
    ///   - network: What is trained.
    ///   - loss: What is minimised: its mean over the samples, against the assigned labels.
    ///   - recipe: Optimiser, learning rate and batch.
    ///   - samples: The training set.
    ///   - seed: The task's seed: initial weights and batch order come from named streams of it.
    /// - Throws: ``TrainingError`` where the batches do not fit the samples or the network.
    public init(
        network: any Network<Scalar>, loss: any Loss<Scalar>, recipe: TrainingRecipe, samples: Samples,
        seed: UInt64
    ) throws(TrainingError) {
        try recipe.check(sampleCount: samples.count, batchMin: network.batchMin)
        if recipe.cropsAndFlips, let problem = CropFlip.problem(with: samples.shape) {
            throw .augmentation(problem)
        }
        self.network = network
        self.loss = loss
        self.recipe = recipe
        self.samples = samples
        self.seed = seed
        parameters = ParameterBlock(network.layout)
        network.initialize(parameters, seed: seed)
        hasDiverged = !parameters.isFinite
        gradients = ParameterBlock(network.layout.trainable)
        optimizerState = OptimizerState(for: recipe.optimizer, layout: network.layout)
        workspace = network.makeWorkspace(
            batchMax: Workspace<Scalar>.places(for: recipe.batch), for: .joined)
        gatherer = BatchGatherer(
            batchMax: recipe.batch,
            augmented: recipe.cropsAndFlips
                ? AugmentedBatch(CropFlip(seed: seed), of: samples, batchMax: recipe.batch) : nil)
        order = Array(0..<samples.count)
    }

    /// [B], the labels of the latest step's batch.
    package var batchLabels: UnsafePointer<Int32> { UnsafePointer(gatherer.labels.pointer) }

    /// Optimiser steps of one epoch: the last batch may be smaller than the others.
    public var stepsPerEpoch: Int { (samples.count + recipe.batch - 1) / recipe.batch }

    /// One pass over all samples in an order drawn for this epoch.
    public func runEpoch() { run(toStep: (epoch + 1) * stepsPerEpoch) }

    /// Takes steps until there have been `end`, which may be in the middle of an epoch: the next call goes on there.
    ///
    /// - Precondition: No more than `end` steps have been taken.
    public func run(toStep end: Int) {
        precondition(step <= end, "step \(end) is over: there have been \(step)")
        while step < end {
            if orderEpoch != epoch {
                drawOrder(seed: seed, epoch: epoch, into: &order)
                orderEpoch = epoch
            }
            let start = (step - epoch * stepsPerEpoch) * recipe.batch
            takeStep(from: start, batch: min(recipe.batch, samples.count - start))
            if step == (epoch + 1) * stepsPerEpoch { epoch += 1 }
        }
        if !hasDiverged { hasDiverged = !parameters.isFinite }
    }
}

extension Trainer {
    /// One step on the samples at `start`..<`start + batch` of the order.
    package func takeStep(from start: Int, batch: Int) {
        gatherer.gather(
            samples, order, from: start, count: batch, epoch: epoch, into: workspace)
        network.differentiate(
            parameters, workspace, batch: batch, normalization: .training, gradients: gradients,
            needsInputGradient: false
        ) { examples in
            loss.gradient(
                workspace.logits.columns(examples), labels: gatherer.labels.pointer + examples.lowerBound,
                scale: 1 / Scalar(batch), into: workspace.logitGradient.columns(examples))
        }
        let rate = recipe.learningRate.rate(atStep: step, stepsPerEpoch: stepsPerEpoch)
        recipe.optimizer.step(parameters, gradients: gradients, state: optimizerState, learningRate: rate)
        step += 1
    }
}

/// Puts indices in the order of an epoch: a function of seed and epoch alone, so that training can be taken up again
/// at any epoch.
///
/// Fisher and Yates, as ``Basics/SeededGenerator/shuffle(_:)``, in a loop of one type over an array of no class: a
/// narrow network's epoch takes no longer than a careless shuffle.
private func drawOrder(seed: UInt64, epoch: Int, into order: inout [Int]) {
    var generator = SeededGenerator(seed: seed, stream: "batch order \(epoch)")
    for index in order.indices { order[index] = index }
    var remaining = order.count
    while remaining > 1 {
        let chosen = generator.index(below: remaining)
        remaining -= 1
        order.swapAt(chosen, remaining)
    }
}

extension ParameterBlock {
    /// Whether no parameter is infinite or NaN.
    fileprivate var isFinite: Bool { Scalar.countNonFinite(buffer.pointer, count: count) == 0 }
}

/// How a network is trained: the optimiser, its learning rate, and how many samples a step sees.
public struct TrainingRecipe: Sendable {
    public let optimizer: any Optimizer
    public let learningRate: LearningRate
    /// Samples a step (B).
    public let batch: Int
    /// Whether each training image is cropped and mirrored at random, anew in each epoch.
    public let cropsAndFlips: Bool

    /// - Precondition: `batch` is positive.
    public init(
        optimizer: any Optimizer, learningRate: LearningRate, batch: Int, cropsAndFlips: Bool = false
    ) {
        precondition(batch > 0, "a batch of \(batch) samples")
        self.optimizer = optimizer
        self.learningRate = learningRate
        self.batch = batch
        self.cropsAndFlips = cropsAndFlips
    }

    /// Refuses batches that the samples cannot fill or that are too small for the network.
    ///
    /// - Parameters:
    ///   - sampleCount: Training samples (N).
    ///   - batchMin: The fewest samples that the network can train on at once.
    /// - Throws: ``TrainingError`` naming the key.
    public func check(sampleCount: Int, batchMin: Int) throws(TrainingError) {
        if sampleCount == 0 { throw .noSamples }
        if batch > sampleCount { throw .batchExceedsSamples(batch: batch, samples: sampleCount) }
        let last = (sampleCount - 1) % batch + 1
        if last < batchMin { throw .batchTooSmall(batch: batch, last: last, least: batchMin) }
    }
}

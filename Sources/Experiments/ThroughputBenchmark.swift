public import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
public import Sweeps
internal import Training

/// Measures how long one training step and one input gradient of a network take, in single precision on one thread.
///
/// Floating-point operations are counted as 2 for each multiply-add of a linear layer or convolution, times 3 for a
/// training step and times 2 for an input gradient, whatever the implementation saves.
public struct ThroughputBenchmark: Sendable {
    /// The section `model` of a configuration.
    public let model: Setting
    public let input: ImageShape
    public let classCount: Int
    /// Examples a step (B).
    public let batch: Int

    public init(model: Setting, input: ImageShape, classCount: Int = 10, batch: Int) {
        self.model = model
        self.input = input
        self.classCount = classCount
        self.batch = batch
    }

    /// What took how long.
    public struct Timing: Hashable, Sendable {
        /// `train_step` or `jacobian`.
        public let kind: String
        /// Median over the repetitions.
        public let millisecondsMedian: Double
        /// Thousand millions of floating-point operations a second at the median.
        public let gigaflops: Double
    }

    /// Times both kinds: each until `timeMin` has passed, and at least `repetitionsMin` times after a warm-up.
    ///
    /// - Throws: ``TaskError`` for a model that the catalog cannot make.
    public func measure(
        timeMin: Duration, repetitionsMin: Int = 10, now: () -> Instant
    ) throws(TaskError) -> [Timing] {
        let network: any Network<Float> = try TaskPlan.makeNetwork(
            model, input: input, classCount: classCount)
        let loss: any Loss<Float> = try TaskPlan.makeLoss("cross-entropy")
        let trainer: Trainer<Float>
        do {
            trainer = try Trainer(
                network: network, loss: loss,
                recipe: TrainingRecipe(optimizer: Adam(), learningRate: LearningRate(1e-4), batch: batch),
                samples: randomSamples(), seed: 0)
        } catch {
            throw .invalid(error.description)
        }
        let forward = network.forwardOperations * Double(batch)
        let step = median(timeMin, repetitionsMin, now) { trainer.takeStep(from: 0, batch: batch) }
        let jacobian = median(timeMin, repetitionsMin, now) {
            let workspace = trainer.workspace
            network.differentiate(
                trainer.parameters, workspace, batch: batch, normalization: .running, gradients: nil,
                needsInputGradient: true
            ) { examples in
                loss.gradient(
                    workspace.logits.columns(examples), labels: trainer.batchLabels + examples.lowerBound,
                    scale: 1, into: workspace.logitGradient.columns(examples))
            }
        }
        return [
            Timing("train_step", seconds: step, operations: 3 * forward),
            Timing("jacobian", seconds: jacobian, operations: 2 * forward),
        ]
    }
}

extension ThroughputBenchmark.Timing {
    fileprivate init(_ kind: String, seconds: Double, operations: Double) {
        self.kind = kind
        millisecondsMedian = seconds * 1e3
        gigaflops = seconds > 0 ? operations / seconds / 1e9 : 0
    }
}

extension ThroughputBenchmark {
    /// One batch of random images with labels, as bytes: what data sets hold.
    private func randomSamples() -> Samples {
        var generator = SeededGenerator(seed: 0, stream: "benchmark samples")
        let labels = (0..<batch).map { _ in Int32(generator.index(below: classCount)) }
        let bytes = (0..<batch * input.count).map { _ in UInt8(generator.index(below: 256)) }
        // Mean 0 and deviation 1 of uniform bytes.
        let scaling = ChannelScaling(mean: 0.5, deviation: 0.29)
        return Samples(
            shape: input, bytes: bytes, scaling: [ChannelScaling](repeating: scaling, count: input.channels),
            labelsTrue: labels, labelsAssigned: labels)
    }

    /// The median time of `body`, in seconds.
    private func median(
        _ timeMin: Duration, _ repetitionsMin: Int, _ now: () -> Instant, _ body: () -> Void
    ) -> Double {
        for _ in 0..<3 { body() }
        let start = now()
        var times: [Duration] = []
        while times.count < repetitionsMin || now() - start < timeMin {
            let before = now()
            body()
            times.append(now() - before)
        }
        return times.sorted()[times.count / 2].inSeconds
    }
}

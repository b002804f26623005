import Basics
import Datasets
import LinearAlgebra
import Networks
import Sweeps
import TestSupport
import Testing
import Training

@Suite("Trainer")
struct TrainerTests {
    private func train<Scalar: Real>(
        _: Scalar.Type, seed: UInt64 = 3, batch: Int = 10, epochs: Int = 3, rate: Double = 0.01
    ) throws -> Trainer<Scalar> {
        let trainer = try makeTrainer(Scalar.self, seed: seed, batch: batch, rate: rate)
        for _ in 0..<epochs { trainer.runEpoch() }
        return trainer
    }

    private func makeTrainer<Scalar: Real>(
        _: Scalar.Type, seed: UInt64 = 3, batch: Int = 10, rate: Double = 0.01, sampleCount: Int = 45
    ) throws -> Trainer<Scalar> {
        let samples = randomSamples(sampleCount)
        return try Trainer(
            network: makeMLP(inputShape: samples.shape, hidden: [7], classCount: 3),
            loss: CrossEntropy<Scalar>(),
            recipe: TrainingRecipe(optimizer: Adam(), learningRate: LearningRate(rate), batch: batch),
            samples: samples, seed: seed)
    }

    @Test("gives the same bits for the same seed and others for another, in either precision")
    func sameBits() throws {
        func bits<Scalar: Real>(_ seed: UInt64, _: Scalar.Type) throws -> [Scalar] {
            try train(Scalar.self, seed: seed).parameters.buffer.array
        }
        #expect(try bits(1, Float.self) == bits(1, Float.self))
        #expect(try bits(1, Float.self) != bits(2, Float.self))
        #expect(try bits(1, Double.self) == bits(1, Double.self))
        #expect(try bits(1, Double.self) != bits(2, Double.self))
    }

    @Test("draws the same first weights whatever the batches are")
    func initialWeights() throws {
        let small = try makeTrainer(Float.self, batch: 1).parameters.buffer.array
        let large = try makeTrainer(Float.self, batch: 45).parameters.buffer.array
        #expect(small == large)
        #expect(Set(small).count > 10)
    }

    @Test("training cut into any pieces of steps gives the bits of whole epochs")
    func piecesOfSteps() throws {
        let whole = try train(Float.self, epochs: 3).parameters.buffer.array
        for pieces in [[15], [1, 2, 4, 5, 6, 14, 15], [7, 7, 15], Array(1...15)] {
            let trainer = try makeTrainer(Float.self)
            for end in pieces { trainer.run(toStep: end) }
            #expect(trainer.parameters.buffer.array == whole, "\(pieces)")
            #expect(trainer.epoch == 3)
        }
        let trainer = try makeTrainer(Float.self)
        trainer.run(toStep: 7)
        #expect(trainer.epoch == 1)
        #expect(trainer.step == 7)
        trainer.runEpoch()
        #expect(trainer.step == 10, "to the end of the epoch under way")
    }

    @Test("takes a last smaller batch instead of dropping samples")
    func lastBatch() throws {
        let trainer = try train(Float.self, batch: 10, epochs: 2)
        #expect(trainer.stepsPerEpoch == 5)
        #expect(trainer.step == 10)
        #expect(trainer.epoch == 2)
    }

    @Test("shows every sample once an epoch, in an order that changes from epoch to epoch")
    func everySampleOnce() throws {
        let samples = randomSamples(23)
        let network = RecordingNetwork(inputShape: samples.shape)
        let trainer = try Trainer(
            network: network, loss: TenMinusLogit<Double>(),
            recipe: TrainingRecipe(
                optimizer: StochasticGradientDescent(), learningRate: LearningRate(0), batch: 4),
            samples: samples, seed: 8)
        trainer.runEpoch()
        let first = network.seen.values
        trainer.runEpoch()
        let second = Array(network.seen.values[first.count...])
        let all = stride(from: 0, to: samples.inputs.count, by: samples.shape.count).map {
            Double(samples.inputs[$0])
        }
        #expect(first.sorted() == all.sorted())
        #expect(second.sorted() == all.sorted())
        #expect(first != second)
        #expect(network.seen.batches == [4, 4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 3])
    }

    @Test("lowers the loss of what it is shown")
    func learns() throws {
        let trainer = try makeTrainer(Float.self)
        let samples = randomSamples(45)
        let dataset = Dataset(train: samples, test: samples, classCount: 3, inputRange: -1...1)
        let evaluator = Evaluator(
            network: trainer.network, loss: trainer.loss, dataset: dataset, workspace: trainer.workspace)
        let before = try #require(evaluator.measure(trainer.parameters).train.loss)
        for _ in 0..<100 { trainer.runEpoch() }
        let after = try #require(evaluator.measure(trainer.parameters).train.loss)
        #expect(after < before / 2)
    }

    @Test("notices at the end of an epoch that parameters are no longer finite")
    func divergence() throws {
        #expect(try !train(Float.self, rate: 0.1).hasDiverged)
        #expect(try train(Float.self, rate: 1e30).hasDiverged)
    }

    @Test("refuses a last batch of one sample where its statistics would normalise it")
    func lonelySample() throws {
        func train(_ count: Int, batch: Int, isNormalized: Bool) throws {
            let samples = randomSamples(count)
            _ = try Trainer(
                network: MLP<Float>(
                    inputShape: samples.shape, widths: [4], classCount: 3, isNormalized: isNormalized),
                loss: CrossEntropy(),
                recipe: TrainingRecipe(optimizer: Adam(), learningRate: LearningRate(0.1), batch: batch),
                samples: samples, seed: 1)
        }
        for (count, batch) in [(21, 10), (21, 1), (1, 1)] {
            #expect(throws: TrainingError.batchTooSmall(batch: batch, last: 1, least: 2)) {
                try train(count, batch: batch, isNormalized: true)
            }
            try train(count, batch: batch, isNormalized: false)
        }
        try train(22, batch: 10, isNormalized: true)
        try train(21, batch: 21, isNormalized: true)
    }

    @Test("refuses a batch larger than the data, and no data, before anything runs")
    func tooFewSamples() throws {
        #expect(throws: TrainingError.batchExceedsSamples(batch: 46, samples: 45)) {
            try makeTrainer(Float.self, batch: 46)
        }
        #expect(throws: TrainingError.noSamples) { try makeTrainer(Float.self, sampleCount: 0) }
        let message = TrainingError.batchExceedsSamples(batch: 46, samples: 45).description
        #expect(message.hasPrefix("training.batch is 46 but there are only 45 training samples"))
    }
}

/// A network that only remembers the first pixel of every input it was shown.
private struct RecordingNetwork: Network {
    let inputShape: ImageShape
    let classCount = 3
    let layout: ParameterLayout
    let hiddenLayers: [HiddenLayer] = []
    let forwardOperations = 0.0
    let seen = Seen()

    final class Seen: @unchecked Sendable {
        var values: [Double] = []
        var batches: [Int] = []
    }

    init(inputShape: ImageShape) {
        self.inputShape = inputShape
        var layout = ParameterLayout()
        layout.append("unused", shape: [1])
        self.layout = layout
    }

    func initialize(_ parameters: ParameterBlock<Double>, seed: UInt64) {}

    func workspaceCount(batchMax: Int, for passes: Passes) -> Int { 0 }

    func makeWorkspace(batchMax: Int, for passes: Passes) -> Workspace<Double> {
        Workspace(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: 1, classCount: classCount,
            innerCounts: [])
    }

    func forward(
        _ parameters: ParameterBlock<Double>, _ workspace: Workspace<Double>, batch: Int,
        pass: ForwardPass<Double>
    ) {
        seen.batches.append(batch)
        for column in 0..<batch { seen.values.append(workspace.input[0, column]) }
    }

    func backward(
        _ parameters: ParameterBlock<Double>, _ workspace: Workspace<Double>, batch: Int,
        gradients: ParameterBlock<Double>?, needsInputGradient: Bool,
        observe: GradientObserver<Double>?
    ) {}
}

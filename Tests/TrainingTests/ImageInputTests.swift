import Basics
import Datasets
import LinearAlgebra
import Networks
import Sweeps
import Testing
import Training

/// Bytes go straight into blocks of images; numbers go into columns, and from there into blocks.
@Suite("Inputs of networks on images")
struct ImageInputTests {
    private let shape = ImageShape(channels: 2, height: 11, width: 9)

    /// The same samples as bytes, and as the numbers that these stand for.
    private func samples(count: Int) -> (bytes: Samples, numbers: Samples) {
        var generator = SeededGenerator(seed: 2, stream: "image inputs")
        let bytes = (0..<count * shape.count).map { _ in UInt8(generator.index(below: 256)) }
        let labels = (0..<count).map { Int32($0 % 3) }
        let scaling = [
            ChannelScaling(mean: 0.3, deviation: 0.2), ChannelScaling(mean: 0.5, deviation: 0.27),
        ]
        let ours = Samples(
            shape: shape, bytes: bytes, scaling: scaling, labelsTrue: labels, labelsAssigned: labels)
        return (
            ours,
            Samples(
                shape: shape, inputs: ours.inputs, labelsTrue: labels, labelsAssigned: labels,
                scaling: scaling)
        )
    }

    @Test(
        "training and measuring on bytes have the bits of training and measuring on numbers",
        arguments: [false, true],
        [["family": "convnet", "width": 3], ["family": "resnet18", "width": 2, "batch-norm": true]]
            as [Setting])
    func sameBits(cropsAndFlips: Bool, model: Setting) throws {
        let (bytes, numbers) = samples(count: 45)
        let ends = try [bytes, numbers].map { samples in
            let network: any Network<Float> = try Networks.Catalog.makeNetwork(
                model: model, inputShape: shape, classCount: 3)
            let trainer = try Trainer(
                network: network, loss: CrossEntropy(),
                recipe: TrainingRecipe(
                    optimizer: Adam(), learningRate: LearningRate(0.01), batch: 20,
                    cropsAndFlips: cropsAndFlips),
                samples: samples, seed: 4)
            trainer.runEpoch()
            trainer.runEpoch()
            let readsImages = trainer.workspace.readsImages
            let evaluator = Evaluator(
                network: network, loss: CrossEntropy(),
                dataset: Dataset(train: samples, test: samples, classCount: 3, inputRange: -2...2),
                workspace: trainer.workspace)
            let metrics = evaluator.measure(trainer.parameters)
            return (trainer.parameters.buffer.array, metrics, readsImages)
        }
        #expect(ends[0].0 == ends[1].0)
        #expect(ends[0].1 == ends[1].1)
        #expect(ends.map(\.2) == [true, false])
    }
}

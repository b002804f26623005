import Datasets
import LinearAlgebra
import Networks
import Sweeps
import Testing
import Training

@Suite("Training on augmented images")
struct AugmentationTests {
    private func samples(height: Int = 6, width: Int = 5) throws -> Samples {
        try Catalog.load(
            [
                "name": "synthetic", "train": 12, "test": 1, "channels": 2, "height": .integer(height),
                "width": .integer(width), "classes": 3, "scaling": "symmetric",
            ], environment: .null, seed: 1
        ).train
    }

    private func trainer(
        _ samples: Samples, batch: Int = 12, cropsAndFlips: Bool = true
    ) throws -> Trainer<Float> {
        try Trainer(
            network: makeMLP(inputShape: samples.shape, hidden: [8], classCount: 3), loss: CrossEntropy(),
            recipe: TrainingRecipe(
                optimizer: Adam(), learningRate: LearningRate(0.01), batch: batch,
                cropsAndFlips: cropsAndFlips),
            samples: samples, seed: 4)
    }

    /// The columns [D] of a batch, in an order that does not depend on theirs.
    private func sortedColumns(_ input: Matrix<Float>) -> [[Float]] {
        (0..<input.columns)
            .map { column in (0..<input.rows).map { input[$0, column] } }
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test("an epoch shows every sample in the window that seed, epoch and sample decide")
    func windows() throws {
        let samples = try samples()
        let trainer = try trainer(samples)
        let all = Array(0..<12)
        for epoch in 0..<3 {
            trainer.runEpoch()
            let buffer = Buffer<Float>(count: samples.shape.count * 12)
            let expected = Matrix(buffer.pointer, rows: samples.shape.count, columns: 12)
            let batch = AugmentedBatch(CropFlip(seed: 4), of: samples, batchMax: 12)
            all.withUnsafeBufferPointer {
                samples.gather($0, augmented: batch, epoch: epoch, into: expected)
            }
            let seen = sortedColumns(trainer.workspace.input.firstColumns(12))
            let wanted = sortedColumns(expected)
            #expect(seen == wanted, "epoch \(epoch)")
        }
    }

    @Test("two trainers end at the same bits, and elsewhere than without augmentation")
    func reproducible() throws {
        let samples = try samples()
        let runs = try [true, true, false].map { cropsAndFlips in
            let trainer = try trainer(samples, batch: 5, cropsAndFlips: cropsAndFlips)
            for _ in 0..<4 { trainer.runEpoch() }
            return trainer.parameters.buffer.array
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0] != runs[2])
    }

    @Test("images no larger than the padding are refused with the key")
    func tooSmall() throws {
        let samples = try samples(height: 4)
        let error = #expect(throws: TrainingError.self) { try trainer(samples) }
        #expect(error?.description.hasPrefix("dataset.augmentation: crop-flip") == true)
    }
}

import Datasets
import LinearAlgebra
import Networks
import Sweeps
import TestSupport
import Testing
import Training

@Suite("Evaluator")
struct EvaluatorTests {
    /// Logits, true label and assigned label of five training samples, the second and the fourth noisy.
    private static let train: [(logits: [Float], shown: Int32, assigned: Int32)] = [
        ([3, 1, 2], 0, 0),  // Right.
        ([1, 4, 0], 1, 2),  // Right about the class, wrong about the noisy label.
        ([2, 5, 1], 0, 0),  // Wrong.
        ([0, 1, 6], 1, 2),  // Fits the noisy label.
        ([1, 1, 1], 0, 0),  // A tie goes to the lower class: right.
    ]
    private static let test: [(logits: [Float], shown: Int32, assigned: Int32)] = [
        ([1, 2, 3], 2, 2), ([1, 2, 3], 1, 1), ([3, 2, 1], 2, 2),
    ]

    private func samples(_ rows: [(logits: [Float], shown: Int32, assigned: Int32)]) -> Samples {
        Samples(
            shape: ImageShape(channels: 1, height: 1, width: 3), inputs: rows.flatMap(\.logits),
            labelsTrue: rows.map(\.shown), labelsAssigned: rows.map(\.assigned))
    }

    private func measure<Scalar: Real>(
        _ train: Samples, _ test: Samples, batchMax: Int, _: Scalar.Type
    ) -> Metrics {
        let network = PassThroughNetwork<Scalar>(classCount: 3)
        let dataset = Dataset(train: train, test: test, classCount: 3, inputRange: 0...1)
        let evaluator = Evaluator(
            network: network, loss: TenMinusLogit<Scalar>(), dataset: dataset,
            workspace: network.makeWorkspace(batchMax: batchMax))
        return evaluator.measure(ParameterBlock(network.layout))
    }

    @Test("splits the training side into clean and noisy samples, whatever the batch")
    func decomposition() {
        withEvery("batch", in: 1...6) { batch in
            let metrics = measure(samples(Self.train), samples(Self.train), batchMax: batch, Float.self)
            // Losses against the assigned labels: 7, 10, 8, 4, 9; the noisy ones against the shown class: 6, 9.
            #expect(metrics.train.loss == 38.0 / 5)
            #expect(metrics.train.error == 2.0 / 5)
            #expect(metrics.clean.loss == 24.0 / 3)
            #expect(metrics.clean.error == 1.0 / 3)
            #expect(metrics.noisy.loss == 14.0 / 2)
            #expect(metrics.noisy.error == 1.0 / 2)
            #expect(metrics.noisyTrue.loss == 15.0 / 2)
            #expect(metrics.noisyTrue.error == 1.0 / 2)
        }
    }

    @Test("takes statistics over equal shares of at most a batch, and moves no parameter")
    func batchStatistics() throws {
        let samples = randomSamples(10)
        let network = MLP<Double>(
            inputShape: samples.shape, widths: [4], classCount: 3, isNormalized: true)
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 1)
        let before = parameters.buffer.array
        let dataset = Dataset(train: samples, test: samples, classCount: 3, inputRange: -1...1)
        func loss(_ normalization: Normalization, batchMax: Int) throws -> Double {
            let evaluator = Evaluator(
                network: network, loss: CrossEntropy<Double>(), dataset: dataset,
                workspace: network.makeWorkspace(batchMax: 10), normalization: normalization,
                batchMax: batchMax)
            return try #require(evaluator.measure(parameters).train.loss)
        }
        // At most 9 of 10 means 5 and 5, not 9 and 1.
        #expect(try loss(.batch, batchMax: 9) == loss(.batch, batchMax: 5))
        #expect(try loss(.batch, batchMax: 10) != loss(.batch, batchMax: 5))
        #expect(try loss(.running, batchMax: 3) == loss(.running, batchMax: 10))
        #expect(try loss(.running, batchMax: 10) != loss(.batch, batchMax: 10))
        #expect(parameters.buffer.array == before)
    }

    @Test("weighs test samples against their labels, in either precision")
    func testSide() {
        let single = measure(samples(Self.train), samples(Self.test), batchMax: 2, Float.self)
        let double = measure(samples(Self.train), samples(Self.test), batchMax: 2, Double.self)
        #expect(double.test.error == 2.0 / 3)
        #expect(double.test.loss == (7.0 + 8.0 + 9.0) / 3)
        #expect(single == double)
    }

    @Test("leaves noisy columns empty without noise, and clean ones when every label is wrong")
    func emptyGroups() {
        let clean = samples(Self.train.map { ($0.logits, $0.shown, $0.shown) })
        let quiet = measure(clean, clean, batchMax: 4, Float.self)
        #expect(quiet.clean == quiet.train)
        #expect(quiet.scalars[6...] == [nil, nil, nil, nil])
        let wrong = samples(Self.train.map { ($0.logits, $0.shown, ($0.shown + 1) % 3) })
        let loud = measure(wrong, clean, batchMax: 4, Float.self)
        #expect(loud.noisy == loud.train)
        #expect(loud.scalars[4..<6] == [nil, nil])
    }

    @Test("has the columns of measurements.csv in their order")
    func columns() {
        #expect(
            Metrics.columns.map(\.name) == [
                "train_loss", "train_error", "test_loss", "test_error", "clean_loss", "clean_error",
                "noisy_loss",
                "noisy_error", "noisy_true_loss", "noisy_true_error",
            ])
        #expect(Metrics().scalars.count == Metrics.columns.count)
    }
}

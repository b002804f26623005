import Datasets
import Foundation
import LinearAlgebra
import Networks
import Sweeps
import Testing
import Training

/// Every family of networks on images under every optimiser and loss, as PyTorch trains it in double precision.
@Suite("Training on images against PyTorch")
struct ImageTrainingTests {
    @Test("losses agree in double precision to 1e-10 after 1, 10 and 100 steps")
    func double() throws { try compare(Double.self, tolerances: [1e-10, 1e-10, 1e-10, 1e-10]) }

    @Test("losses agree in single precision to 1e-5, 1e-4 and 1e-3 after 1, 10 and 100 steps")
    func single() throws { try compare(Float.self, tolerances: [1e-5, 1e-5, 1e-4, 1e-3]) }

    @Test("the fixture holds every optimiser and loss for every network")
    func coverage() throws {
        let fixture = try ImageTraining.load()
        #expect(fixture.steps == [0, 1, 10, 100])
        for reference in fixture.cases {
            let names = reference.runs.map { $0.optimizer.setting["name"]?.asText ?? "" }
            #expect(Set(names) == Set(Training.Catalog.optimizers.map { $0.entry.name }))
            #expect(Set(reference.runs.map(\.loss)) == Set(Networks.Catalog.losses.map(\.name)))
        }
    }

    private func compare<Scalar: Real>(_: Scalar.Type, tolerances: [Double]) throws {
        let fixture = try ImageTraining.load()
        for reference in fixture.cases {
            for run in reference.runs where Scalar.self == Double.self || !magnifiesRounding(run, reference) {
                let losses = try follow(run, of: reference, fixture, Scalar.self)
                for (index, tolerance) in tolerances.enumerated() {
                    let expected = run.losses[index]
                    let difference = abs(losses[index] - expected) / abs(expected)
                    let title = "\(reference.model.setting.canonicalText), \(run.name), \(run.loss)"
                    #expect(difference <= tolerance, "\(title), step \(fixture.steps[index])")
                }
            }
        }
    }

    /// Whether a hundred steps make of single rounding more than a thousandth: with batch normalisation of single
    /// channels, at the fast rate.
    private func magnifiesRounding(_ run: ImageTraining.Run, _ reference: ImageTraining.Case) -> Bool {
        run.name == "fast momentum" && reference.model.setting["batch-norm"] == true
    }

    /// The losses of the training batch, with its own statistics where there is batch normalisation.
    private func follow<Scalar: Real>(
        _ run: ImageTraining.Run, of reference: ImageTraining.Case, _ fixture: ImageTraining, _: Scalar.Type
    ) throws -> [Double] {
        let samples = fixture.samples
        let network: any Network<Scalar> = try Networks.Catalog.makeNetwork(
            model: reference.model.setting, inputShape: samples.shape, classCount: fixture.classes)
        let loss: any Loss<Scalar> = try Networks.Catalog.makeLoss(named: run.loss)
        var configuration: Setting = ["training": ["batch": .integer(samples.count)]]
        configuration["optimizer"] = run.optimizer.setting
        let trainer = try Trainer(
            network: network, loss: loss, recipe: TrainingRecipe(configuration: configuration),
            samples: samples, seed: 1)
        for window in network.layout.trainable.windows {
            let values = try #require(reference.parameters[window.name], "\(window.name)")
            try #require(values.count == window.count)
            for (index, value) in values.enumerated() {
                trainer.parameters.buffer.pointer[window.offset + index] = Scalar(value)
            }
        }
        let dataset = Dataset(train: samples, test: samples, classCount: fixture.classes, inputRange: -1...1)
        let evaluator = Evaluator<Scalar>(
            network: network, loss: loss, dataset: dataset, workspace: trainer.workspace,
            normalization: .batch)
        return try (0...100).compactMap { step in
            if step > 0 { trainer.runEpoch() }
            guard fixture.steps.contains(step) else { return nil }
            return try #require(evaluator.measure(trainer.parameters).train.loss)
        }
    }
}

/// What `Tests/Fixtures/make_images.py` wrote about training.
private struct ImageTraining: Decodable {
    let shape: [Int]
    let classes: Int
    /// Steps before each of the losses.
    let steps: [Int]
    let inputs: [Float]
    let labels: [Int32]
    let cases: [Case]

    struct Case: Decodable {
        let model: JSONSetting
        let parameters: [String: [Double]]
        let runs: [Run]
    }

    struct Run: Decodable {
        let name: String
        let loss: String
        /// The section `optimizer`.
        let optimizer: JSONSetting
        let losses: [Double]
    }

    var samples: Samples {
        Samples(
            shape: ImageShape(channels: shape[0], height: shape[1], width: shape[2]), inputs: inputs,
            labelsTrue: labels, labelsAssigned: labels)
    }

    static func load() throws -> ImageTraining {
        try JSONDecoder().decode(ImageTraining.self, from: fixture("images.json"))
    }
}

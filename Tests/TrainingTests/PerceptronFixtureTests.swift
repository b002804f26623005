import Datasets
import Foundation
import LinearAlgebra
import Networks
import Sweeps
import Testing
import Training

/// Every kind of perceptron under every optimiser and loss, as PyTorch trains it in double precision.
@Suite("Perceptrons against PyTorch")
struct PerceptronFixtureTests {
    @Test("losses agree in double precision to 1e-10 after 1, 10 and 100 steps")
    func double() throws {
        let fixture = try PerceptronFixture.load()
        for network in fixture.networks {
            for run in network.runs {
                let found = try follow(run, of: network, fixture, Double.self)
                    .without(idleBiasesOf: network, expected: run)
                compare(found, run, network, tolerances: [1e-10, 1e-10, 1e-10, 1e-10])
            }
        }
    }

    @Test("losses agree in single precision to 1e-5, 1e-4 and 1e-3 after 1, 10 and 100 steps")
    func single() throws {
        let fixture = try PerceptronFixture.load()
        for network in fixture.networks {
            for run in network.runs {
                let found = try follow(run, of: network, fixture, Float.self)
                    .without(idleBiasesOf: network, expected: run)
                compare(found, run, network, tolerances: [1e-5, 1e-5, 1e-4, 1e-3])
            }
        }
    }

    @Test("the fixture holds every activation, option, optimiser and loss")
    func coverage() throws {
        let fixture = try PerceptronFixture.load()
        let models = fixture.networks.map(\.model)
        #expect(
            Set(models.map { $0["activation"]?.asText ?? "" }) == Set(Activation.allCases.map(\.rawValue)))
        for key in ["batch-norm", "residual", "bias"] {
            #expect(models.contains { $0[key] == true }, "\(key)")
        }
        for network in fixture.networks {
            let names = network.runs.map { $0.optimizer.setting["name"]?.asText ?? "" }
            #expect(Set(names) == Set(Training.Catalog.optimizers.map { $0.entry.name }))
            #expect(Set(network.runs.map(\.loss)) == Set(Networks.Catalog.losses.map(\.name)))
        }
        #expect(fixture.measured == [0, 1, 10, 100])
    }

    private func compare(
        _ found: Losses, _ run: PerceptronFixture.Run, _ network: PerceptronFixture.Network,
        tolerances: [Double]
    ) {
        for (index, tolerance) in tolerances.enumerated() {
            let title = "\(network.name), \(run.name), \(run.loss), measurement \(index)"
            let difference = relativeDifference(found.losses[index], run.losses[index])
            #expect(difference < tolerance, "\(title)")
            guard let expected = run.batchLosses?[index] else { continue }
            let batchDifference = relativeDifference(found.batchLosses[index], expected)
            #expect(batchDifference < tolerance, "\(title), statistics of the batch")
        }
    }

    /// Losses in evaluation mode and with the statistics of the batch.
    private struct Losses {
        var losses: [Double] = []
        var batchLosses: [Double] = []

        /// Without the losses that idle biases decide.
        ///
        /// A bias under a normalisation has no gradient but rounding, which Adam magnifies: it walks about, and the
        /// running mean follows late. What is trained, the loss of the batch, does not depend on it.
        func without(idleBiasesOf network: PerceptronFixture.Network, expected: PerceptronFixture.Run)
            -> Losses
        {
            let isIdle = network.model["batch-norm"] == true && network.model["bias"] == true
            return isIdle ? Losses(losses: expected.losses, batchLosses: batchLosses) : self
        }
    }

    private func follow<Scalar: Real>(
        _ run: PerceptronFixture.Run, of reference: PerceptronFixture.Network, _ fixture: PerceptronFixture,
        _: Scalar.Type
    ) throws -> Losses {
        let samples = fixture.samples
        var model = reference.model
        model["family"] = "mlp-widths"
        let network: any Network<Scalar> = try Networks.Catalog.makeNetwork(
            model: model, inputShape: samples.shape, classCount: fixture.classes)
        let loss: any Loss<Scalar> = try Networks.Catalog.makeLoss(named: run.loss)
        var configuration: Setting = ["training": ["batch": .integer(samples.count)]]
        configuration["optimizer"] = run.optimizer.setting
        let trainer = try Trainer(
            network: network, loss: loss, recipe: TrainingRecipe(configuration: configuration),
            samples: samples, seed: 1)
        for window in network.layout.windows where window.offset < network.layout.trainableCount {
            let values = try #require(reference.parameters[window.name], "\(window.name)")
            try #require(values.count == window.count)
            for (index, value) in values.enumerated() {
                trainer.parameters.buffer.pointer[window.offset + index] = Scalar(value)
            }
        }
        let dataset = Dataset(train: samples, test: samples, classCount: fixture.classes, inputRange: -1...1)
        func evaluator(_ normalization: Normalization) -> Evaluator<Scalar> {
            Evaluator(
                network: network, loss: loss, dataset: dataset, workspace: trainer.workspace,
                normalization: normalization)
        }
        let (running, batch) = (evaluator(.running), evaluator(.batch))
        var found = Losses()
        for step in 0...100 {
            if step > 0 { trainer.runEpoch() }
            guard fixture.measured.contains(step) else { continue }
            found.losses.append(try #require(running.measure(trainer.parameters).train.loss))
            found.batchLosses.append(try #require(batch.measure(trainer.parameters).train.loss))
        }
        return found
    }
}

private func relativeDifference(_ a: Double, _ b: Double) -> Double { abs(a - b) / max(abs(b), 1e-3) }

/// What `Tests/Fixtures/make_perceptrons.py` wrote.
private struct PerceptronFixture: Decodable {
    let classes: Int
    let inputs: [[Float]]
    let labels: [Int32]
    /// Steps before each of the losses.
    let measured: [Int]
    let networks: [Network]

    struct Network: Decodable {
        let name: String
        private let options: JSONSetting
        let parameters: [String: [Double]]
        let runs: [Run]

        /// The section `model`, without the family.
        var model: Setting { options.setting }

        private enum CodingKeys: String, CodingKey {
            case name, parameters, runs
            case options = "model"
        }
    }

    struct Run: Decodable {
        let name: String
        let loss: String
        /// The section `optimizer`.
        let optimizer: JSONSetting
        let losses: [Double]
        let batchLosses: [Double]?
    }

    var samples: Samples {
        Samples(
            shape: ImageShape(channels: 1, height: 1, width: inputs[0].count), inputs: inputs.flatMap { $0 },
            labelsTrue: labels, labelsAssigned: labels)
    }

    static func load() throws -> PerceptronFixture {
        try JSONDecoder().decode(PerceptronFixture.self, from: fixture("perceptrons.json"))
    }
}

import Datasets
import Foundation
import LinearAlgebra
import Networks
import Sweeps
import Testing
import Training

@Suite("Training against PyTorch")
struct PyTorchFixtureTests {
    @Test(
        "a hundred steps of every optimiser and loss give PyTorch's losses and parameters in double precision"
    )
    func doublePrecision() throws {
        let fixture = try Fixture.load()
        for run in fixture.runs {
            let walk = try follow(run, fixture, Double.self)
            for (step, loss) in run.losses.enumerated() {
                #expect(relativeDifference(walk.losses[step], loss) < 1e-10, "\(run.title), step \(step)")
            }
            for (step, expected) in run.parameters {
                let difference = largestDifference(walk.parameters[step] ?? [], expected)
                #expect(difference < 1e-10, "\(run.title), parameters after step \(step)")
            }
        }
    }

    @Test("single precision stays near PyTorch's double precision: 1e-5, 1e-4, 1e-3 after 1, 10, 100 steps")
    func singlePrecision() throws {
        let fixture = try Fixture.load()
        for run in fixture.runs {
            let walk = try follow(run, fixture, Float.self)
            for (step, tolerance) in [(1, 1e-5), (10, 1e-4), (100, 1e-3)] {
                let difference = relativeDifference(walk.losses[step], run.losses[step])
                #expect(difference < tolerance, "\(run.title), step \(step)")
            }
        }
    }

    /// Trains as a run of the fixture did, from the same weights, in full batches: one step an epoch.
    private func follow<Scalar: Real>(
        _ run: Fixture.Run, _ fixture: Fixture, _: Scalar.Type
    ) throws -> (losses: [Double], parameters: [String: [Double]]) {
        let samples = fixture.samples
        var configuration: Setting = ["training": ["batch": .integer(samples.count)]]
        configuration["optimizer"] = run.optimizer.setting
        let network: any Network<Scalar> = makeMLP(
            inputShape: samples.shape, hidden: fixture.hidden, classCount: fixture.classes)
        let loss: any Loss<Scalar> = try Networks.Catalog.makeLoss(named: run.loss)
        let trainer = try Trainer(
            network: network, loss: loss, recipe: TrainingRecipe(configuration: configuration),
            samples: samples,
            seed: 1)
        trainer.parameters.buffer.assign(fixture.initial.map { Scalar($0) })
        let dataset = Dataset(train: samples, test: samples, classCount: fixture.classes, inputRange: -1...1)
        let evaluator = Evaluator(
            network: network, loss: loss, dataset: dataset, workspace: trainer.workspace)
        var (losses, parameters) = ([Double](), [String: [Double]]())
        for step in 0...100 {
            if step > 0 { trainer.runEpoch() }
            losses.append(try #require(evaluator.measure(trainer.parameters).train.loss))
            parameters["\(step)"] = trainer.parameters.buffer.array.map { Double($0) }
        }
        return (losses, parameters)
    }
}

private func relativeDifference(_ a: Double, _ b: Double) -> Double { abs(a - b) / max(abs(b), 1e-3) }

private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

/// What `Tests/Fixtures/make_training.py` wrote.
private struct Fixture: Decodable {
    let torch: String
    let hidden: [Int]
    let classes: Int
    let inputs: [[Float]]
    let labels: [Int32]
    /// All parameters, one tensor after the other in PyTorch's order.
    let initial: [Double]
    let runs: [Run]

    struct Run: Decodable {
        let name: String
        let loss: String
        let optimizer: Options
        /// Before the first step, after it, after the second, and so on.
        let losses: [Double]
        /// By the number of steps before.
        let parameters: [String: [Double]]

        var title: String { "\(name), \(loss)" }
    }

    /// The section `optimizer` of a task's configuration.
    struct Options: Decodable {
        let setting: Setting

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            var map = SettingMap()
            for key in container.allKeys {
                if let number = try? container.decode(Double.self, forKey: key) {
                    map[key.stringValue] = .number(number)
                } else {
                    map[key.stringValue] = .text(try container.decode(String.self, forKey: key))
                }
            }
            setting = .map(map)
        }

        private struct Key: CodingKey {
            let stringValue: String
            let intValue: Int? = nil
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }

    var samples: Samples {
        Samples(
            shape: ImageShape(channels: 1, height: 1, width: inputs[0].count), inputs: inputs.flatMap { $0 },
            labelsTrue: labels, labelsAssigned: labels)
    }

    static func load() throws -> Fixture {
        try JSONDecoder().decode(Fixture.self, from: fixture("training.json"))
    }
}

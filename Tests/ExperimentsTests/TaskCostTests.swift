import Experiments
import Sweeps
import Testing

@Suite("TaskCost")
struct TaskCostTests {
    private func predict(_ changes: [(String, Setting?)] = []) throws -> TaskCost {
        try TaskCost.predict(try resolved(changes).configuration)
    }

    @Test("counts parameters and multiply-adds of a network by hand")
    func byHand() throws {
        // 64 inputs, 6 units, 10 classes; 60 + 40 samples; 4 epochs; rows at epochs 0, 1, 2 and 4.
        let cost = try predict()
        let forward = 2.0 * (64 * 6 + 6 * 10)
        #expect(cost.parameterCount == 64 * 6 + 6 + 6 * 10 + 10)
        #expect(cost.trainingOperations == 3 * forward * 60 * 4)
        #expect(cost.metricsOperations == forward * 100 * 4)
        // The longest stretch: an epoch that is measured at its end.
        #expect(cost.stretchOperations == 3 * forward * 60 + forward * 100)
        #expect(cost.rowCount == 4)
        #expect(cost.probes == [])
    }

    @Test("predicts as many rows and parameters as a run then has")
    func agreesWithRuns() throws {
        for widths in [[3], [9, 5], [4, 4, 4]] {
            let listed = Setting.list(widths.map { .integer($0) })
            let changes: [(String, Setting)] = [
                ("model", ["family": "mlp-widths", "widths": listed]), ("training.epochs", 12),
                ("measure.at", "logarithmic"),
            ]
            let settings = try resolved(changes)
            var weightBytes = 0
            let result = try TaskRunner().run(
                configuration: settings.configuration, environment: settings.environment,
                keep: { if case .final(let bytes) = $0 { weightBytes = bytes.count } })
            let cost = try predict(changes)
            #expect(cost.rowCount == result.measurements.count)
            // The header of the file comes on top of four bytes a parameter.
            #expect((0..<1000).contains(weightBytes - 4 * cost.parameterCount))
        }
    }

    @Test("charges each probe for every measured epoch")
    func probes() throws {
        let few = try predict([("measure.probes", ["jacobian-norm", "local-complexity"])])
        let many = try predict([
            ("measure.probes", ["local-complexity", "jacobian-norm"]), ("measure.at", ["every": 1]),
        ])
        #expect(few.probes.map(\.name) == ["jacobian-norm", "local-complexity"])
        #expect(many.probes.map(\.name) == ["jacobian-norm", "local-complexity"])
        for (a, b) in zip(few.probes, many.probes) {
            #expect(a.operations > 0)
            #expect(abs(b.operations / a.operations - 5.0 / 4) < 1e-12, "\(a.name)")
        }
        #expect(few.operations > few.trainingOperations + few.metricsOperations)
    }

    @Test("a length in steps costs its batches")
    func steps() throws {
        let cost = try predict([("training.epochs", nil), ("training.steps", 8), ("measure.at", "piecewise")])
        // Two epochs of 60 samples, and two batches of 25.
        let forward = 2.0 * (64 * 6 + 6 * 10)
        #expect(cost.trainingOperations == 3 * forward * 170)
        #expect(cost.stepCount == 8)
        #expect(cost.rowCount == 9)
    }

    @Test("double precision and Adam's moments take more memory")
    func memory() throws {
        let single = try predict([("model.width", 512), ("optimizer.name", "sgd")]).memoryBytes
        let moments = try predict([("model.width", 512)]).memoryBytes
        let double = try predict([("model.width", 512), ("training.precision", "float64")]).memoryBytes
        let parameterCount = Double(try predict([("model.width", 512)]).parameterCount)
        #expect(moments - single == 2 * 4 * parameterCount)
        #expect(double > 1.5 * moments)
    }

    @Test("refuses what no machine can run, and says which key")
    func impossible() throws {
        let cases: [(String, Setting, String)] = [
            ("training.batch", 61, "training.batch is 61"), ("dataset.train", 5000, "dataset.train is 5000"),
            ("measure.probes", [["local-complexity": ["directions": 65]]], "measure.probes.local-complexity"),
            ("model", ["family": "mlp7", "residual": true], "model.residual"),
            ("model", ["family": "mlp", "batch-norm": true], "an epoch ends with a batch of 1;"),
        ]
        for (path, value, text) in cases {
            // 51 samples in batches of 25 leave one.
            let count: (String, Setting) = ("dataset.train", path == "model" ? 51 : 60)
            let error = #expect(throws: TaskError.self) { try predict([count, (path, value)]) }
            #expect(error?.failure == .invalidConfiguration)
            #expect(error?.description.contains(text) == true, "\(error?.description ?? "none")")
        }
    }
}

import Experiments
import Sweeps
import Testing

@Suite("Preflight")
struct PreflightTests {
    private func grid(probe: Setting, rates: [Double]) throws -> Grid {
        let settings: Setting = [
            "dataset": ["name": "digits", "train": 60, "test": 40, "noise": ["kind": "exact-other"]],
            "model": ["family": "mlp", "width": 4, "depth": 1], "optimizer": "sgd",
            "training": ["batch": 20, "epochs": 1], "measure": ["probes": .list([probe])],
        ]
        let spec = SweepSpec(
            name: "gaps", base: settings,
            axes: [Axis("dataset.noise.rate", rates.map(Setting.number)), Axis("seed", [0, 1])])
        return try Grid(spec, schema: Vocabulary.schema)
    }

    @Test("a split of clean and noisy samples says how many tasks leave it empty, and what would fill it")
    func notes() throws {
        for (rates, place) in [([0, 0.2], "in 2 of 4 tasks "), ([0], "")] {
            let costs = try Preflight.costs(of: grid(probe: "jacobian-norm", rates: rates))
            #expect(
                Preflight.notes(on: costs) == [
                    "jacobian-norm: \(place)jacobian_norm_clean and jacobian_norm_noisy stay empty, because no label is "
                        + "wrong; take a noise, such as dataset.noise: {kind: exact-other, rate: 0.2}"
                ])
        }
        let noisy = try Preflight.costs(of: grid(probe: "jacobian-norm", rates: [0.1, 0.2]))
        #expect(Preflight.notes(on: noisy).isEmpty)
    }

    @Test("a probe that compares clean with noisy samples is refused where no task has any, and only there")
    func refused() throws {
        let some = try Preflight.costs(of: grid(probe: "group-similarity", rates: [0, 0.2]))
        #expect(Preflight.notes(on: some).count == 1)
        let error = #expect(throws: TaskError.self) {
            try Preflight.costs(of: grid(probe: "group-similarity", rates: [0]))
        }
        #expect(error?.failure == .invalidConfiguration)
        #expect(error?.description.contains("measure.probes.group-similarity: in every task") == true)
        #expect(error?.description.contains("dataset.noise: {kind: exact-other") == true)
    }

    @Test("batch statistics are a gap where nothing is normalised, and refused where nothing ever is")
    func batchStatistics() throws {
        func costs(_ choices: [Setting]) throws -> [TaskCost] {
            var spec = try grid(probe: "batch-statistics", rates: [0]).spec
            spec.axes.append(Axis("model.batch-norm", choices))
            return try Preflight.costs(of: Grid(spec, schema: Vocabulary.schema))
        }
        #expect(
            Preflight.notes(on: try costs([false, true])) == [
                "batch-statistics: in 2 of 4 tasks test_loss_batch_statistics and test_error_batch_statistics stay "
                    + "empty, because the model has no batch normalisation; set model.batch-norm: true"
            ])
        #expect(Preflight.notes(on: try costs([true])).isEmpty)
        let error = #expect(throws: TaskError.self) { try costs([false]) }
        #expect(error?.failure == .invalidConfiguration)
        #expect(error?.description.contains("measure.probes.batch-statistics: in every task") == true)
    }

    @Test("batch statistics stay empty for a task without batch normalisation, beside metrics that do not")
    func emptyBatchStatistics() throws {
        let probe = ("measure.probes", Setting.list(["batch-statistics", "jacobian-norm"]))
        for hasBatchNorm in [false, true] {
            let result = try run([probe, ("model.batch-norm", .boolean(hasBatchNorm))])
            for name in ["test_loss_batch_statistics", "test_error_batch_statistics"] {
                let column = try #require(result.columns.firstIndex(of: name))
                let values = result.measurements.map { $0.scalars[column] }
                #expect(values.allSatisfy { ($0 != nil) == hasBatchNorm })
            }
        }
    }

    /// A probe, what is changed of a task, and what would fit.
    static let misfits: [(probe: Setting, changes: [(String, Setting)], remedy: String)] = [
        ("path-integrals", [("dataset", pixels(1))], "take images of at least 2×2"),
        (["path-integrals": ["path": "shifts"]], [("dataset", pixels(4))], "take larger images or path: svd"),
        ("linear-probe", [], "take at least 65 samples"),
        ("local-complexity", [("dataset", pixels(2))], "take at most 4"),
        ("linear-regions", [("model.activation", "tanh")], "take relu or leaky-relu"),
        ("rank-distribution", [("model", ["family": "convnet"])], "take model.family mlp, cnn or resnet18"),
        (["class-clustering": ["class": 10]], [], "there are only 10 classes"),
        (["logit-projection": ["classes": [0, 12]]], [], "there are only 10 classes"),
    ]

    /// Made-up images of a side.
    private static func pixels(_ side: Int) -> Setting {
        [
            "name": "synthetic", "train": 60, "test": 40, "channels": 1, "height": .integer(side),
            "width": .integer(side),
        ]
    }

    @Test("a probe that does not fit is refused with its name and what would", arguments: misfits.indices)
    func misfit(index: Int) throws {
        let (probe, changes, remedy) = Self.misfits[index]
        let configuration = try resolved(changes + [("measure.probes", .list([probe]))]).configuration
        let error = #expect(throws: TaskError.self) { try TaskCost.predict(configuration) }
        let name = probe.asText ?? probe.asMap?.keys.first ?? ""
        #expect(error?.failure == .invalidConfiguration)
        #expect(error?.description.contains("measure.probes.\(name): ") == true)
        #expect(error?.description.contains(remedy) == true, "\(error?.description ?? "")")
    }
}

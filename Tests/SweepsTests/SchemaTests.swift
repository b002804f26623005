import Sweeps
import Testing

@Suite("Schema")
struct SchemaTests {
    @Test("fills in every default and writes bare texts out as maps")
    func defaults() throws {
        let resolved = try Example.schema.resolve(Example.minimal)
        #expect(
            resolved.configuration.canonicalText == """
                {"dataset":{"augmentation":"none","name":"digits","noise":{"kind":"none"},"scaling":"unit",\
                "test":"all","train":"all"},"measure":{"at":"logarithmic"},"model":{"activation":"relu","depth":1,\
                "family":"mlp","init":{"scale":1,"scheme":"default"},"width":8},"optimizer":{"learning-rate":0.001,\
                "name":"adam","schedule":{"name":"constant"},"weight-decay":0},"seed":0,"training":{"batch":128,\
                "epochs":10,"loss":"cross-entropy","precision":"float32"}}
                """)
        #expect(resolved.environment == ["resources": ["numerics": "any", "threads": 1]])
    }

    @Test("keeps what cannot change a result out of the configuration")
    func environment() throws {
        let plain = try Example.schema.resolve(Example.minimal)
        let placed = try Example.schema.resolve(
            Example.with(("dataset.path", "/data/digits"), ("resources.threads", 2)))
        #expect(placed.configuration == plain.configuration)
        #expect(
            placed.environment == [
                "dataset": ["path": "/data/digits"], "resources": ["numerics": "any", "threads": 2],
            ])
    }

    @Test("takes 1, 1.0 and 1e0 for the same number, and -0 for 0")
    func numbersHaveOneForm() throws {
        let integer = try Example.schema.resolve(
            Example.with(("model.init.scale", 1), ("optimizer.weight-decay", 0)))
        let number = try Example.schema.resolve(
            Example.with(("model.init.scale", .number(1)), ("optimizer.weight-decay", .number(-0.0))))
        #expect(integer.configuration == number.configuration)
        #expect(integer.configuration["model.init.scale"] == .number(1))
        let width = try Example.schema.resolve(Example.with(("model.width", .number(8))))
        #expect(width.configuration["model.width"] == .integer(8))
    }

    @Test("treats a list of probes, a map of probes and any order of them as the same task")
    func probesHaveOneForm() throws {
        let listed = try Example.schema.resolve(
            Example.with(("measure.probes", ["local-complexity", ["jacobian-norm": ["points": 16]]])))
        let mapped = try Example.schema.resolve(
            Example.with(("measure.probes", ["jacobian-norm": ["points": 16], "local-complexity": .null])))
        #expect(listed == mapped)
        #expect(listed.configuration["measure.probes.jacobian-norm.points"] == 16)
        #expect(listed.configuration["measure.probes.local-complexity.radii"] == [0.005, 0.05, 0.5])
    }

    @Test(
        "says of one wrong setting what is wrong and what would be right",
        arguments: [
            ("model.widht", 8, "model.widht: unknown key; nearest known key 'width'"),
            (
                "model.learning-rate", 1,
                "model.learning-rate: unknown key here; nearest known key 'optimizer.learning-rate'"
            ),
            ("model.xyzzyx", 8, "model.xyzzyx: unknown key; known: family, width, depth, activation, init"),
            ("modle", ["width": 8], "modle: unknown key; nearest known key 'model'"),
            (
                "model.family", "resnet18",
                "model.family: 'resnet18' is planned but not built yet; available: mlp"
            ),
            (
                "model.family", "mpl",
                "model.family: 'mpl' is not known; nearest known value 'mlp'; available: mlp"
            ),
            ("model.family", 3, "model.family: must be one of mlp; is 3"),
            ("model.family", nil, "model.family: is missing; available: mlp"),
            (
                "model.width", nil,
                "model.width: is missing; give a whole number from 1 to 65536 units (Units a hidden layer.)"
            ),
            ("model.width", 0, "model.width: must be a whole number from 1 to 65536 units; is 0"),
            ("model.width", 1.5, "model.width: must be a whole number from 1 to 65536 units; is 1.5"),
            ("model.width", "wide", "model.width: must be a whole number from 1 to 65536 units; is 'wide'"),
            (
                "model.activation", "rleu",
                "model.activation: must be one of relu, tanh; is 'rleu'; nearest known value 'relu'"
            ),
            (
                "training.precision", "float64",
                "training.precision: 'float64' is planned but not built yet; available: float32"
            ),
            ("training.batch", 0, "training.batch: must be a whole number of at least 1 samples; is 0"),
            (
                "dataset.augmentation", "crop-flip",
                "dataset.augmentation: 'crop-flip' is planned but not built yet; available: none"
            ),
            (
                "dataset.train", ["last": 3],
                "dataset.train: must be a number of samples of at least 1, 'all', or {first: N}; is {\"last\":3}"
            ),
            (
                "dataset.noise", ["kind": "exact-other", "rate": 2],
                "dataset.noise.rate: must be a number from 0 to 1; is 2"
            ),
            (
                "dataset.noise", "exact-other",
                "dataset.noise.rate: is missing; give a number from 0 to 1 (Share of labels.)"
            ),
            (
                "dataset.noise.rate", 0.2,
                "dataset.noise.rate: unknown key for 'none'; it belongs to exact-other"
            ),
            ("optimizer.momentum", 0.9, "optimizer.momentum: unknown key for 'adam'; it belongs to sgd"),
            (
                "optimizer.weight-decay", .number(.nan),
                "optimizer.weight-decay: must be a number from 0 to 1000; is \"nan\""
            ),
            (
                "measure.at", ["evry": 3],
                "measure.at: must be 'logarithmic', 'piecewise', {every: N} or a list of epochs (or steps); is {\"evry\":3}"
            ),
            (
                "measure.probes", ["jacobian-nrom"],
                "measure.probes.jacobian-nrom: 'jacobian-nrom' is not known; nearest known value 'jacobian-norm'; available: jacobian-norm, local-complexity"
            ),
            (
                "measure.probes", ["jacobian-norm", "jacobian-norm"],
                "measure.probes[1]: 'jacobian-norm' is listed twice"
            ),
            (
                "measure.probes", [["jacobian-norm": ["pionts": 1]]],
                "measure.probes.jacobian-norm.pionts: unknown key; nearest known key 'points'"
            ),
            ("model", 3, "model: must be a map of keys; is 3"),
            ("seed", -1, "seed: must be a whole number of at least 0; is -1"),
        ] as [(String, Setting?, String)])
    func problem(path: String, value: Setting?, message: String) {
        #expect(Example.problems(of: Example.with((path, value))) == [message])
    }

    @Test("reports every problem at once")
    func allProblems() {
        let problems = Example.problems(of: [
            "dataset": "digit", "model": ["family": "mlp", "width": 0], "sede": 1,
        ])
        #expect(problems.count == 5, "\(problems)")
    }
}

@Suite("EpochSchedule")
struct EpochScheduleTests {
    @Test("piecewise thins out at 30, 150, 1,000 and 10,000")
    func piecewise() {
        let steps = EpochSchedule.piecewise.epochs(through: 100_000)
        // ⌈100000/150⌉ = 667.
        var expected = Set(0..<30).union(stride(from: 30, to: 150, by: 10))
        expected.formUnion(stride(from: 200, to: 1000, by: 100))
        expected.formUnion(stride(from: 1000, to: 10_000, by: 1000))
        expected.formUnion(stride(from: 667, through: 100_000, by: 667))
        expected.insert(100_000)
        #expect(steps == expected.sorted())
        #expect(EpochSchedule.piecewise.epochs(through: 3) == [0, 1, 2, 3])
        #expect(EpochSchedule.piecewise.epochs(through: 0) == [0])
        #expect(EpochSchedule("piecewise")?.setting == "piecewise")
    }

    @Test("measures n × 10^m, and epoch 0 and the last whatever they are")
    func logarithmic() {
        #expect(EpochSchedule.logarithmic.epochs(through: 0) == [0])
        #expect(EpochSchedule.logarithmic.epochs(through: 1) == [0, 1])
        #expect(EpochSchedule.logarithmic.epochs(through: 25) == Array(0...10) + [20, 25])
        #expect(EpochSchedule.logarithmic.epochs(through: 100_000).count == 47)
        #expect(EpochSchedule.logarithmic.epochs(through: Int.max).last == Int.max)
    }

    @Test("measures every so many epochs, and the last")
    func every() {
        #expect(EpochSchedule.every(10).epochs(through: 25) == [0, 10, 20, 25])
        #expect(EpochSchedule.every(10).epochs(through: 20) == [0, 10, 20])
        #expect(EpochSchedule.every(100).epochs(through: 20) == [0, 20])
    }

    @Test("measures the listed epochs that there are, each once")
    func listed() {
        #expect(EpochSchedule([20, 1, 5, 1, 400])?.epochs(through: 100) == [0, 1, 5, 20, 100])
        #expect(EpochSchedule([0, 100])?.epochs(through: 100) == [0, 100])
    }

    @Test(
        "refuses what is no schedule", arguments: ["linear", [], [-1], ["every": 0], [1.5], 3] as [Setting])
    func refused(setting: Setting) {
        #expect(EpochSchedule(setting) == nil)
    }
}

@Suite("Spelling")
struct SpellingTests {
    @Test("counts insertions, deletions, replacements and swaps")
    func distances() {
        #expect(Spelling.distance("", "abc") == 3)
        #expect(Spelling.distance("width", "widht") == 1)
        #expect(Spelling.distance("kitten", "sitting") == 3)
    }

    @Test("finds the nearest known word, and none where all are far")
    func nearest() {
        #expect(Spelling.nearest(to: "momntum", among: ["learning-rate", "momentum"]) == "momentum")
        #expect(Spelling.nearest(to: "xyz", among: ["learning-rate", "momentum"]) == nil)
    }
}

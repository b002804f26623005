import Basics
import Sweeps
import Testing

@Suite("Grid")
struct GridTests {
    @Test("is the product of its axes, the last one varying fastest")
    func product() throws {
        let spec = SweepSpec(
            name: "a", base: Example.minimal,
            axes: [
                Axis("model.width", [1, 2]), Axis("optimizer.weight-decay", [0, 0.5]), Axis("seed", [0, 1]),
            ])
        let grid = try Grid(spec, schema: Example.schema)
        let cells = grid.map { $0.axisValues }
        #expect(
            cells == [
                [1, 0.0, 0], [1, 0.0, 1], [1, 0.5, 0], [1, 0.5, 1], [2, 0.0, 0], [2, 0.0, 1], [2, 0.5, 0],
                [2, 0.5, 1],
            ])
    }

    @Test("makes each task exactly as its settings alone would resolve")
    func tasksAgreeWithSchema() throws {
        let spec = SweepSpec(
            name: "a",
            base: Example.with(("dataset.path", "/data"), ("measure.probes", ["local-complexity"])),
            axes: [
                Axis("seed", [3, 4]), Axis("dataset.noise", ["none", ["kind": "exact-other", "rate": 1]]),
                Axis("measure.probes.local-complexity.points", [5, 6]), Axis("model.init.scale", [1, 2]),
            ])
        for task in try Grid(spec, schema: Example.schema) {
            var raw = Example.with(("dataset.path", "/data"), ("measure.probes", ["local-complexity": [:]]))
            for (axis, value) in zip(spec.axes, task.axisValues) { raw[axis.path] = value }
            let alone = try Example.schema.resolve(raw)
            #expect(task.configuration == alone.configuration)
            #expect(task.environment == alone.environment)
            #expect(task.id == TaskID(of: alone.configuration))
        }
    }

    @Test("is one task where nothing varies")
    func noAxes() throws {
        let grid = try Grid(SweepSpec(name: "a", base: Example.minimal), schema: Example.schema)
        #expect(grid.count == 1)
        #expect(grid[0].axisValues == [])
    }

    @Test("leaves out every cell that an exclusion names in part, and adds the included ones at the end")
    func excludeAndInclude() throws {
        let spec = SweepSpec(
            name: "a", base: Example.minimal,
            axes: [Axis("model.width", [1, 2, 3, 4]), Axis("seed", [0, 1])],
            exclude: [["model.width": [1, 2], "seed": [1]], ["model.width": [4]]],
            include: [["model.width": 64, "optimizer.weight-decay": 0.5]])
        let grid = try Grid(spec, schema: Example.schema)
        let cells = grid.map { $0.axisValues }
        #expect(cells == [[1, 0], [2, 0], [3, 0], [3, 1], [64, 0]])
        #expect(grid[4].configuration["optimizer.weight-decay"] == 0.5)
    }

    @Test("does not judge cells that are excluded")
    func excludedCellsAreNotJudged() throws {
        let spec = SweepSpec(
            name: "a", base: Example.minimal,
            axes: [Axis("optimizer.name", ["sgd", "adam"]), Axis("optimizer.learning-rate", [0.1, 5000])],
            exclude: [["optimizer.learning-rate": [5000]]])
        #expect(try Grid(spec, schema: Example.schema).count == 2)
    }

    @Test("gives an axis that a cell lacks no value")
    func absentAxis() throws {
        let spec = SweepSpec(
            name: "a", base: Example.with(("optimizer", ["name": "sgd", "learning-rate": 0.1])),
            axes: [Axis("optimizer.momentum", [0, 0.9])], include: [["optimizer": "adam"]])
        let grid = try Grid(spec, schema: Example.schema)
        #expect(grid.map(\.axisValues) == [[0.0], [0.9], [.null]])
    }

    @Test(
        "names the axis or cell that is wrong, and why",
        arguments: [
            (
                [Axis("model.width", [1, 0])],
                "model.width: must be a whole number from 1 to 65536 units; is 0"
            ),
            ([Axis("model.widht", [1])], "model.widht: unknown key; nearest known key 'width'"),
            ([Axis("modle.width", [1])], "modle.width: unknown key; nearest known key 'model.width'"),
            (
                [Axis("training.epochs", [1])],
                "training.epochs: cannot be a grid axis: one run measures all its epochs; set the largest once"
            ),
            (
                [Axis("resources.threads", [1, 2])],
                "resources.threads: cannot be a grid axis: it cannot change a result"
            ),
            ([Axis("name", ["a"])], "name: cannot be a grid axis: it describes the sweep and no task"),
            ([Axis("seed", [])], "seed: needs at least one value"),
            (
                [Axis("seed", [1]), Axis("seed", [2])],
                "seed: overlaps the axis 'seed'; a key can vary only once"
            ),
            (
                [Axis("model.init", ["default"]), Axis("model.init.scale", [2])],
                "model.init.scale: overlaps the axis 'model.init'; a key can vary only once"
            ),
            (
                [Axis("model.init.scale", [2, .number(2)])],
                "grid: the cells (model.init.scale=2) and (model.init.scale=2) are the same task"
            ),
            (
                [Axis("dataset.noise.kind", ["none", "exact-other"])],
                "dataset.noise.rate: is missing; give a number from 0 to 1 (Share of labels.) (with dataset.noise.kind='exact-other')"
            ),
        ])
    func problem(axes: [Axis], message: String) {
        #expect(Example.problems(of: SweepSpec(name: "a", base: Example.minimal, axes: axes)) == [message])
    }

    @Test("names both the included cell and the cell that it repeats")
    func duplicateInclusion() {
        var spec = SweepSpec(name: "a", base: Example.minimal, axes: [Axis("seed", [0, 1])])
        spec.include = [["seed": 1], ["seed": 2], ["seed": 2]]
        #expect(
            Example.problems(of: spec) == [
                "include[0]: is the same task as the cell (seed=1) of the grid",
                "include[2]: is the same task as include[1]",
            ])
    }

    @Test("names what an exclusion or inclusion gets wrong")
    func wrongExclusions() {
        var spec = SweepSpec(name: "a", base: Example.minimal, axes: [Axis("seed", [0, 1])])
        spec.exclude = [["sed": [1]], ["seed": [7]]]
        spec.include = [["model.widht": 3]]
        #expect(
            Example.problems(of: spec) == [
                "exclude[0].sed: is no axis of the grid; nearest known axis 'seed'",
                "exclude[1].seed: no value of this axis is 7",
                "include[0].model.widht: unknown key; nearest known key 'width'",
            ])
    }

    @Test("refuses a product beyond measure before expanding it")
    func tooLarge() {
        let thousand = (0..<1000).map(Setting.integer)
        let axes = ["model.width", "model.depth", "training.batch", "seed"].map { Axis($0, thousand) }
        #expect(
            Example.problems(of: SweepSpec(name: "a", base: Example.minimal, axes: axes)) == [
                "grid: 1000 × 1000 × 1000 × 1000 cells are more than 10000000; split the sweep"
            ])
    }

    @Test("has a fingerprint that changes with tasks, their order and the axes, and with nothing else")
    func fingerprint() throws {
        let spec = SweepSpec(name: "a", base: Example.minimal, axes: [Axis("seed", [0, 1])])
        func fingerprint(_ change: (inout SweepSpec) -> Void) throws -> String {
            var changed = spec
            change(&changed)
            return try Grid(changed, schema: Example.schema).fingerprint.hexadecimal
        }
        let original = try fingerprint { _ in }
        #expect(try fingerprint { $0.name = "b" } == original)
        #expect(try fingerprint { $0.report.curves = [.init(values: ["test-error"])] } == original)
        #expect(try fingerprint { $0.base["resources.threads"] = 4 } == original)
        #expect(try fingerprint { $0.base["model.width"] = 9 } != original)
        #expect(try fingerprint { $0.axes = [Axis("seed", [1, 0])] } != original)
        #expect(try fingerprint { $0.axes = [Axis("model.width", [8]), Axis("seed", [0, 1])] } != original)
    }
}

@Suite("Axis")
struct AxisTests {
    @Test("is called by the last component of its path, or by more where two collide")
    func columns() {
        let axes = Axis.named([
            Axis("model.width", [1]), Axis("optimizer.weight-decay", [0]),
            Axis("dataset.noise.kind", ["none"]),
            Axis("optimizer.schedule.kind", ["none"]), Axis("seed", [0]), Axis("measure.epoch", [0]),
        ])
        #expect(
            axes.map(\.column) == [
                "width", "weight_decay", "noise_kind", "schedule_kind", "seed", "measure_epoch",
            ])
    }

    @Test(
        "expands ranges, progressions, powers of two and lists",
        arguments: [
            ("1..4", [1, 2, 3, 4]), ("-1..1", [-1, 0, 1]), (7, [7]), ("none", ["none"]),
            (["from": 1, "to": 8, "step": 3], [1, 4, 7]), (["from": 2, "to": 4], [2, 3, 4]),
            (["from": 0, "to": 0.4, "step": 0.1], [.number(0), 0.1, 0.2, 0.3, 0.4]),
            (["from": 0.05, "to": 0.2, "step": 0.05], [0.05, 0.1, 0.15, 0.2]),
            (["log2": [1, 64]], [1, 2, 4, 8, 16, 32, 64]), (["log2": [3, 20]], [3, 6, 12]),
            (["1..3", 8, "12..13"], [1, 2, 3, 8, 12, 13]), ([["kind": "none"]], [["kind": "none"]]),
        ] as [(Setting, [Setting])])
    func ranges(setting: Setting, values: [Setting]) throws {
        #expect(try AxisValues.expand(setting) == values)
    }

    @Test(
        "refuses notations without values",
        arguments: [
            ("4..1", "the range from 4 to 1 is empty; give the smaller one first"),
            ([], "needs at least one value"), (.null, "needs at least one value"),
            (["from": 1, "to": 8, "step": 0], "the step must be greater than 0; is 0"),
            (["from": 1, "to": 8, "stpe": 2], "a range has no key 'stpe'; nearest known key 'step'"),
            (["from": "a", "to": 8], "from, to and step of a range must be numbers"),
            (["log2": 64], "log2 takes two whole numbers, such as {log2: [1, 64]}; is 64"),
            ("0..9223372036854775807", "more than 1000000 values"),
            (["from": 0, "to": 1, "step": 1e-9], "more than 1000000 values"),
        ] as [(Setting, String)])
    func refusals(setting: Setting, message: String) {
        #expect(throws: AxisValues.Refusal(message: message)) { try AxisValues.expand(setting) }
    }
}

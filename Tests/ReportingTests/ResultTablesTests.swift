import Foundation
import Reporting
import Sweeps
import Testing

@Suite("ResultTables")
struct ResultTablesTests {
    /// One task at one epoch, for facts about single cells.
    private func results(
        axes: [Axis] = [], values: [Setting] = [], columns: [String] = ["test_error"],
        scalars: [Double?] = [0.5]
    ) -> SweepResults {
        let result = TaskResult(
            columns: columns, measurements: [Sweeps.Measurement(epoch: 0, step: 0, scalars: scalars)])
        let task = ReportedTask(id: TaskID(of: .integer(1)), axisValues: values, result: result)
        return SweepResults(name: "one", axes: axes, tasks: [task], columns: [])
    }

    private func rows(_ text: String) -> [String] {
        text.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
    }

    @Test("writes the four tables of a small sweep")
    func goldenTables() throws {
        let results = TableSweep.results
        try expectGolden(ResultTables.measurements(results), "reporting-measurements.csv")
        try expectGolden(ResultTables.layers(results), "reporting-layers.csv")
        try expectGolden(ResultTables.summary(results), "reporting-summary.csv")
        try expectGolden(ResultTables.provenance(results), "reporting-provenance.csv")
    }

    @Test("gives the same bytes whatever the order of the tasks", arguments: 0..<6)
    func orderIndependence(shift: Int) {
        let tasks = TableSweep.tasks
        let turned = Array(tasks[shift...] + tasks[..<shift]).reversed()
        let results = SweepResults(
            name: "tables", axes: TableSweep.axes, tasks: Array(turned), columns: TableSweep.columns)
        for table in [
            ResultTables.measurements, ResultTables.layers, ResultTables.summary, ResultTables.provenance,
        ] {
            let isSame = table(results) == table(TableSweep.results)
            #expect(isSame)
        }
    }

    @Test("rows in the middle of an epoch are told apart by its part, in every table")
    func partsOfEpochs() {
        func task(_ seed: Int, _ loss: Double) -> ReportedTask {
            let layers = [LayerValue(metric: "rate", layer: 1, index: 0, value: 0.5)]
            return ReportedTask(
                id: TaskID(of: .integer(seed)), axisValues: [.integer(seed)],
                result: TaskResult(
                    columns: ["train_loss"],
                    measurements: [
                        Sweeps.Measurement(epoch: 0, step: 0, scalars: [loss]),
                        Sweeps.Measurement(
                            epoch: 0, step: 1, passes: 0.25, scalars: [loss / 2], layers: layers),
                        Sweeps.Measurement(epoch: 0, step: 2, passes: 0.5, scalars: [loss / 4]),
                        Sweeps.Measurement(epoch: 1, step: 4, scalars: [loss / 8]),
                    ]))
        }
        let results = SweepResults(
            name: "steps", axes: [Axis("seed", [0, 1])], tasks: [task(0, 8), task(1, 16)],
            columns: [Column("train_loss", title: "train loss")])
        let measurements = rows(ResultTables.measurements(results))[1...4].map {
            $0.split(separator: ",").dropFirst(2).joined(separator: ",")
        }
        #expect(measurements == ["0,0,8", "0.25,1,4", "0.5,2,2", "1,4,1"])
        #expect(rows(ResultTables.layers(results))[1].hasSuffix(",0.25,rate,1,0,0.5"))
        let summary = rows(ResultTables.summary(results)).dropFirst().map {
            $0.split(separator: ",").prefix(3).joined(separator: ",")
        }
        #expect(summary == ["0,train_loss,12", "0.25,train_loss,6", "0.5,train_loss,3", "1,train_loss,1.5"])
    }

    @Test("ends every line with CR LF, as RFC 4180 has it")
    func lineEnds() {
        let bytes = Array(ResultTables.measurements(TableSweep.results).utf8)
        let feeds = bytes.indices.filter { bytes[$0] == 0x0A }
        let areAllPreceded = feeds.allSatisfy { $0 > 0 && bytes[$0 - 1] == 0x0D }
        #expect(areAllPreceded && feeds.count == 16)
        #expect(bytes.last == 0x0A)
    }

    @Test(
        "prints a number with the shortest text that reads back to the same bits",
        arguments: [
            (400.0, "400"), (0.1, "0.1"), (1e-5, "1e-05"), (5e-324, "5e-324"), (-0.0, "-0"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (0.1 + 0.2, "0.30000000000000004"),
            (.nan, "nan"),
            (-.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
        ])
    func numbers(value: Double, text: String) {
        let row = rows(ResultTables.measurements(results(scalars: [value])))[1]
        #expect(row.hasSuffix(",0,0,\(text)"))
        let isSame = Double(text)?.bitPattern == value.bitPattern
        #expect(isSame || value.isNaN)
    }

    @Test("leaves the cell of a missing value empty")
    func missingValue() {
        let row = rows(ResultTables.measurements(results(columns: ["a", "b"], scalars: [nil, 1])))[1]
        #expect(row.hasSuffix(",0,0,,1"))
    }

    @Test(
        "quotes what RFC 4180 asks for and disarms formulas",
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""), ("=SUM(A1)", "'=SUM(A1)"), ("-1+2", "'-1+2"), ("@x", "'@x"),
            ("+1,2", "\"'+1,2\""), ("naïve", "naïve"),
        ])
    func escaping(value: String, field: String) {
        let axis = Axis("dataset.name", [.text(value)])
        let text = ResultTables.measurements(results(axes: [axis], values: [.text(value)]))
        #expect(text.contains(",\(field),0,0,0.5\r\n"))
    }

    @Test("keeps a negative number of an axis a number")
    func negativeAxisValue() {
        let axis = Axis("model.shift", [.number(-0.5)])
        let text = ResultTables.measurements(results(axes: [axis], values: [.number(-0.5)]))
        #expect(text.contains(",-0.5,0,0,0.5\r\n"))
    }

    @Test("sorts rows by axis values, numbers by value and before texts")
    func sorting() {
        let values: [Setting] = [.text("b"), .integer(10), .number(9.5), .null, .text("a"), .integer(2)]
        let result = TaskResult(
            columns: ["m"], measurements: [Sweeps.Measurement(epoch: 0, step: 0, scalars: [1])])
        let tasks = values.map { ReportedTask(id: TaskID(of: $0), axisValues: [$0], result: result) }
        let results = SweepResults(name: "s", axes: [Axis("model.x", values)], tasks: tasks, columns: [])
        let column = rows(ResultTables.measurements(results)).dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false)[1]
        }
        #expect(column == ["", "2", "9.5", "10", "a", "b"])
    }

    @Test("merges the metrics of different tasks in catalog order")
    func metricUnion() {
        func task(_ width: Int, _ columns: [String]) -> ReportedTask {
            let result = TaskResult(
                columns: columns,
                measurements: [Sweeps.Measurement(epoch: 0, step: 0, scalars: columns.map { _ in 1 })])
            return ReportedTask(
                id: TaskID(of: .integer(width)), axisValues: [.integer(width)], result: result)
        }
        let results = SweepResults(
            name: "m", axes: [Axis("model.width", [1, 2])],
            tasks: [
                task(1, ["train_error", "lc_r5", "norm"]),
                task(2, ["train_error", "test_error", "lc_r1", "lc_r5"]),
            ],
            columns: ["train_error", "test_error", "norm"].map { Column($0, title: $0) })
        // Unknown to the catalog are the two radii; each stands where its own task has it.
        #expect(results.metricNames == ["train_error", "test_error", "lc_r1", "lc_r5", "norm"])
    }

    @Test("writes headers alone for a sweep without a result")
    func noResults() {
        let results = SweepResults(
            name: "empty", axes: TableSweep.axes,
            tasks: [ReportedTask(id: TaskID(of: .null), axisValues: [1, 0.2, 0], result: nil)], columns: [])
        #expect(ResultTables.measurements(results) == "task,width,rate,seed,epoch,step\r\n")
        #expect(ResultTables.summary(results) == "width,rate,epoch,metric,mean,standard_deviation,count\r\n")
    }

    @Test("gives mean, sample deviation and count over the seeds that are there")
    func summaryStatistics() {
        let lines = rows(ResultTables.summary(TableSweep.results))
        // Seeds 0 and 1 of width 2 measured 0.25 and 0.75; the deviation is √(2 · 0.25² / 1).
        #expect(lines.contains("2,0.2,0,test_error,0.5,0.3535533905932738,2"))
        // Width 10 has one finished seed.
        #expect(lines.contains("10,0.2,0,test_error,0.125,,1"))
        // Noisy error does not apply to that cell, and its row says so.
        #expect(lines.contains("10,0.2,0,noisy_error,,,0"))
    }

    @Test("writes the files of a folder with the bytes of the texts")
    func files() throws {
        try withTemporaryFolder { folder in
            let paths = try ResultTables.write(TableSweep.results, to: folder)
            #expect(
                paths.map { $0.split(separator: "/").last } == [
                    "measurements.csv", "layers.csv", "summary.csv", "provenance.csv",
                ])
            let text = try String(contentsOfFile: paths[2], encoding: .utf8)
            let isSame = text == ResultTables.summary(TableSweep.results)
            #expect(isSame)
        }
    }
}

/// A sweep of six tasks whose numbers need no mathematical library, so that its tables are the same
/// everywhere.
enum TableSweep {
    static let axes = [
        Axis("model.width", [10, 2]), Axis("dataset.noise.rate", [0.2, 0]), Axis("seed", [0, 1]),
    ]
    static let columns = [
        Column("train_error", title: "train error", unit: "fraction"),
        Column("test_error", title: "test error", unit: "fraction"),
        Column("noisy_error", title: "noisy error", unit: "fraction"),
    ]

    static let tasks: [ReportedTask] = {
        let places: [(width: Int, rate: Double, seed: Int, test: Double?)] = [
            (10, 0.2, 1, nil), (10, 0.2, 0, 0.125), (2, 0, 1, 0.1), (2, 0.2, 1, 0.75), (2, 0, 0, 0.3),
            (2, 0.2, 0, 0.25),
        ]
        return places.map { place in
            ReportedTask(
                id: TaskID(of: [.integer(place.width), .number(place.rate), .integer(place.seed)]),
                axisValues: [.integer(place.width), .number(place.rate), .integer(place.seed)],
                result: place.test.map { result(test: $0, hasNoise: place.rate > 0 && place.width < 10) },
                provenance: place.test.map { _ in provenance(seed: place.seed) })
        }
    }()

    static var results: SweepResults {
        SweepResults(name: "tables", axes: axes, tasks: tasks, columns: columns)
    }

    private static func result(test: Double, hasNoise: Bool) -> TaskResult {
        let measurements = [0, 1, 10].enumerated().map { index, epoch in
            let scale = 1 / Double(index + 1)
            return Sweeps.Measurement(
                epoch: epoch, step: epoch * 6,
                scalars: [test * scale / 2, test * scale, hasNoise ? scale : nil],
                layers: (1...2).map {
                    LayerValue(metric: "dead_units", layer: $0, index: 0, value: Double($0) * scale)
                })
        }
        return TaskResult(columns: columns.map(\.name), measurements: measurements)
    }

    private static func provenance(seed: Int) -> Provenance {
        Provenance(
            attempt: UInt32(seed + 1), worker: seed == 0 ? "alice" : "bob", host: "=node,1",
            blasCore: "Haswell",
            instructionSet: "avx2", threads: 1, started: "2026-01-31T12:00:00Z", seconds: 1.25,
            hash: String(repeating: "0f", count: 32))
    }
}

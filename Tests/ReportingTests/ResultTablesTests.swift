import Reporting
import Sweeps
import Testing

@Suite("Result tables")
struct ResultTablesTests {
    @Test("measurements, layers, summary and provenance are as committed")
    func goldens() throws {
        let results = SmallSweep.results()
        try expectGolden(ResultTables.measurements(results), "reporting-measurements.csv")
        try expectGolden(ResultTables.layers(results), "reporting-layers.csv")
        try expectGolden(ResultTables.summary(results), "reporting-summary.csv")
        try expectGolden(ResultTables.provenance(results), "reporting-provenance.csv")
    }

    @Test("the order in which tasks finished changes no byte")
    func orderDoesNotMatter() {
        let tasks = SmallSweep.tasks()
        let straight = SweepResults(
            name: "small", axes: SmallSweep.axes, tasks: tasks, columns: SmallSweep.columns)
        let turned = SweepResults(
            name: "small", axes: SmallSweep.axes, tasks: tasks.reversed(), columns: SmallSweep.columns)
        #expect(ResultTables.measurements(straight) == ResultTables.measurements(turned))
        #expect(ResultTables.layers(straight) == ResultTables.layers(turned))
        #expect(ResultTables.summary(straight) == ResultTables.summary(turned))
    }

    @Test("rows are sorted by axis values as numbers, then by epoch")
    func sorting() {
        let lines = ResultTables.measurements(SmallSweep.results()).split(separator: "\r\n").dropFirst()
        let keys = lines.map { line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            return [1, 2, 3, 4].map { Double(cells[$0]) ?? -1 }
        }
        let isSorted = zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
        #expect(isSorted)
        #expect(keys.count == 60)
    }

    @Test("missing is empty, undefined is nan, and numbers read back to the same bits")
    func notation() {
        let odd = TaskResult(
            columns: ["a", "b", "c", "d", "e"],
            measurements: [Measurement(epoch: 0, step: 0, scalars: [nil, .nan, .infinity, 0.1, -1e-7])])
        let task = ReportedTask(id: TaskID(of: .null), axisValues: [], result: odd)
        let csv = ResultTables.measurements(SweepResults(name: "odd", axes: [], tasks: [task], columns: []))
        #expect(csv == "task,epoch,step,a,b,c,d,e\r\n\(task.id),0,0,,nan,inf,0.1,-1e-07\r\n")
    }

    @Test("texts that need quotes get them, and none is a formula")
    func escaping() {
        let values: [Setting] = ["a,b", "say \"yes\"", "two\nlines", "=1+1"]
        let tasks = values.map { value in
            ReportedTask(
                id: TaskID(of: value), axisValues: [value],
                result: TaskResult(columns: [], measurements: [Measurement(epoch: 0, step: 0, scalars: [])]))
        }
        let csv = ResultTables.measurements(
            SweepResults(name: "texts", axes: [Axis("model.family", values)], tasks: tasks, columns: []))
        for cell in [#","a,b","#, #","say ""yes""","#, ",\"two\nlines\",", ",'=1+1,"] {
            #expect(csv.contains(cell), "\(cell) in \(csv)")
        }
    }

    @Test("the summary has sample deviations, and none for a single seed")
    func deviations() {
        let both = ResultTables.summary(SmallSweep.results())
        let line = both.split(separator: "\r\n").first { $0.hasPrefix("1,0,0,test_error") }
        // Two seeds 0.01 apart: the sample deviation is 0.01 / √2.
        let deviation = line.map { $0.split(separator: ",")[5] }.flatMap { Double($0) } ?? 0
        #expect(abs(deviation - 0.01 / 2.0.squareRoot()) < 1e-12)
        let single = ResultTables.summary(SmallSweep.results { $0[2] == 1 })
        #expect(single.contains("test_error,0.9,,1"))
    }
}

import ArgumentParser
import Experiments
import Foundation
import Runtime
import SweepFiles
import Sweeps

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a sweep would take, and run nothing.",
        discussion: """
            Examples:
              descent plan sweeps/quickstart.yaml
              descent plan my.yaml --set training.epochs=1000 --workers 64
            """)

    @OptionGroup var options: SweepOptions

    @Option(help: "Workers to predict the time for (default: one a core).")
    var workers: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if let workers, workers < 1 { throw ValidationError("--workers must be at least 1.") }
    }

    func run() throws {
        let file = try options.read()
        let cores = ProcessInfo.processInfo.activeProcessorCount
        try Preflight.checkData(of: file.grid)
        let plan = try SweepPlan(file.grid, workers: workers ?? cores)
        if json { return try printJSON(plan) }
        print(plan.text)
    }
}

/// What a sweep takes in all, predicted from its configuration.
struct SweepPlan: Encodable {
    struct AxisLine: Encodable {
        let path: String
        let column: String
        let values: [String]
    }

    struct Share: Encodable {
        let name: String
        /// Part of all floating-point operations, in [0, 1].
        let share: Double
    }

    let name: String
    let tasks: Int
    let axes: [AxisLine]
    let parametersMin: Int
    let parametersMax: Int
    let operations: Double
    let shares: [Share]
    let memoryBytesMax: Double
    let rows: Int
    let workers: Int
    let secondsPredicted: Double
    /// What stays empty although everything runs.
    let notes: [String]

    /// - Throws: ``TaskError`` for a task that could never run, with the reason.
    init(_ grid: Grid, workers: Int) throws {
        name = grid.spec.name
        tasks = grid.count
        axes = grid.axes.map { axis in
            AxisLine(path: axis.path, column: axis.column, values: axis.values.map(\.plainText))
        }
        var parameters = (least: Int.max, most: 0)
        var (training, metrics, memory) = (0.0, 0.0, 0.0)
        var (rowCount, probes) = (0, [(name: String, operations: Double)]())
        let costs = try Preflight.costs(of: grid)
        for cost in costs {
            parameters = (
                min(parameters.least, cost.parameterCount), max(parameters.most, cost.parameterCount)
            )
            training += cost.trainingOperations
            metrics += cost.metricsOperations
            memory = max(memory, cost.memoryBytes)
            rowCount += cost.rowCount
            for probe in cost.probes {
                if let index = probes.firstIndex(where: { $0.name == probe.name }) {
                    probes[index].operations += probe.operations
                } else {
                    probes.append((probe.name, probe.operations))
                }
            }
        }
        let total = probes.reduce(training + metrics) { $0 + $1.operations }
        (parametersMin, parametersMax) = parameters
        operations = total
        shares = ([("training", training), ("metrics", metrics)] + probes).map { name, operations in
            Share(name: name, share: total > 0 ? operations / total : 0)
        }
        memoryBytesMax = memory
        rows = rowCount
        self.workers = workers
        notes = Preflight.notes(on: costs)
        let seconds = try SweepPlan.secondsPredicted(grid, costs)
        secondsPredicted = seconds / Double(min(workers, max(tasks, 1)))
    }

    /// The time of all tasks on one core, calibrated on rehearsals of some of them.
    private static func secondsPredicted(_ grid: Grid, _ costs: [TaskCost]) throws -> Double {
        let tasks = zip(grid, costs).map { (configuration: $0.configuration, cost: $1) }
        let speed = try SpeedModel(calibratedOn: tasks, now: { SystemClock.now })
        return tasks.reduce(0) { $0 + speed.seconds(of: $1.cost, configuration: $1.configuration) }
    }

    var text: String {
        var table = Table(["axis", "values", ""], rightAligned: [1])
        for axis in axes {
            table.append([axis.path, String(axis.values.count), SweepPlan.abridged(axis.values)])
        }
        let parameters =
            parametersMin == parametersMax ? "\(parametersMin)" : "\(parametersMin) to \(parametersMax)"
        let parts = shares.map { "\($0.name) \(Int(($0.share * 100).rounded())) %" }.joined(separator: ", ")
        return """
            \(name): \(tasks) tasks

            \(table.text)

            parameters   \(parameters)
            operations   \(Quantity.operations(operations)) (\(parts))
            memory       \(Quantity.bytes(memoryBytesMax)) for the largest task, beside the program
            rows         \(rows) in measurements.csv
            time         about \(Quantity.duration(seconds: secondsPredicted)) on \(workers) \
            worker\(workers == 1 ? "" : "s")
            """ + notes.map { "\nnote         \($0)" }.joined()
    }

    /// The values in one short line.
    private static func abridged(_ values: [String]) -> String {
        if values.count <= 8 { return values.joined(separator: " ") }
        return values.prefix(4).joined(separator: " ") + " … " + values.suffix(2).joined(separator: " ")
    }
}

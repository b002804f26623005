import ArgumentParser
import Experiments
import ResultStore
import Runtime
import SweepFiles
import Sweeps

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join runs that never saw each other into a new one.",
        discussion: """
            Runs of one sweep, or of grids that overlap or lie beside each other. Results that several runs have must have \
            the same bytes, which confirms them; where one differs nothing is joined (exit code 65). CSV files and plots of \
            the new run are written at the end; what is still missing runs with 'descent resume'.

            Example:
              descent merge runs/here runs/there --output runs/both
            """)

    @Argument(help: "The run directories.", completion: .directory)
    var runs: [String]

    @Option(help: "The new run directory.", completion: .directory)
    var output: String

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        let run: String
        let tasks: Int
        let results: Int
        let confirmed: Int
        let tables: [String]
    }

    func validate() throws {
        guard runs.count >= 2 else { throw ValidationError("Give at least two runs to join.") }
    }

    func run() throws {
        let opened = try runs.map { run in
            try OpenedRun.open(RunDirectory(run), schema: Vocabulary.schema, for: .reading)
        }
        let merge = try RunMerge(opened, schema: Vocabulary.schema)
        let report = try merge.merge(into: RunDirectory(output), program: BuildVersion.text)
        let collector = try RunReader(output).collector()
        let tables = try collector.writeTables().tables
        let plots = try collector.writePlots()
        if let complaint = plots.complaint { printError(complaint) }
        if json {
            return try printJSON(
                Report(
                    run: output, tasks: report.taskCount, results: report.resultCount,
                    confirmed: report.confirmedCount, tables: tables))
        }
        for file in tables { print(file) }
        let confirmed = report.confirmedCount > 0 ? ", \(report.confirmedCount) of them confirmed" : ""
        printError("\(report.resultCount) of \(Quantity.tasks(report.taskCount)) have a result\(confirmed)")
        if report.resultCount < report.taskCount { printError("for the others: descent resume \(output)") }
    }
}

struct ExtendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Give a run a larger sweep, and run only what is new.",
        discussion: """
            More values, seeds or epochs. Tasks with the same parameters keep their results. What the new file does not \
            ask for any more stays in the run's archive folder.

            Examples:
              descent extend runs/mine more-seeds.yaml --dry-run
              descent extend runs/mine more-seeds.yaml
            """)

    @OptionGroup var target: RunArgument

    @OptionGroup var options: SweepOptions

    @Option(help: "Worker processes (default: one a core).")
    var workers: Int?

    @Flag(help: "Say what would be new, and change nothing.")
    var dryRun = false

    @Flag(help: "Change the run's sweep, and run nothing now.")
    var onlyPlan = false

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        let run: String
        let kept: Int
        let keptDone: Int
        let new: Int
        let archived: Int
        let archivedDone: Int
        let dryRun: Bool
    }

    func validate() throws {
        if let workers, workers < 1 { throw ValidationError("--workers must be at least 1.") }
    }

    func run() throws {
        let file = try options.read()
        let directory = RunDirectory(target.run)
        let access: SweepStore.Access = dryRun ? .reading : .writing
        var opened = try OpenedRun.open(
            directory, schema: Vocabulary.schema, for: access, purpose: onlyPlan ? .changing : .coordinating)
        let extending = RunExtension(opened, to: file.grid, program: BuildVersion.text)
        let plan = try extending.plan()
        printError(RunArgument.sentence(of: plan))
        if dryRun || onlyPlan, json {
            try printJSON(
                Report(
                    run: target.run, kept: plan.kept, keptDone: plan.keptDone, new: plan.new,
                    archived: plan.archived, archivedDone: plan.archivedDone, dryRun: dryRun))
        }
        if dryRun { return }
        try Preflight.checkData(of: file.grid)
        _ = try Preflight.costs(of: file.grid)
        if !plan.changesNothing { opened = try extending.apply() }
        if !onlyPlan { try SweepSession(opened, json: json).run(workers: workers) }
    }
}

extension RunArgument {
    /// What an extension comes to, for people.
    static func sentence(of plan: RunExtension.Plan) -> String {
        if plan.changesNothing { return "the run has this sweep already" }
        var text = "\(Quantity.tasks(plan.new)) new, \(plan.kept) kept (\(plan.keptDone) of them done)"
        if plan.archived > 0 {
            text += ", \(plan.archived) not asked for any more (\(plan.archivedDone) of them done): archived"
        }
        return text
    }
}

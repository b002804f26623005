import ArgumentParser
import Experiments
import Foundation
import ResultStore
import Runtime
import SweepFiles
import Sweeps

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a sweep on this machine: one coordinator and one worker process a core.",
        discussion: """
            Opens the run directory if it exists, and runs only what is missing. Ends by writing CSV files and plots. \
            Ctrl-C once finishes the tasks in training and stops; twice stops at once. Either way nothing finished is \
            lost.

            A sweep that the directory holds already, with more probes now, is measured anew: from checkpoints where \
            the sweep kept them (checkpoints: {keep: all}), else by training again.

            Examples:
              descent run sweeps/quickstart.yaml
              descent run my.yaml --workers 8 --run runs/short --set training.epochs=50
            """)

    @OptionGroup var options: SweepOptions

    @Option(help: "Worker processes (default: one a core).")
    var workers: Int?

    @Option(name: .customLong("run"), help: "The run directory (default: runs/NAME).", completion: .directory)
    var directory: String?

    @OptionGroup var encryption: EncryptionOptions

    @Option(help: "End the sweep once more tasks than this have failed.")
    var maxFailures: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if let workers, workers < 1 { throw ValidationError("--workers must be at least 1.") }
        if let maxFailures, maxFailures < 0 { throw ValidationError("--max-failures must not be negative.") }
    }

    func run() throws {
        let file = try options.read()
        try Preflight.checkData(of: file.grid)
        _ = try Preflight.costs(of: file.grid)
        let directory = directory.map { RunDirectory($0) } ?? .standard(forSweep: file.spec.name)
        let opened = try RunCommand.open(file.grid, in: directory)
        try SweepSession(opened, json: json).run(
            workers: workers, keys: encryption.isWanted ? encryption.keys(of: directory) : nil,
            failedTasksMax: maxFailures)
    }

    /// Begins or opens the run; one of the same sweep with fewer probes gets the new ones.
    private static func open(_ grid: Grid, in directory: RunDirectory) throws -> OpenedRun {
        do {
            return try OpenedRun.open(grid, in: directory, program: BuildVersion.text)
        } catch RunError.otherSweep(let path, let name) {
            let held = try OpenedRun.open(directory, schema: Vocabulary.schema, for: .writing)
            let extending = RunExtension(held, to: grid, program: BuildVersion.text)
            guard extending.onlyMeasuresMore else { throw RunError.otherSweep(directory: path, name: name) }
            printError(
                "the sweep measures more than before: all tasks run again, on their checkpoints where they have any; "
                    + "the results so far stay in \(directory.archive)")
            return try extending.apply()
        }
    }
}

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Continue a run: only what is missing runs.",
        discussion: """
            Example:
              descent resume runs/quickstart
            """)

    @OptionGroup var target: RunArgument

    @Option(help: "Worker processes (default: one a core).")
    var workers: Int?

    @OptionGroup var encryption: EncryptionOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if let workers, workers < 1 { throw ValidationError("--workers must be at least 1.") }
    }

    func run() throws {
        let opened = try OpenedRun.open(RunDirectory(target.run), schema: Vocabulary.schema, for: .writing)
        try Preflight.checkData(of: opened.grid)
        try SweepSession(opened, json: json).run(
            workers: workers, keys: encryption.isWanted ? encryption.keys(of: opened.directory) : nil)
    }
}

struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Give failed tasks another chance, and continue the run.",
        discussion: """
            Cancelled tasks come back where --where names that state. A coordinator that works on the run takes them up \
            at once; else the run is continued here.

            Examples:
              descent retry runs/quickstart
              descent retry runs/quickstart --where 'class=out_of_memory and width>=32'
              descent retry runs/quickstart --where cancelled
              descent retry runs/quickstart --only-plan
            """)

    @OptionGroup var target: RunArgument

    @OptionGroup var selection: SelectionOptions

    @Option(help: "Worker processes (default: one a core).")
    var workers: Int?

    @Flag(help: "Say that the tasks shall run again, and run nothing here.")
    var onlyPlan = false

    @OptionGroup var encryption: EncryptionOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let steering = RunSteering(RunDirectory(target.run), schema: Vocabulary.schema)
        if selection.dryRun { return try selection.show(.retry, steering, run: target.run, json: json) }
        if try onlyPlan || SweepStatus(of: RunDirectory(target.run)).coordinator != nil {
            return try selection.steer(.retry, steering, run: target.run, json: json)
        }
        let opened = try OpenedRun.open(RunDirectory(target.run), schema: Vocabulary.schema, for: .writing)
        try Preflight.checkData(of: opened.grid)
        let count = try RunSteering.steer(
            .retry, where: selection.predicate, reason: selection.reason, in: opened)
        printError("\(Quantity.tasks(count)) will run again")
        try SweepSession(opened, json: json).run(
            workers: workers, keys: encryption.isWanted ? encryption.keys(of: opened.directory) : nil)
    }
}

struct CoordinatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Serve a sweep to workers anywhere.",
        discussion: """
            Writes its address to endpoint.json in the run directory, where workers with --run find it. Ends when every \
            task is done, by writing CSV files and plots.

            On an address that other machines reach all messages are encrypted, and only workers whose key is allowed \
            are let in: see descent keys.

            Examples:
              descent coordinator my.yaml --run runs/mine
              descent coordinator my.yaml --listen tcp://10.0.0.1:5555
            """)

    @OptionGroup var options: SweepOptions

    @Option(name: .customLong("run"), help: "The run directory (default: runs/NAME).", completion: .directory)
    var directory: String?

    @Option(
        help: ArgumentHelp("Where to listen (default: this machine, any port).", valueName: "tcp://host:port")
    )
    var listen: String?

    @OptionGroup var encryption: EncryptionOptions

    @Flag(help: "Do not encrypt on an address that other machines reach: everybody there could send results.")
    var allowPlainTextNetwork = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if encryption.isWanted, allowPlainTextNetwork {
            throw ValidationError("Give --encrypt or --allow-plain-text-network, not both.")
        }
    }

    func run() throws {
        let address = try listen.map { try ListenAddress($0, isEncrypted: true) } ?? .local
        let isEncrypted = encryption.isWanted || !(address.isLocal || allowPlainTextNetwork)
        let file = try options.read()
        _ = try Preflight.costs(of: file.grid)
        let directory = directory.map { RunDirectory($0) } ?? .standard(forSweep: file.spec.name)
        let opened = try OpenedRun.open(file.grid, in: directory, program: BuildVersion.text)
        try SweepSession(opened, json: json).run(
            workers: 0, address: address, keys: isEncrypted ? encryption.keys(of: directory) : nil)
    }
}

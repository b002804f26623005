import ArgumentParser
import Experiments
import Runtime
import Sweeps

/// Which tasks a steering command means, and why.
struct SelectionOptions: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "The tasks that are meant (default: all): axes, state, class, worker, attempts, task, compared with =, !=, "
                + "<, <=, >, >= or in [..], joined by and, or, not.", valueName: "predicate"))
    var predicate: String?

    @Option(help: "Why; shown by 'descent explain'.")
    var reason = ""

    @Flag(help: "Show which tasks are meant, and change nothing.")
    var dryRun = false

    /// What the command says, for programs.
    private struct Report: Encodable {
        let verb: String
        let tasks: Int
        let dryRun: Bool
        let selected: [Task]?

        struct Task: Encodable {
            let task: String
            let state: String
            let axes: [String: String]
        }
    }

    /// Does it, or shows what it would do.
    func steer(_ verb: SteeringVerb, _ steering: RunSteering, run: String, json: Bool) throws {
        if dryRun { return try show(verb, steering, run: run, json: json) }
        let count = try steering.steer(verb, where: predicate, reason: reason)
        if json {
            try printJSON(Report(verb: verb.rawValue, tasks: count, dryRun: false, selected: nil))
        } else {
            print("\(Quantity.tasks(count)) \(verb.participle)")
        }
    }

    /// Shows the tasks that are meant.
    func show(_ verb: SteeringVerb, _ steering: RunSteering, run: String, json: Bool) throws {
        let selection = try steering.select(verb, where: predicate)
        let columns = selection.axes.map(\.column)
        if json {
            let selected = selection.tasks.map { task in
                Report.Task(
                    task: task.id.text, state: task.situation.condition.rawValue,
                    axes: Dictionary(
                        uniqueKeysWithValues: zip(columns, task.axisValues.map(\.forPeople))))
            }
            return try printJSON(
                Report(verb: verb.rawValue, tasks: selected.count, dryRun: true, selected: selected))
        }
        if !selection.tasks.isEmpty {
            var table = Table(["task", "state"] + columns)
            for task in selection.tasks {
                table.append(
                    [task.id.text, task.situation.condition.rawValue] + task.axisValues.map(\.forPeople))
            }
            print(table.text)
        }
        print("\(Quantity.tasks(selection.tasks.count)) would be \(verb.participle)")
    }
}

extension Setting {
    /// The value as tables show it.
    var forPeople: String { asText ?? (self == .null ? "" : canonicalText) }
}

/// A command that does one thing to the selected tasks of a run.
protocol SelectingCommand: ParsableCommand {
    static var verb: SteeringVerb { get }
    var target: RunArgument { get }
    var selection: SelectionOptions { get }
    var json: Bool { get }
}

extension SelectingCommand {
    func run() throws {
        let steering = RunSteering(RunDirectory(target.run), schema: Vocabulary.schema)
        try selection.steer(Self.verb, steering, run: target.run, json: json)
    }
}

struct PauseCommand: SelectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Hand out no more of a run's tasks; what runs finishes.",
        discussion: """
            Works while a coordinator runs, and while none does: 'descent resume' then leaves paused tasks alone.

            Examples:
              descent pause runs/quickstart
              descent pause runs/quickstart --where 'width>=32 and noise.rate=0.2' --reason 'the node is needed'
              descent pause runs/quickstart --where 'seed in [1, 2]' --dry-run
            """)

    static let verb = SteeringVerb.pause

    @OptionGroup var target: RunArgument
    @OptionGroup var selection: SelectionOptions

    @Flag(help: "Print JSON.")
    var json = false
}

struct UnpauseCommand: SelectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause",
        abstract: "Let paused tasks of a run be handed out again.",
        discussion: """
            Examples:
              descent unpause runs/quickstart
              descent unpause runs/quickstart --where 'width<32'
            """)

    static let verb = SteeringVerb.unpause

    @OptionGroup var target: RunArgument
    @OptionGroup var selection: SelectionOptions

    @Flag(help: "Print JSON.")
    var json = false
}

struct CancelCommand: SelectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Stop tasks of a run, and do not run them.",
        discussion: """
            Workers stop the tasks in training; results that are there stay. Without --where all that is not done is \
            cancelled. To have tasks back: descent retry RUN --where cancelled.

            Examples:
              descent cancel runs/quickstart --where 'width>32' --reason 'too slow'
              descent cancel runs/quickstart --where 'running and worker=alice'
            """)

    static let verb = SteeringVerb.cancel

    @OptionGroup var target: RunArgument
    @OptionGroup var selection: SelectionOptions

    @Flag(help: "Print JSON.")
    var json = false
}

struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let a worker leave after the task that it trains.",
        discussion: """
            Names of workers are in 'descent status'. The name of a host means all workers there.

            Examples:
              descent drain runs/quickstart node7-slot2
              descent drain runs/quickstart node7
            """)

    @OptionGroup var target: RunArgument

    @Argument(help: "The worker, or its host.")
    var worker: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let steering = RunSteering(RunDirectory(target.run), schema: Vocabulary.schema)
        let names = try steering.dismiss(worker)
        if json { return try printJSON(["workers": names]) }
        for name in names { print("\(name) leaves after what it trains") }
    }
}

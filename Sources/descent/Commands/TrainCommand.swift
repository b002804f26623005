import ArgumentParser
import Basics
import Experiments
import Foundation
import Reporting
import Runtime
import SweepFiles
import Sweeps

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train one task alone in this process: to debug it, to reproduce it, to keep its weights.",
        discussion: """
            Trains the first task of the sweep; --set chooses another one, --run and --task one of a run. With \
            --output, a folder gets measurements.csv, layers.csv, initial.safetensors and final.safetensors, which \
            PyTorch loads as they are. Without it, the rows are printed. Long tasks keep checkpoints in the folder, and \
            --resume goes on from the newest: the result is the same bytes.

            Examples:
              descent train sweeps/quickstart.yaml --set model.width=20 --set seed=1 --output one
              descent train --run runs/quickstart --task 0123456789abcdef
            """)

    @Argument(help: "The sweep file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
    var sweep: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Change a key of the sweep file, such as model.width=20.", valueName: "key=value"))
    var changes: [String] = []

    @Option(
        name: .customLong("run"), help: "A run directory instead of a sweep file.", completion: .directory)
    var directory: String?

    @Option(help: "The id of a task of the run.")
    var task: String?

    @Option(help: "Where to write CSV files and weights.", completion: .directory)
    var output: String?

    @Flag(help: "Go on from the newest checkpoint in the output folder.")
    var resume = false

    func validate() throws {
        if resume, output == nil { throw ValidationError("--resume goes with --output.") }
        guard (sweep == nil) != (directory == nil) else {
            throw ValidationError("Give a sweep file, or --run with --task.")
        }
        guard (directory == nil) == (task == nil) else {
            throw ValidationError("--run and --task go together.")
        }
        guard directory == nil || changes.isEmpty else {
            throw ValidationError("--set changes a sweep file, not a task of a run.")
        }
    }

    func run() throws {
        let chosen = try chosenTask()
        try Preflight.checkData(of: chosen.task)
        if let output {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        }
        var failure: (any Error)?
        var progress = SingleTaskProgress()
        let memory = MemoryLimit(bytes: Double(Host.memoryBytes))
        let keeper = output.map { output in
            CheckpointKeeper(
                CheckpointFolder(output + "/checkpoints"), chosen.task.id,
                configuration: chosen.task.configuration, environment: chosen.task.environment)
        }
        let result = try TaskRunner(now: { SystemClock.now }, memory: memory).run(
            configuration: chosen.task.configuration, environment: chosen.task.environment,
            resuming: resume ? keeper?.resumption : nil,
            keep: output.map { output in { failure = failure ?? TrainCommand.write($0, to: output) } },
            checkpoint: { keeper?.take($0, make: $1) },
            progress: { progress.show($0) })
        progress.finish()
        keeper?.finish()
        if let failure { throw failure }
        let results = SweepResults(
            name: chosen.name, axes: chosen.axes,
            tasks: [ReportedTask(id: chosen.task.id, axisValues: chosen.task.axisValues, result: result)],
            columns: try Vocabulary.columns(of: chosen.task.configuration))
        guard let output else { return print(ResultTables.measurements(results), terminator: "") }
        try FileWriter.write(ResultTables.measurements(results), to: output + "/measurements.csv")
        try FileWriter.write(ResultTables.layers(results), to: output + "/layers.csv")
        printError("\(output): measurements.csv, layers.csv, initial.safetensors, final.safetensors")
    }

    /// The task, with the axes and the name of its sweep.
    private func chosenTask() throws -> (task: TrainingTask, axes: [Axis], name: String) {
        if let directory, let task { return try RunReader(directory).task(task) }
        let file = try SweepFile(contentsOf: sweep ?? "", schema: Vocabulary.schema, overrides: changes)
        guard let first = file.grid.first else {
            throw InvalidSettings([SettingProblem("grid", "holds no task")])
        }
        if file.grid.count > 1 {
            let values = zip(file.grid.axes, first.axisValues).map { "\($0.path)=\($1.plainText)" }
            printError("training the first of \(file.grid.count) tasks: \(values.joined(separator: " "))")
        }
        return (first, file.grid.axes, file.spec.name)
    }

    /// Writes weights under their name; the error where that fails.
    private static func write(_ weights: TaskRunner.Weights, to output: String) -> (any Error)? {
        let (name, bytes) =
            switch weights {
            case .initial(let bytes): ("initial", bytes)
            case .final(let bytes): ("final", bytes)
            }
        do {
            try FileWriter.write(bytes, to: "\(output)/\(name).safetensors")
            return nil
        } catch {
            return error
        }
    }
}

/// One rewritten line on a terminal: the epoch and the latest errors of a single task.
struct SingleTaskProgress {
    private let isTerminal = isatty(2) == 1
    private var shownAt = SystemClock.now

    mutating func show(_ progress: TaskRunner.Progress) {
        let now = SystemClock.now
        guard isTerminal, (now - shownAt).inSeconds > 0.2 else { return }
        shownAt = now
        let errors = [("train", progress.errorTrain), ("test", progress.errorTest)].compactMap {
            name, error in
            error.map { "\(name) error \(Int(($0 * 1000).rounded()) / 10) %" }
        }
        let line = "epoch \(progress.epoch) of \(progress.epochCount)  \(errors.joined(separator: "  "))"
        FileHandle.standardError.write(Data("\r\u{1b}[K\(line)".utf8))
    }

    func finish() { if isTerminal { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) } }
}

import ArgumentParser
import Basics
import Experiments
import Foundation
import Messaging
import ResultStore
import Runtime
import SweepFiles
import Sweeps

struct ChaosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Storm a small sweep on this machine, and compare its files with those of a calm run.",
        discussion: """
            Runs the sweep once undisturbed, and then again and again while workers and coordinator are killed and \
            frozen, asked to leave and moved to other disks, the network between them is cut, slowed, halved and \
            garbled, and a user pauses, cancels and releases tasks, drains workers, and extends the run from a part of \
            the sweep to the whole. Passes only if every command of the user ends in order, measurements.csv, layers.csv \
            and summary.csv come out byte by byte the same, and 'descent audit' and 'descent verify' find no fault. The \
            seed decides what comes when; the command that repeats a failure is printed. The exit code is 70 after a \
            failure.

            Example:
              descent chaos sweeps/quickstart.yaml --minutes 5
              descent chaos sweeps/quickstart.yaml --encrypt
            """)

    @OptionGroup var options: SweepOptions

    @Option(help: "How long faults go on; at least one storm is fought to its end.")
    var minutes = 1.0

    @Option(help: "Decides which faults come when (default: chosen by chance).")
    var seed: UInt64?

    @Option(help: "Worker processes.")
    var workers = 2

    @Option(help: "Mean number of seconds between two faults.")
    var pause = 1.5

    @Option(help: "Where the runs go (default: runs/NAME-chaos).", completion: .directory)
    var output: String?

    @Flag(help: "Encrypt, with keys made for each storm.")
    var encrypt = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard minutes >= 0, minutes < 1e6 else { throw ValidationError("--minutes must not be negative.") }
        guard workers > 0 else { throw ValidationError("--workers must be at least 1.") }
        guard pause >= 0.01, pause < 1e6 else { throw ValidationError("--pause must be at least 0.01.") }
    }

    /// One storm, for programs.
    private struct Storm: Encodable {
        let seed: UInt64
        let run: String
        let faults: Int
        let coordinatorStarts: Int
        /// How often the user gave each command.
        let commands: [String: Int]
        let seconds: Double
        /// The files whose bytes differ from the calm run's.
        let differing: [String]
        /// What else is wrong; one sentence each.
        let complaints: [String]

        var isFailure: Bool { !differing.isEmpty || !complaints.isEmpty }
    }

    private struct Report: Encodable {
        let passed: Bool
        let calm: String
        let tasks: Int
        let storms: [Storm]
    }

    func run() throws {
        let file = try options.read()
        try Preflight.checkData(of: file.grid)
        _ = try Preflight.costs(of: file.grid)
        let folder = output ?? "runs/\(file.spec.name)-chaos"
        let signals = try StopSignals()
        let calm = RunDirectory(folder + "/calm")
        try runCalm(file, in: calm, signals)

        let start = ContinuousClock.now
        var seed = seed ?? UInt64.random(in: 1...999_999)
        var storms: [Storm] = []
        repeat {
            let rest = Duration.seconds(minutes * 60) - (ContinuousClock.now - start)
            let storm = try fight(file.grid, seed: seed, in: folder, against: calm, for: rest, signals)
            storms.append(storm)
            if storm.isFailure { break }
            seed &+= 1
        } while ContinuousClock.now - start < .seconds(minutes * 60)
        try conclude(storms, calm: calm, taskCount: file.grid.count, folder)
    }

    private func runCalm(_ file: SweepFile, in directory: RunDirectory, _ signals: StopSignals) throws {
        printError("calm run in \(directory)")
        let opened = try OpenedRun.open(file.grid, in: directory, program: BuildVersion.text)
        let outcome = try SweepRun(
            opened,
            SweepRun.Options(
                workerCount: workers,
                workerArguments: { WorkerCommand.arguments(run: directory.path, slot: $0, key: nil) })
        ).run(signals: signals)
        if outcome.exitCode != .done {
            printError("the calm run ended with \(outcome.counts.failed) failed tasks; nothing was stormed")
            throw ArgumentParser.ExitCode(outcome.exitCode.rawValue)
        }
        _ = try RunReader.collector(of: opened).writeTables()
    }

    private func fight(
        _ grid: Grid, seed: UInt64, in folder: String, against calm: RunDirectory, for duration: Duration,
        _ signals: StopSignals
    ) throws -> Storm {
        let directory = RunDirectory("\(folder)/storm-\(seed)")
        // What an earlier storm of this seed left would leave nothing to do.
        if directory.holdsSweep { try FileManager.default.removeItem(atPath: directory.path) }
        printError("storm \(seed) in \(directory)")
        var fighter = try ChaosStorm(try stormOptions(grid, seed: seed, in: directory, for: duration))
        let outcome = try fighter.run(signals: signals) { time, event in
            printError("  \(String(format: "%6.1f", time.inSeconds)) s  \(event)")
        }
        if outcome.wasInterrupted { throw ArgumentParser.ExitCode(Runtime.ExitCode.tryAgain.rawValue) }
        guard outcome.ending == .exited(0) else {
            printError(
                "the coordinator \(outcome.ending) under storm \(seed); see \(directory.logs)/coordinator.log"
            )
            throw ArgumentParser.ExitCode(Runtime.ExitCode.internalError.rawValue)
        }
        let differing = ["measurements.csv", "layers.csv", "summary.csv"].filter { name in
            let files = FileManager.default
            return !files.contentsEqual(
                atPath: "\(calm.results)/\(name)", andPath: "\(directory.results)/\(name)")
        }
        let complaints =
            outcome.complaints.map { "\($0); see \(directory)/user.log and onlooker.log" }
            + (try examine(directory))
        printError(
            "storm \(seed): \(outcome.faultCount) faults, \(outcome.coordinatorCount) starts of the coordinator, "
                + Quantity.duration(seconds: outcome.elapsed.inSeconds)
                + (differing.isEmpty ? ", the same bytes" : ", OTHER BYTES in \(differing)"))
        printError("storm \(seed): the user's commands: \(outcome.commandsText)")
        for complaint in complaints { printError("storm \(seed): \(complaint)") }
        return Storm(
            seed: seed, run: directory.path, faults: outcome.faultCount,
            coordinatorStarts: outcome.coordinatorCount, commands: outcome.commandCounts,
            seconds: outcome.elapsed.inSeconds, differing: differing, complaints: complaints)
    }

    private func stormOptions(
        _ grid: Grid, seed: UInt64, in directory: RunDirectory, for duration: Duration
    ) throws -> ChaosStorm.Options {
        let (slots, run, sweep, key) = (workers, directory.path, options.sweep, encrypt ? "storm" : nil)
        var (keyArguments, coordinatorEnd): ([String], [String]) = ([], [])
        if let key {
            let keys = directory.keys
            try keys.prepare()
            keyArguments = ["--key", try keys.makeWorker(key)]
            coordinatorEnd = ["--keys", keys.path]
        }
        let (workerEnd, changes) = (keyArguments, options.changes.flatMap { ["--set", $0] })
        let coordinator = ["coordinator", sweep, "--run", run] + coordinatorEnd + changes
        var storm = ChaosStorm.Options(
            seed: seed, directory: directory, duration: max(duration, .seconds(10)), tasks: Array(grid.ids),
            workerNames: (0..<slots).map { WorkerName.text(host: Host.name, slot: $0, key: key) },
            coordinatorArguments: coordinator,
            fleetArguments: { port, disk in
                [
                    "worker", "--connect", "tcp://127.0.0.1:\(port)", "--slots", "\(slots)", "--spool",
                    "\(run)/disk-\(disk)",
                ] + workerEnd
            },
            userArguments: { $0.arguments(run: run, sweep: [sweep] + changes) })
        storm.pauseMean = .seconds(pause)
        storm.part = part(of: grid).map { change, tasks in
            ChaosStorm.Options.Part(arguments: coordinator + ["--set", change], tasks: tasks)
        }
        return storm
    }

    /// The sweep with one axis cut in half, as a change of its file; `nil` where no axis can be.
    private func part(of grid: Grid) -> (change: String, tasks: [TaskID])? {
        let whole = Set(grid.ids)
        for axis in grid.axes.reversed() where axis.values.count > 1 {
            let values = axis.values.prefix((axis.values.count + 1) / 2).map(\.canonicalText)
            let change = "grid.\(axis.path)=[\(values.joined(separator: ", "))]"
            let file = try? SweepFile(
                contentsOf: options.sweep, schema: Vocabulary.schema, overrides: options.changes + [change])
            guard let tasks = file.map({ Array($0.grid.ids) }), tasks.count < whole.count,
                tasks.allSatisfy(whole.contains)
            else { continue }
            return (change, tasks)
        }
        return nil
    }

    /// Tasks of a stormed run that are trained again.
    private static let verifiedCount = 3

    /// What the program itself has to say against a stormed run.
    private func examine(_ directory: RunDirectory) throws -> [String] {
        let opened = try OpenedRun.open(directory, schema: Vocabulary.schema, for: .reading)
        var complaints = opened.store.audit(against: opened.grid.ids).map { "audit: \($0)" }
        let verification = RunVerification(opened)
        let sample = try verification.sample(ChaosCommand.verifiedCount, seed: 0)
        try verification.compare(sample, train: VerifyCommand.train) { comparison in
            if !comparison.isEqual { complaints.append("verify: task \(comparison.task) differs") }
            return true
        }
        return complaints
    }

    private func conclude(
        _ storms: [Storm], calm: RunDirectory, taskCount: Int, _ folder: String
    ) throws {
        let faultCount = storms.reduce(0) { $0 + $1.faults }
        let commandCount = storms.reduce(0) { $0 + $1.commands.values.reduce(0, +) }
        let failure = storms.first(where: \.isFailure)
        if json {
            try printJSON(
                Report(
                    passed: failure == nil && faultCount > 0, calm: calm.path, tasks: taskCount,
                    storms: storms))
        } else if let failure {
            let files = failure.differing.joined(separator: ", ")
            let reasons = (files.isEmpty ? [] : ["\(files) differ from \(calm)"]) + failure.complaints
            print("FAILED: \(failure.run): \(reasons.joined(separator: "; "))")
            let changes = options.changes.map { " --set \($0)" }.joined()
            print(
                "to see it again: descent chaos \(options.sweep)\(changes) --seed \(failure.seed) "
                    + "--workers \(workers) --pause \(pause) --minutes \(minutes)"
                    + (encrypt ? " --encrypt" : ""))
        } else if faultCount > 0 {
            print(
                "passed: \(faultCount) faults and \(commandCount) commands in \(storms.count) "
                    + "storm\(storms.count == 1 ? "" : "s"), and the files of \(taskCount) tasks are the same bytes as "
                    + "those of the calm run")
        }
        if failure != nil { throw ArgumentParser.ExitCode(Runtime.ExitCode.internalError.rawValue) }
        if faultCount == 0 {
            printError("no fault struck before the sweep ended: take a longer sweep, or a shorter --pause")
            throw ArgumentParser.ExitCode(Runtime.ExitCode.badData.rawValue)
        }
    }
}

extension ChaosUserCommand {
    /// The command as this program spells it.
    ///
    /// - Parameters:
    ///   - run: The run directory.
    ///   - sweep: The whole sweep: its file, and the changes to it.
    /// - Returns: What follows the program's name.
    fileprivate func arguments(run: String, sweep: [String]) -> [String] {
        func selecting(_ predicate: String?) -> [String] {
            [name, run] + (predicate.map { ["--where", $0] } ?? [])
        }
        return switch self {
        case .pause(let predicate), .cancel(let predicate): selecting(predicate)
        case .retry: selecting("cancelled") + ["--only-plan"]
        case .drain(let worker): [name, run, worker]
        case .explain(let task): [name, run, task.text]
        case .extend: [name, run] + sweep + ["--only-plan"]
        case .unpause, .status, .audit: [name, run]
        }
    }
}

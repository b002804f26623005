import ArgumentParser
import Basics
import Experiments
import Foundation
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
            frozen, asked to leave and moved to other disks, and the network between them is cut, slowed, halved and \
            garbled. Passes only if measurements.csv, \
            layers.csv and summary.csv come out byte by byte the same. The seed decides which faults come when; the \
            command that repeats a failure is printed. The exit code is 70 when bytes differ.

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
        let seconds: Double
        /// The files whose bytes differ from the calm run's.
        let differing: [String]
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
            let storm = try fight(seed: seed, in: folder, against: calm, for: rest, signals)
            storms.append(storm)
            if !storm.differing.isEmpty { break }
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
        seed: UInt64, in folder: String, against calm: RunDirectory, for duration: Duration,
        _ signals: StopSignals
    ) throws -> Storm {
        let directory = RunDirectory("\(folder)/storm-\(seed)")
        // What an earlier storm of this seed left would leave nothing to do.
        if directory.holdsSweep { try FileManager.default.removeItem(atPath: directory.path) }
        let slots = workers
        var coordinatorArguments = ["coordinator", options.sweep, "--run", directory.path]
        var keyArguments: [String] = []
        if encrypt {
            let keys = directory.keys
            try keys.prepare()
            keyArguments = ["--key", try keys.makeWorker("storm")]
            coordinatorArguments += ["--keys", keys.path]
        }
        let workerArguments = keyArguments
        var storm = ChaosStorm.Options(
            seed: seed, directory: directory, duration: max(duration, .seconds(10)),
            coordinatorArguments: coordinatorArguments + options.changes.flatMap { ["--set", $0] },
            fleetArguments: { port, disk in
                [
                    "worker", "--connect", "tcp://127.0.0.1:\(port)", "--slots", "\(slots)", "--spool",
                    "\(directory.path)/disk-\(disk)",
                ] + workerArguments
            })
        storm.pauseMean = .seconds(pause)
        printError("storm \(seed) in \(directory)")
        var fighter = try ChaosStorm(storm)
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
        let line =
            "storm \(seed): \(outcome.faultCount) faults, \(outcome.coordinatorCount) starts of the coordinator, "
            + Quantity.duration(seconds: outcome.elapsed.inSeconds)
        printError(line + (differing.isEmpty ? ", the same bytes" : ", OTHER BYTES in \(differing)"))
        return Storm(
            seed: seed, run: directory.path, faults: outcome.faultCount,
            coordinatorStarts: outcome.coordinatorCount, seconds: outcome.elapsed.inSeconds,
            differing: differing)
    }

    private func conclude(
        _ storms: [Storm], calm: RunDirectory, taskCount: Int, _ folder: String
    ) throws {
        let faultCount = storms.reduce(0) { $0 + $1.faults }
        let failure = storms.first { !$0.differing.isEmpty }
        if json {
            try printJSON(
                Report(
                    passed: failure == nil && faultCount > 0, calm: calm.path, tasks: taskCount,
                    storms: storms))
        } else if let failure {
            print(
                "FAILED: \(failure.differing.joined(separator: ", ")) in \(failure.run) differ from \(calm)")
            let changes = options.changes.map { " --set \($0)" }.joined()
            print(
                "to see it again: descent chaos \(options.sweep)\(changes) --seed \(failure.seed) "
                    + "--workers \(workers) --pause \(pause) --minutes \(minutes)"
                    + (encrypt ? " --encrypt" : ""))
        } else if faultCount > 0 {
            print(
                "passed: \(faultCount) faults in \(storms.count) storm\(storms.count == 1 ? "" : "s"), and the files "
                    + "of \(taskCount) tasks are the same bytes as those of the calm run")
        }
        if failure != nil { throw ArgumentParser.ExitCode(Runtime.ExitCode.internalError.rawValue) }
        if faultCount == 0 {
            printError("no fault struck before the sweep ended: take a longer sweep, or a shorter --pause")
            throw ArgumentParser.ExitCode(Runtime.ExitCode.badData.rawValue)
        }
    }
}

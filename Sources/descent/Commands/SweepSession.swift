import ArgumentParser
import Basics
import Coordination
import Experiments
import Foundation
import Reporting
import ResultStore
import Runtime
import Sweeps

/// One sitting at a sweep: run what is missing, then write the files and say where they are.
struct SweepSession {
    private let opened: OpenedRun
    private let json: Bool

    init(_ opened: OpenedRun, json: Bool) {
        self.opened = opened
        self.json = json
    }

    /// How a sitting ended, for programs.
    private struct Report: Encodable {
        let run: String
        let tasks: Int
        let done: Int
        let failed: Int
        let doneBefore: Int
        let disagreements: Int
        let seconds: Double
        let tables: [String]
        let plots: [String]
        let page: String?
    }

    /// - Parameters:
    ///   - workers: Worker processes on this machine; `nil` for one a core, 0 for none.
    ///   - address: Where the coordinator listens.
    ///   - keys: Encrypt, with the keys of this folder, made where they are not there; `nil` for plain text.
    ///   - failedTasksMax: Failed tasks after which the sweep ends early.
    /// - Throws: `ArgumentParser.ExitCode` unless every task is done, and whatever stopped the run.
    func run(
        workers: Int?, address: ListenAddress = .local, keys: KeyFolder? = nil, failedTasksMax: Int? = nil
    ) throws {
        let directory = opened.directory
        let localKey = try keys?.localWorker()
        if let keys, localKey == nil, workers != 0 {
            throw KeyError.unknownName(KeyFolder.localName, folder: keys.path)
        }
        var options = SweepRun.Options(
            address: address, workerCount: try workersThatFit(workers ?? Host.coreCount),
            workerArguments: { WorkerCommand.arguments(run: directory.path, slot: $0, key: localKey) })
        options.keys = keys
        options.cost = { task in
            let cost = try? TaskCost.predict(task.configuration)
            return SweepRun.PredictedCost(
                whole: cost?.operations ?? 0, stretch: cost?.stretchOperations ?? 0)
        }
        options.limits.failedTasksMax = failedTasksMax
        let outcome = try SweepRun(opened, options).run(signals: StopSignals())
        let collector = try RunReader.collector(of: opened)
        let tables = try collector.writeTables()
        let plots = try collector.writePlots()
        if let complaint = plots.complaint { printError(complaint) }
        if json {
            try printJSON(
                Report(
                    run: directory.path, tasks: outcome.counts.total, done: outcome.counts.done,
                    failed: outcome.counts.failed, doneBefore: outcome.doneBefore,
                    disagreements: outcome.disagreementCount, seconds: outcome.elapsed.inSeconds,
                    tables: tables.tables, plots: plots.plots, page: plots.page))
        } else {
            if outcome.exitCode == .done { showPicture(collector.results) }
            for file in tables.tables + plots.plots + [plots.page].compactMap(\.self) { print(file) }
        }
        sayEnding(outcome)
        if outcome.exitCode != .done { throw ArgumentParser.ExitCode(outcome.exitCode.rawValue) }
    }

    /// As many of the wanted workers as this machine has memory for, even at the largest tasks.
    ///
    /// - Throws: ``TaskError`` where not even one worker can run every task.
    private func workersThatFit(_ wanted: Int) throws -> Int {
        if wanted == 0 { return 0 }
        let memory = MemoryLimit(bytes: Double(Host.memoryBytes))
        let count = memory.workers(for: opened.grid, atMost: wanted)
        if count == 0 {
            for task in opened.grid {
                guard let cost = try? TaskCost.predict(task.configuration) else { continue }
                try memory.check(cost)
            }
        }
        if count < wanted {
            printError(
                "memory is enough for \(max(count, 1)) of \(wanted) workers: the largest tasks might run at once"
            )
        }
        return max(count, 1)
    }

    private func showPicture(_ results: SweepResults) {
        let usesColor = isatty(1) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        if let picture = TerminalHeatmap.text(results, usesColor: usesColor) { print(picture + "\n") }
    }

    private func sayEnding(_ outcome: SweepRun.Outcome) {
        let counts = outcome.counts
        let time = Quantity.duration(seconds: outcome.elapsed.inSeconds)
        var line = "\(counts.done) of \(counts.total) tasks done in \(time)"
        if outcome.doneBefore > 0 { line += " (\(outcome.doneBefore) of them before)" }
        if counts.failed > 0 {
            line +=
                ", \(counts.failed) failed: see 'descent status \(opened.directory)', "
                + "then 'descent retry \(opened.directory)'"
        }
        printError(line)
        if outcome.disagreementCount > 0 {
            printError(
                "ALARM: \(outcome.disagreementCount) results came a second time with other bytes: "
                    + "training was not deterministic; 'descent status \(opened.directory)' tells more")
        }
        if outcome.exitCode == .tryAgain { printError("to continue: descent resume \(opened.directory)") }
    }
}

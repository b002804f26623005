import ArgumentParser
import Basics
import Experiments
import Foundation
import ResultStore
import Runtime
import Sweeps

struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Write the CSV files of a run, also while it runs.",
        discussion: """
            Example:
              descent collect runs/quickstart --output tables
            """)

    @OptionGroup var target: RunArgument

    @Option(help: "Where to write them (default: the run's results folder).", completion: .directory)
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let files = try RunReader(target.run).collector().writeTables(to: output)
        if json { try printJSON(files.tables) } else { for file in files.tables { print(file) } }
    }
}

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draw the heatmaps and curves of a run, also while it runs.",
        discussion: """
            What is drawn stands under 'report' in the run's sweep.yaml, which may be edited; without it the axes \
            decide. PNG and PDF files appear where rsvg-convert is installed.

            Example:
              descent plot runs/quickstart --output figures
            """)

    @OptionGroup var target: RunArgument

    @Option(help: "Where to write them (default: the run's plots folder).", completion: .directory)
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let files = try RunReader(target.run).collector().writePlots(to: output)
        if let complaint = files.complaint { printError(complaint) }
        let written = files.plots + [files.page].compactMap(\.self)
        if json { try printJSON(written) } else { for file in written { print(file) } }
    }
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how a run stands: tasks by state, workers, speed, time left, failures.",
        discussion: """
            Examples:
              descent status runs/quickstart
              descent status runs/quickstart --watch
            """)

    @OptionGroup var target: RunArgument

    @Flag(help: "Show it again every two seconds until the run ends.")
    var watch = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        while true {
            let status = try SweepStatus(of: RunDirectory(target.run))
            if json { try printJSON(StatusReport(status)) } else { print(StatusReport(status).text) }
            if !watch || status.coordinator == nil { return }
            sleep(2)
            if !json, isatty(1) == 1 { print("\u{1b}[H\u{1b}[2J", terminator: "") }
        }
    }
}

/// The state of a run, for people and for programs.
struct StatusReport: Encodable {
    struct Failure: Encodable {
        let failureClass: String
        let count: Int
        let example: String
    }

    struct Worker: Encodable {
        let name: String
        let host: String
        let results: Int
        let seconds: Double
    }

    let name: String
    let run: String
    let total: Int
    let done: Int
    let running: Int
    let waiting: Int
    let failed: Int
    let tasksPerSecond: Double?
    let secondsLeft: Double?
    let secondsLeftLow: Double?
    let secondsLeftHigh: Double?
    let coordinator: String?
    let endpoint: String?
    let failures: [Failure]
    let workers: [Worker]

    init(_ status: SweepStatus) {
        name = status.name
        run = status.directory.path
        total = status.counts.total
        done = status.counts.done
        running = status.counts.running
        waiting = status.counts.waiting
        failed = status.counts.failed
        tasksPerSecond = status.tasksPerSecond
        secondsLeft = status.remaining?.expected.inSeconds
        secondsLeftLow = status.remaining?.low.inSeconds
        secondsLeftHigh = status.remaining?.high.inSeconds
        coordinator = status.coordinator.map { "process \($0.processID) on \($0.host)" }
        endpoint = status.endpoint
        failures = status.failures.map {
            Failure(failureClass: $0.failureClass.rawValue, count: $0.count, example: $0.example)
        }
        workers = status.workers.map {
            Worker(name: $0.worker, host: $0.host, results: $0.resultCount, seconds: $0.seconds)
        }
    }

    var text: String {
        var lines = ["\(name) in \(run)"]
        lines.append(
            "  \(done) of \(total) tasks done, \(running) running, \(waiting) waiting, \(failed) failed")
        if let secondsLeft, waiting + running > 0 {
            var line = "  about \(Quantity.duration(seconds: secondsLeft)) left"
            if let secondsLeftLow, let secondsLeftHigh {
                let range = [secondsLeftLow, secondsLeftHigh].map { Quantity.duration(seconds: $0) }
                line += " (\(range.joined(separator: " to ")))"
            }
            lines.append(line + (tasksPerSecond.map { String(format: ", %.1f tasks/s", $0) } ?? ""))
        }
        if let coordinator {
            lines.append("  coordinator: \(coordinator)\(endpoint.map { ", at \($0)" } ?? "")")
        } else if waiting + running > 0 {
            lines.append("  nobody works on it; to continue: descent resume \(run)")
        }
        if !workers.isEmpty {
            var table = Table(["  worker", "host", "results", "busy"], rightAligned: [2, 3])
            for worker in workers {
                table.append([
                    "  " + worker.name, worker.host, String(worker.results),
                    Quantity.duration(seconds: worker.seconds),
                ])
            }
            lines.append(table.text)
        }
        for failure in failures {
            lines.append("  \(failure.count) × \(failure.failureClass): \(failure.example)")
        }
        if failed > 0 { lines.append("  to try them again: descent retry \(run)") }
        return lines.joined(separator: "\n")
    }
}

import ArgumentParser
import Basics
import Foundation
import ResultStore
import Runtime
import Sweeps

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

    @Flag(help: "Show it live until the run ends; on a terminal in place.")
    var watch = false

    @Flag(help: "Print JSON; with --watch one document a line.")
    var json = false

    private static let interval: UInt32 = 1

    func run() throws {
        let isTerminal = isatty(1) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        var last = ""
        while true {
            let status = try SweepStatus(of: RunDirectory(target.run))
            let report = StatusReport(status)
            let isLast = !watch || status.coordinator == nil
            if json {
                try watch ? printJSONLine(report) : printJSON(report)
            } else if isTerminal, watch {
                // Home, then each line over the old one, then nothing below: no flicker.
                let text = report.text.replacing("\n", with: "\u{1b}[K\n")
                print(last.isEmpty ? "\u{1b}[H\u{1b}[2J" : "\u{1b}[H", terminator: "")
                print(text + "\u{1b}[K\n\u{1b}[J", terminator: "")
                last = text
            } else if !watch || isLast {
                print(report.text)
            } else if report.summary != last {
                // Nobody wants to scroll through pictures.
                print(report.summary)
                last = report.summary
            }
            fflush(nil)
            if isLast { return }
            sleep(StatusCommand.interval)
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
        /// `working`, `idle`, `set aside`, `lacks time`, `leaving`, `silent`, or `gone` for one that is not connected.
        let state: String
        let results: Int
        let seconds: Double
        var task: String?
        var epoch: Int?
        var epochs: Int?
        /// 1 for a worker as fast as all together.
        var speed: Double?
        /// How long it may stay.
        var secondsLeft: Double?
    }

    struct Host: Encodable {
        let name: String
        /// It gets no tasks; false where nobody else could take them.
        let isSetAside: Bool
        let failures: Int
        /// Why, and what to do.
        let text: String
    }

    let name: String
    let run: String
    /// `working`, `paused`, `draining`, `ended`; `nil` where nobody works on it.
    let mode: String?
    let total: Int
    let done: Int
    let running: Int
    let waiting: Int
    let paused: Int
    let cancelled: Int
    let failed: Int
    let tasksPerSecond: Double?
    let secondsLeft: Double?
    let secondsLeftLow: Double?
    let secondsLeftHigh: Double?
    let coordinator: String?
    let endpoint: String?
    /// What holds the sweep up; `nil` while all is well.
    let problem: String?
    /// Results that came a second time with other bytes.
    let disagreements: Int?
    let failures: [Failure]
    let workers: [Worker]
    /// Hosts on which tasks fail that may do well elsewhere.
    let suspectHosts: [Host]

    init(_ status: SweepStatus) {
        name = status.name
        run = status.directory.path
        mode = status.live?.mode
        total = status.counts.total
        done = status.counts.done
        running = status.counts.running
        waiting = status.counts.waiting
        paused = status.counts.paused
        cancelled = status.counts.cancelled
        failed = status.counts.failed
        tasksPerSecond = status.tasksPerSecond
        secondsLeft = status.remaining?.expected.inSeconds
        secondsLeftLow = status.remaining?.low.inSeconds
        secondsLeftHigh = status.remaining?.high.inSeconds
        coordinator = status.coordinator.map { "process \($0.processID) on \($0.host)" }
        endpoint = status.endpoint
        problem = status.live?.storeProblem ?? status.live?.standstill
        disagreements = status.live?.disagreementCount
        failures = status.failures.map {
            Failure(failureClass: $0.failureClass.rawValue, count: $0.count, example: $0.example)
        }
        workers = StatusReport.workers(status)
        suspectHosts = (status.live?.suspectHosts ?? []).map { host in
            Host(
                name: host.name, isSetAside: host.isSetAside, failures: host.failureCount, text: host.text)
        }
    }

    /// Those who are here, then those who were.
    private static func workers(_ status: SweepStatus) -> [Worker] {
        let present = (status.live?.workers ?? []).map { live in
            let share = status.workers.first { $0.worker == live.name && $0.host == live.host }
            return Worker(
                name: live.name, host: live.host, state: live.state, results: share?.resultCount ?? 0,
                seconds: share?.seconds ?? 0, task: live.task, epoch: live.epoch, epochs: live.epochCount,
                speed: live.relativeSpeed, secondsLeft: live.secondsLeft)
        }
        let names = Set(present.map(\.name))
        let state = status.live == nil && status.coordinator != nil ? "unknown" : "gone"
        let gone = status.workers.filter { !names.contains($0.worker) }.map { share in
            Worker(
                name: share.worker, host: share.host, state: state, results: share.resultCount,
                seconds: share.seconds)
        }
        return present.sorted { $0.name < $1.name } + gone
    }
}

// MARK: - For people

extension StatusReport {
    /// Counts, speed and time left in one line.
    var summary: String {
        var parts = ["\(done) of \(total) tasks done"]
        for (count, word) in [
            (running, "running"), (waiting, "waiting"), (paused, "paused"), (cancelled, "cancelled"),
            (failed, "failed"),
        ] where count > 0 || word == "running" && coordinator != nil {
            parts.append("\(count) \(word)")
        }
        if let timeLeft { parts.append(timeLeft) }
        return parts.joined(separator: ", ")
    }

    private var timeLeft: String? {
        guard let secondsLeft, waiting + running > 0 else { return nil }
        var text = "about \(Quantity.duration(seconds: secondsLeft)) left"
        if let secondsLeftLow, let secondsLeftHigh {
            let range = [secondsLeftLow, secondsLeftHigh].map { Quantity.duration(seconds: $0) }
            text += " (\(range.joined(separator: " to ")))"
        }
        return text + (tasksPerSecond.map { String(format: ", %.1f tasks/s", $0) } ?? "")
    }

    var text: String {
        var lines = ["\(name) in \(run)", "  " + summary]
        if let coordinator {
            let mode = mode.map { $0 == "working" ? "" : " (\($0))" } ?? ""
            lines.append("  coordinator: \(coordinator)\(endpoint.map { ", at \($0)" } ?? "")\(mode)")
        } else if waiting + running > 0 {
            lines.append("  nobody works on it; to continue: descent resume \(run)")
        }
        if let problem { lines.append("  PROBLEM: \(problem)") }
        if let disagreements, disagreements > 0 {
            lines.append(
                "  ALARM: \(disagreements) results came a second time with other bytes; see 'descent audit \(run)'"
            )
        }
        lines += suspectHosts.map { "  WARNING: \($0.text)" }
        if !workers.isEmpty { lines.append(workerTable) }
        for failure in failures {
            lines.append("  \(failure.count) × \(failure.failureClass): \(failure.example)")
        }
        if paused > 0 { lines.append("  to let paused tasks run: descent unpause \(run)") }
        if failed > 0 { lines.append("  to try failed tasks again: descent retry \(run)") }
        return lines.joined(separator: "\n")
    }

    private var workerTable: String {
        var table = Table(
            ["  worker", "host", "state", "results", "busy", "speed", "task", "epoch", "leaves in"],
            rightAligned: [3, 4, 5, 7, 8])
        for worker in workers {
            table.append([
                "  " + worker.name, worker.host, worker.state, String(worker.results),
                Quantity.duration(seconds: worker.seconds),
                worker.speed.map { String(format: "%.2f", $0) } ?? "", worker.task ?? "",
                worker.epoch.map { "\($0)/\(worker.epochs ?? 0)" } ?? "",
                worker.secondsLeft.map { Quantity.duration(seconds: max(0, $0)) } ?? "",
            ])
        }
        return table.text
    }
}

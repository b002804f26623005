import ArgumentParser
import Basics
import Experiments
import ResultStore
import Runtime
import Sweeps

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a task is where it is: its attempts, workers, outcomes, last output.",
        discussion: """
            The beginning of an id is enough where it fits one task only.

            Example:
              descent explain runs/quickstart 3f2a
            """)

    @OptionGroup var target: RunArgument

    @Argument(help: "The task's id, as in results/measurements.csv, or its beginning.")
    var task: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let opened = try OpenedRun.open(RunDirectory(target.run), schema: Vocabulary.schema, for: .reading)
        let report = StoryReport(try TaskStory(of: task, in: opened))
        if json { try printJSON(report) } else { print(report.text) }
    }
}

/// The story of a task, for people and for programs.
private struct StoryReport: Encodable {
    struct Attempt: Encodable {
        let attempt: Int
        let worker: String
        let host: String
        let profile: String
        let started: String
        let ended: String?
        /// `result`, or a class of failures; `nil` where nobody knows.
        let outcome: String?
        let message: String?
    }

    let task: String
    let axes: [String: String]
    let state: String
    let summary: String
    /// What keeps a waiting task from being handed out.
    let obstacle: String?
    let hold: String?
    let reason: String?
    let attempts: [Attempt]
    /// Other bytes than the stored result, by attempt.
    let disagreements: [String]
    let lastLines: [String]
    private let axisList: [String]

    private enum CodingKeys: String, CodingKey {
        case task, axes, state, summary, obstacle, hold, reason, attempts, disagreements, lastLines
    }

    init(_ story: TaskStory) {
        task = story.task.id.text
        let values = zip(story.axes.map(\.column), story.task.axisValues.map(\.forPeople))
        axes = Dictionary(uniqueKeysWithValues: values.map { ($0, $1) })
        axisList = values.map { "\($0)=\($1)" }
        state = story.situation.condition.rawValue
        summary = story.summary
        obstacle = story.obstacle
        hold = story.hold?.kind.rawValue
        reason = story.hold?.reason
        attempts = story.attempts.map(Attempt.init)
        disagreements = story.disagreements.map { other in
            "attempt \(other.assignment.attempt) on \(other.worker) gave \(other.received.hexadecimal)"
        }
        lastLines = story.lastLines
    }

    var text: String {
        var lines = [
            "task \(task)" + (axisList.isEmpty ? "" : " (\(axisList.joined(separator: ", ")))"),
            "  \(summary)",
        ]
        if !attempts.isEmpty {
            var table = Table(["  attempt", "worker", "host", "started", "ended", "outcome"])
            for attempt in attempts {
                let outcome = attempt.outcome ?? "unknown"
                table.append([
                    "  \(attempt.attempt)", attempt.worker, attempt.host, attempt.started,
                    attempt.ended ?? "", outcome + (attempt.message.map { ": \($0)" } ?? ""),
                ])
            }
            lines.append(table.text)
        }
        lines += disagreements.map { "  ALARM: training was not deterministic: \($0)" }
        if !lastLines.isEmpty { lines += ["  last output:"] + lastLines.map { "    \($0)" } }
        return lines.joined(separator: "\n")
    }
}

extension StoryReport.Attempt {
    fileprivate init(_ record: SweepStore.AttemptRecord) {
        attempt = Int(record.attempt)
        worker = record.worker.name
        host = record.worker.host
        profile = record.worker.profile
        started = record.started.description
        ended = record.ended?.description
        switch record.outcome {
        case .result: (outcome, message) = ("result", nil)
        case .failure(let failureClass, let text):
            (outcome, message) = (failureClass.rawValue, text.isEmpty ? nil : text)
        case nil: (outcome, message) = (nil, nil)
        }
    }
}

internal import Foundation
public import ResultStore
public import Sweeps

/// Why a task is where it is.
public struct TaskStory: Sendable {
    public let task: TrainingTask
    public let axes: [Axis]
    public let situation: TaskSituation
    /// What the user has said about it; `nil` for nothing.
    public let hold: SweepStore.HoldRecord?
    public let attempts: [SweepStore.AttemptRecord]
    /// Other bytes than the stored result.
    public let disagreements: [SweepStore.Disagreement]
    /// What workers of this run's directory wrote about it last.
    public let lastLines: [String]
    /// Whether somebody works on the run.
    public let isServed: Bool
    /// What keeps it from being handed out; one sentence, `nil` where nothing does or nobody can be asked.
    public let obstacle: String?

    /// Lines of output that a story ends with.
    private static let linesMax = 10
    /// How far back each log is read.
    private static let logBytesMax = 4 << 20

    /// - Parameters:
    ///   - text: The task's id, or its beginning.
    ///   - run: Opened for reading.
    /// - Throws: ``RunError/noTask(_:directory:)`` where the beginning fits no task, or several.
    public init(of text: String, in run: OpenedRun) throws {
        let found = try run.store.taskIDs(beginningWith: text, atMost: 2)
        guard found.count == 1, let task = try run.store.task(found[0]),
            let record = try run.store.record(of: found[0])
        else {
            throw RunError.noTask(text, directory: run.directory.path, isAmbiguous: found.count > 1)
        }
        self.task = task
        axes = run.grid.axes
        situation = record.situation
        hold = try run.store.hold(on: task.id)
        attempts = try run.store.attempts(of: task.id)
        disagreements = try run.store.disagreements().filter { $0.assignment.task == task.id }
        lastLines = TaskStory.lines(about: task.id, in: run.directory.logs)
        isServed = RunLock.readHolder(run.directory.lock)?.mayCoordinate ?? false
        // Whoever does not answer at once is busy, gone, or elsewhere; the store still has its say.
        obstacle =
            situation.condition == .waiting
            ? try? CoordinatorClient(of: run.directory)?.ask(.obstacle(task.id.text), within: .seconds(1))
                .obstacle : nil
    }

    /// Lines of all logs that name the task, newest last; every line begins with its time.
    private static func lines(about task: TaskID, in logs: String) -> [String] {
        var lines: [String] = []
        for name in Folder.names(in: logs) where name.hasSuffix(".log") {
            let tail = LogTail.lines(of: "\(logs)/\(name)", count: .max, bytesMax: logBytesMax)
            lines += tail.filter { $0.contains(task.text) }.map { "\($0)  [\(name.dropLast(4))]" }
        }
        return Array(lines.sorted().suffix(linesMax))
    }

    /// One sentence for people: where the task is, and why.
    public var summary: String {
        let tries = attempts.count == 1 ? "1 attempt" : "\(attempts.count) attempts"
        let because = obstacle.map { "; \($0)" } ?? ""
        let why = (hold?.reason).flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
        switch situation.condition {
        case .waiting where attempts.isEmpty:
            return "waits for a worker and was never tried"
                + (isServed ? "" : "; nobody works on the run, 'descent resume' does") + because
        case .waiting: return "waits to be tried again after \(tries)" + because
        case .running:
            let last = attempts.last
            let place = last.map { " on \($0.worker.host) since \($0.started)" } ?? ""
            return "runs as attempt \(situation.attempts) at \(situation.worker ?? "a worker")\(place)"
                + (hold == nil ? "" : ", and will not be handed out again (paused\(why))")
        case .done: return "is done after \(tries)"
        case .failed:
            return "has failed as \(situation.failure?.rawValue ?? "unknown") after \(tries); "
                + "'descent retry' tries it again"
        case .paused:
            return
                "was paused at \(hold?.since.description ?? "some time")\(why); 'descent unpause' releases it"
        case .cancelled:
            return "was cancelled at \(hold?.since.description ?? "some time")\(why); "
                + "'descent retry --where cancelled' brings it back"
        }
    }
}

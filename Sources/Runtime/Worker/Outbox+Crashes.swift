internal import Glibc
internal import Messaging
public import Sweeps

extension Outbox {
    private static let markName = "executing"

    /// Notes what this process trains, so that its supervisor can tell whom a crash concerns.
    ///
    /// The note need not survive a power cut: that is nobody's crash.
    public func mark(_ assignment: Assignment?) {
        let text = assignment.map { "\(getpid()) \($0.task.text) \($0.attempt)" } ?? "idle"
        // Always as long as the longest, so that nothing of the last note shows behind this one.
        var bytes = [UInt8](repeating: UInt8(ascii: " "), count: 64)
        for (place, byte) in zip(0..<63, text.utf8) { bytes[place] = byte }
        bytes[63] = UInt8(ascii: "\n")
        if markFile != -1 { _ = pwrite(markFile, bytes, bytes.count, 0) }
    }

    static func openMark(in folder: String) -> Int32 {
        open("\(folder)/\(markName)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    }

    /// Reports the attempt that a process was training when it crashed, if any, as failed.
    ///
    /// The report lies in the dead worker's outbox, and the next worker of the slot delivers it. An attempt that was
    /// merely cut short has no such report; the coordinator finds out by itself, and counts it against nobody.
    ///
    /// - Parameters:
    ///   - processID: The process, which has ended.
    ///   - folder: The folder of all outboxes.
    ///   - message: How it died, for people.
    public static func reportCrash(of processID: Int32, in folder: String, message: String) {
        for name in Folder.names(in: folder) {
            let path = "\(folder)/\(name)"
            guard let mark = Mark(path), mark.processID == processID,
                let lock = (try? Outbox.lock(path)) ?? nil
            else { continue }
            defer { Outbox.unlock(lock) }
            let report = AttemptReport.failure(
                FailureReport(assignment: mark.assignment, failureClass: .crash, message: message))
            // Without the report the attempt is lost, not failed: one more try.
            try? AtomicFile.write(report.encoded(), to: file(of: mark.assignment, in: path))
            unlink("\(path)/\(markName)")
        }
    }

    /// What stands in the note of one outbox.
    private struct Mark {
        let processID: Int32
        let assignment: Assignment

        init?(_ folder: String) {
            guard let bytes = (try? AtomicFile.read("\(folder)/\(markName)")) ?? nil else { return nil }
            let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
            guard words.count == 3, let processID = Int32(words[0]), let task = TaskID(String(words[1])),
                let attempt = UInt32(words[2])
            else { return nil }
            self.processID = processID
            assignment = Assignment(task: task, attempt: attempt)
        }
    }
}

/// What the outboxes of a run tell about workers of this machine.
struct OutboxSurvey {
    /// Names of workers that are certainly dead.
    private var deadWorkers: Set<String> = []
    /// Tasks that a report waits for.
    private var reportedTasks: Set<String> = []

    init(_ folder: String, host: String = Host.name) {
        for name in Folder.names(in: folder) {
            let path = "\(folder)/\(name)"
            for report in Outbox.reportNames(in: path) { reportedTasks.insert(String(report.prefix(16))) }
            for report in OutboxJournal.reports(in: path) {
                reportedTasks.insert(report.assignment.task.text)
            }
            // Locks of other machines are not to be trusted on every file system.
            guard Outbox.isLocal(name, host), let lock = (try? Outbox.lock(path)) ?? nil else { continue }
            Outbox.unlock(lock)
            deadWorkers.insert(name)
        }
    }

    /// Whether nothing will come of this attempt any more: its worker is dead, and left no report of it.
    func isHopeless(_ task: TaskID, worker: String) -> Bool {
        deadWorkers.contains(worker) && !reportedTasks.contains(task.text)
    }
}

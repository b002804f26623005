internal import Glibc
public import Messaging
public import Sweeps

/// Reports on disk until the coordinator has acknowledged them: no finished work is lost when a worker dies.
///
/// Each worker holds one folder, named after its machine and slot and locked for as long as the process lives. The
/// name of the folder is the name of the worker, so that two processes of one machine never share one; a process that
/// comes after a dead one takes the same name and finds what it left.
public final class Outbox: Sendable {
    /// The folder that holds the reports.
    public let path: String
    /// The worker's name, such as `node7-slot2`, or `lab.node7-slot2` for a worker with the key `lab`.
    public let name: String
    /// Which slot of its machine, counted from 0.
    public let slot: Int
    /// The file that says what is being trained; see ``mark(_:)``.
    let markFile: Int32
    private let journal: OutboxJournal
    private let host: String
    private let lock: Int32

    /// Takes the first free slot of this machine in `folder`.
    ///
    /// - Parameters:
    ///   - folder: The folder of all outboxes.
    ///   - host: What this machine is called.
    ///   - key: The name of the key that the worker connects with; `nil` in plain text.
    /// - Throws: ``SystemError`` where the folder cannot be written.
    public init(
        claimingIn folder: String, host: String = Host.name, key: String? = nil
    ) throws(SystemError) {
        try Folder.create(folder)
        var slot = 0
        while true {
            let name = WorkerName.text(host: host, slot: slot, key: key)
            let path = "\(folder)/\(name)"
            if let lock = try Outbox.lock(path) {
                (self.path, self.name, self.slot) = (path, name, slot)
                (self.host, self.lock) = (host, lock)
                // What the slot's last process was at when it ended is for its supervisor to judge, and only then.
                markFile = Outbox.openMark(in: path)
                journal = try OutboxJournal(in: path)
                mark(nil)
                return
            }
            slot += 1
        }
    }

    deinit {
        if markFile != -1 { close(markFile) }
        Outbox.unlock(lock)
    }

    /// Lets go of a lock for certain: closing alone leaves it to a child that is just being started.
    static func unlock(_ lock: Int32) {
        flock(lock, LOCK_UN)
        close(lock)
    }

    /// Locks a folder, making it where needed; `nil` where another process has it.
    static func lock(_ path: String) throws(SystemError) -> Int32? {
        try Folder.create(path)
        let file = path + "/lock"
        let descriptor = try system("open", path: file) { open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK || code == EINTR { return nil }
        throw SystemError("flock", code: code, path: file)
    }

    /// Results that took less than this to compute are not worth waiting for the disk: they survive a kill of the
    /// process, and after a power cut they are computed again.
    private static let worthwhile = Duration.seconds(1)

    /// Makes a report durable.
    ///
    /// - Throws: ``SystemError`` when the disk is full; the report is then only in memory.
    public func keep(_ report: AttemptReport) throws(SystemError) {
        if case .result(let result) = report, result.elapsed < Outbox.worthwhile {
            try journal.keep(report)
        } else {
            try AtomicFile.write(report.encoded(), to: file(of: report.assignment))
        }
    }

    /// Forgets a report; one that is not there is no error.
    ///
    /// Nobody waits for the disk: a report that a power cut brings back is sent again and acknowledged again.
    public func remove(_ assignment: Assignment) throws(SystemError) { try remove([assignment]) }

    /// Forgets several reports at the cost of one, where they are those of short tasks.
    public func remove(_ assignments: [Assignment]) throws(SystemError) {
        let removed = try journal.remove(assignments)
        for assignment in assignments where !removed.contains(assignment) {
            let file = file(of: assignment)
            if unlink(file) == -1, errno != ENOENT { throw SystemError("unlink", code: errno, path: file) }
        }
    }

    /// All reports that lie here, oldest first as far as the clock of the file system tells.
    ///
    /// A damaged one is put aside under another name, for people to look at; its task will be repeated.
    public func load() -> [AttemptReport] {
        let files = Outbox.reportNames(in: path).map { "\(path)/\($0)" }
        let dated = files.map { (file: $0, date: Outbox.modificationTime(of: $0)) }
        let whole = dated.sorted { ($0.date, $0.file) < ($1.date, $1.file) }.compactMap { entry in
            let bytes = (try? AtomicFile.read(entry.file)) ?? nil
            if let report = bytes.flatMap(AttemptReport.init(encoded:)) { return report }
            rename(entry.file, entry.file + ".damaged")
            return nil
        }
        let kept = Set(whole.map(\.assignment))
        return whole + OutboxJournal.reports(in: path).filter { !kept.contains($0.assignment) }
    }

    /// How many reports wait in a folder of outboxes.
    public static func waitingCount(in folder: String) -> Int {
        Folder.names(in: folder).map { "\(folder)/\($0)" }.reduce(0) {
            $0 + reportNames(in: $1).count + OutboxJournal.reports(in: $1).count
        }
    }

    /// Takes over what dead workers of this machine left in the folders beside this one.
    public func adoptAbandoned() {
        guard let end = path.lastIndex(of: "/") else { return }
        let parent = String(path[..<end])
        for sibling in Folder.names(in: parent) where sibling != name && Outbox.isLocal(sibling, host) {
            let folder = "\(parent)/\(sibling)"
            // Whoever holds the lock lives, and delivers by itself.
            guard let lock = (try? Outbox.lock(folder)) ?? nil else { continue }
            defer { Outbox.unlock(lock) }
            for report in Outbox.reportNames(in: folder) {
                rename("\(folder)/\(report)", "\(path)/\(report)")
            }
            let reports = OutboxJournal.reports(in: folder)
            // A journal that could not be taken over in whole stays for the next who comes.
            let adopted = reports.count { (try? keep($0)) != nil }
            if adopted == reports.count { OutboxJournal.delete(in: folder) }
        }
    }

    /// Whether an outbox belongs to a worker of this machine, whatever key it had.
    static func isLocal(_ name: String, _ host: String) -> Bool {
        WorkerName.place(of: name).hasPrefix(host + "-slot")
    }

    static let suffix = ".report"

    static func reportNames(in folder: String) -> [String] {
        Folder.names(in: folder).filter { $0.hasSuffix(suffix) }
    }

    /// Nanoseconds since 1970; 0 for a file that has gone.
    private static func modificationTime(of file: String) -> Int64 {
        var status = stat()
        guard stat(file, &status) == 0 else { return 0 }
        return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    private func file(of assignment: Assignment) -> String { Outbox.file(of: assignment, in: path) }

    static func file(of assignment: Assignment, in folder: String) -> String {
        "\(folder)/\(assignment.task.text)-\(assignment.attempt)\(suffix)"
    }
}

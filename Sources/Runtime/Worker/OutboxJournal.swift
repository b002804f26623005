internal import Basics
internal import Glibc
internal import Messaging
internal import Sweeps
internal import Synchronization

/// Reports of short tasks, one behind the other in one file: a file each would cost more than the task.
///
/// A record is its length, a checksum, and either a report or the assignment of one that was acknowledged. What a
/// process has appended survives its kill; after a power cut the tail may be missing, and its tasks are repeated.
final class OutboxJournal: Sendable {
    private let path: String
    private let state: Mutex<State>

    private struct State {
        var descriptor: Int32
        var byteCount: Int
        /// The records of reports that are not acknowledged, in the order of their arrival.
        var live: [(assignment: Assignment, record: [UInt8])]
    }

    /// Acknowledged reports stay in the file until it has grown to this size.
    private static let byteCountMax = 1 << 20
    private static let name = "journal"

    /// The journal of an outbox, with what an earlier process left in it.
    ///
    /// - Throws: ``SystemError`` where it cannot be written.
    init(in folder: String) throws(SystemError) {
        let path = "\(folder)/\(OutboxJournal.name)"
        let content = OutboxJournal.content(of: folder)
        // A damaged tail stays for people to look at.
        if content.isDamaged { rename(path, path + ".damaged") }
        let live = content.reports.map { (assignment: $0.assignment, record: OutboxJournal.record(of: $0)) }
        self.path = path
        let bytes = live.flatMap(\.record)
        try AtomicFile.write(bytes, to: path, survivesPowerCut: false)
        let descriptor = try OutboxJournal.open(path)
        state = Mutex(State(descriptor: descriptor, byteCount: bytes.count, live: live))
    }

    deinit { state.withLock { _ = close($0.descriptor) } }

    /// Appends a report.
    ///
    /// - Throws: ``SystemError`` when the disk is full; the file is then as it was.
    func keep(_ report: AttemptReport) throws(SystemError) {
        let record = OutboxJournal.record(of: report)
        try change { (state) throws(SystemError) in
            try OutboxJournal.append(record, &state, path)
            state.live.removeAll { $0.assignment == report.assignment }
            state.live.append((assignment: report.assignment, record: record))
        }
    }

    /// Notes that reports were acknowledged.
    ///
    /// - Returns: Those that were here.
    @discardableResult
    func remove(_ assignments: [Assignment]) throws(SystemError) -> [Assignment] {
        var removed: [Assignment] = []
        try change { (state) throws(SystemError) in
            for assignment in assignments {
                guard let index = state.live.firstIndex(where: { $0.assignment == assignment }) else {
                    continue
                }
                removed.append(assignment)
                state.live.remove(at: index)
            }
            guard !removed.isEmpty else { return }
            if state.byteCount > OutboxJournal.byteCountMax {
                let bytes = state.live.flatMap(\.record)
                try AtomicFile.write(bytes, to: path, survivesPowerCut: false)
                let descriptor = try OutboxJournal.open(path)
                close(state.descriptor)
                (state.descriptor, state.byteCount) = (descriptor, bytes.count)
            } else {
                try OutboxJournal.append(removed.flatMap(OutboxJournal.record(ofRemoved:)), &state, path)
            }
        }
        return removed
    }

    /// The reports that wait in the journal of a folder, in the order of their arrival.
    static func reports(in folder: String) -> [AttemptReport] { content(of: folder).reports }

    /// Deletes the journal of a folder that nobody uses.
    static func delete(in folder: String) { unlink("\(folder)/\(name)") }

    private func change(_ body: (inout State) throws(SystemError) -> Void) throws(SystemError) {
        let result = state.withLock { (state) -> Result<Void, SystemError> in
            do throws(SystemError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        try result.get()
    }
}

// MARK: - The file

extension OutboxJournal {
    private static func open(_ path: String) throws(SystemError) -> Int32 {
        try system("open", path: path) { Glibc.open(path, O_WRONLY | O_APPEND | O_CLOEXEC) }
    }

    private static func append(_ record: [UInt8], _ state: inout State, _ path: String) throws(SystemError) {
        let count = try system("write", path: path) { write(state.descriptor, record, record.count) }
        guard count == record.count else {
            ftruncate(state.descriptor, off_t(state.byteCount))
            throw SystemError("write", code: ENOSPC, path: path)
        }
        state.byteCount += count
    }

    private static func record(of report: AttemptReport) -> [UInt8] {
        var payload = ByteWriter()
        payload.append(UInt8(1))
        payload.append(report.encoded())
        return framed(payload.bytes)
    }

    private static func record(ofRemoved assignment: Assignment) -> [UInt8] {
        var payload = ByteWriter()
        payload.append(UInt8(2))
        payload.append(assignment.task.text)
        payload.append(assignment.attempt)
        return framed(payload.bytes)
    }

    private static func framed(_ payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt32(payload.count))
        writer.append(ContentHash(of: payload).bytes.prefix(8))
        writer.append(payload)
        return writer.bytes
    }

    /// What a journal holds, up to the first record that is not whole.
    private static func content(of folder: String) -> (reports: [AttemptReport], isDamaged: Bool) {
        guard let bytes = (try? AtomicFile.read("\(folder)/\(name)")) ?? nil else { return ([], false) }
        var reader = ByteReader(bytes)
        var reports: [AttemptReport] = []
        while !reader.isAtEnd {
            guard let count = reader.read(UInt32.self), let checksum = reader.read(count: 8),
                let payload = reader.read(count: Int(count)),
                checksum.elementsEqual(ContentHash(of: payload).bytes.prefix(8)),
                apply(Array(payload), to: &reports)
            else { return (reports, true) }
        }
        return (reports, false)
    }

    private static func apply(_ payload: [UInt8], to reports: inout [AttemptReport]) -> Bool {
        var reader = ByteReader(payload)
        switch reader.read(UInt8.self) {
        case 1:
            guard let rest = reader.read(count: reader.remainingCount),
                let report = AttemptReport(encoded: Array(rest))
            else { return false }
            reports.removeAll { $0.assignment == report.assignment }
            reports.append(report)
        case 2:
            guard let task = reader.readText().flatMap({ TaskID($0) }), let attempt = reader.read(UInt32.self)
            else { return false }
            reports.removeAll { $0.assignment == Assignment(task: task, attempt: attempt) }
        default: return false
        }
        return true
    }
}

public import Basics
import Foundation
import GRDB
public import Sweeps

extension SweepStore {
    /// A task with its result.
    public struct Result: Hashable, Sendable {
        /// The task's place in the grid, counted from 0.
        public let ordinal: Int
        public let task: TrainingTask
        /// The attempt that made it.
        public let attempt: UInt32
        /// The canonical bytes of a ``TaskResult``, proven to have ``hash``.
        public let bytes: [UInt8]
        public let hash: ContentHash
        public let provenance: Provenance
        /// ``Worker/profile`` of the worker that made it.
        public let profile: String
    }

    /// How a task's result came about, without the result.
    public struct ProvenanceRecord: Hashable, Sendable {
        public let task: TaskID
        public let attempt: UInt32
        public let hash: ContentHash
        public let provenance: Provenance
    }

    /// One try at a task, and what became of it.
    public struct AttemptRecord: Hashable, Sendable {
        /// Counted from 1.
        public let attempt: UInt32
        /// Which start of the coordinator handed it out.
        public let incarnation: UInt64
        public let worker: Worker
        public let started: WallTime
        /// `nil` while it runs, or where nobody knows how it ended.
        public let ended: WallTime?
        public let outcome: Outcome?

        public enum Outcome: Hashable, Sendable {
            case result
            case failure(FailureClass, message: String)
        }
    }

    /// A result that other bytes of another attempt contradicted.
    public struct Disagreement: Hashable, Sendable {
        public let assignment: Assignment
        public let received: ContentHash
        public let worker: String
        public let time: WallTime
    }

    /// Hands over every task that has a result, in the order of the grid, a few in memory at a time.
    ///
    /// The store may be read and written meanwhile; results that arrive for tasks further on are handed over too.
    ///
    /// - Parameter body: Called for each; what it throws ends the reading.
    /// - Throws: ``StoreError/damaged(path:reason:)`` for a task or result that is not what was written.
    public func forEachResult(_ body: (Result) throws -> Void) throws {
        let sql = """
            SELECT \(SweepStore.taskColumns), r.attempt, r.hash, r.worker, r.host, r.blas_core, r.threads,
                r.started, r.seconds, r.bytes, a.profile
            FROM \(SweepStore.taskTables) JOIN results r ON r.task = t.ordinal
            LEFT JOIN attempts a ON a.task = r.task AND a.attempt = r.attempt
            WHERE t.ordinal > ? ORDER BY t.ordinal LIMIT \(SweepStore.pageSize)
            """
        try forEachPage(sql) {
            try result($0)
        } perform: {
            try $0.forEach(body)
        }
    }

    /// Results read at once: a megabyte or so.
    private static let pageSize = 64

    private func result(_ row: Row) throws -> Result {
        let task = try self.task(row)
        let hash = try hash(row.value(7))
        let bytes = [UInt8](try row.value(14) as Data)
        guard ContentHash(of: bytes) == hash else {
            throw damage("the result of task \(task.id) is not what was written")
        }
        return Result(
            ordinal: try row.value(0), task: task, attempt: try row.value(6), bytes: bytes, hash: hash,
            provenance: try provenance(row, from: 8), profile: try row.value(15))
    }

    /// Where and how long each result was made, in the order of the grid.
    public func provenance() throws(StoreError) -> [ProvenanceRecord] {
        try translating(isWriting: false) {
            let sql = """
                SELECT t.id, r.attempt, r.hash, r.worker, r.host, r.blas_core, r.threads, r.started, r.seconds
                FROM tasks t JOIN results r ON r.task = t.ordinal ORDER BY t.ordinal
                """
            return try pool.read { db in
                try Row.fetchAll(db, sql: sql).map { row in
                    ProvenanceRecord(
                        task: try taskID(row.value(0)), attempt: try row.value(1),
                        hash: try hash(row.value(2)),
                        provenance: try provenance(row, from: 3))
                }
            }
        }
    }

    /// All attempts at a task, in their order: for explaining why it is where it is.
    public func attempts(of task: TaskID) throws(StoreError) -> [AttemptRecord] {
        try translating(isWriting: false) {
            let sql = """
                SELECT attempt, incarnation, worker, host, profile, started, ended, outcome, message
                FROM attempts WHERE task = \(SweepStore.ordinalOfID) ORDER BY attempt
                """
            return try pool.read { db in
                try Row.fetchAll(db, sql: sql, arguments: [task.text]).map { row in
                    let outcome: AttemptRecord.Outcome? = try (row.optional(7) as String?).map { text in
                        text == "result"
                            ? .result : .failure(try failureClass(text), message: try row.optional(8) ?? "")
                    }
                    return AttemptRecord(
                        attempt: try row.value(0), incarnation: try row.value(1),
                        worker: Worker(
                            name: try row.value(2), host: try row.value(3), profile: try row.value(4)),
                        started: WallTime(milliseconds: try row.value(5)),
                        ended: try (row.optional(6) as Int64?).map(WallTime.init(milliseconds:)),
                        outcome: outcome)
                }
            }
        }
    }

    /// Every result that another attempt contradicted: training was not deterministic there.
    public func disagreements() throws(StoreError) -> [Disagreement] {
        try translating(isWriting: false) {
            let sql = """
                SELECT t.id, d.attempt, d.hash, d.worker, d.received
                FROM disagreements d JOIN tasks t ON t.ordinal = d.task ORDER BY t.ordinal, d.attempt, d.hash
                """
            return try pool.read { db in
                try Row.fetchAll(db, sql: sql).map { row in
                    Disagreement(
                        assignment: Assignment(task: try taskID(row.value(0)), attempt: try row.value(1)),
                        received: try hash(row.value(2)), worker: try row.value(3),
                        time: WallTime(milliseconds: try row.value(4)))
                }
            }
        }
    }

    /// Reads the whole file and proves what can be proven: pages, indexes, foreign keys, every hash.
    ///
    /// - Throws: The first damage found.
    public func checkEverything() throws {
        try translating(isWriting: false) {
            try pool.read { db in
                let complaint = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "no answer"
                if complaint != "ok" { throw damage(complaint) }
                if try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") != nil {
                    throw damage("a row belongs to no task")
                }
            }
        }
        _ = try loadTasks()
        let sql = """
            SELECT \(SweepStore.taskColumns) FROM \(SweepStore.taskTables)
            WHERE t.ordinal > ? ORDER BY t.ordinal LIMIT \(SweepStore.pageSize)
            """
        try forEachPage(sql) {
            try task($0)
        } perform: { _ in
        }
        try forEachResult { _ in }
    }

    /// Reads rows that begin with the ordinal, one page after the other.
    ///
    /// `body` runs outside the reading, so that it may use the store itself, which is not reentrant.
    private func forEachPage<Value>(
        _ sql: String, _ decode: (Row) throws -> Value, perform body: ([Value]) throws -> Void
    ) throws {
        var last = -1
        while true {
            let page = try translating(isWriting: false) {
                try pool.read { db in
                    try Row.fetchAll(db, sql: sql, arguments: [last]).map { row in
                        let ordinal: Int = try row.value(0)
                        // A damaged tree may lead in circles.
                        if ordinal <= last { throw damage("task \(ordinal) comes after task \(last)") }
                        last = ordinal
                        return try decode(row)
                    }
                }
            }
            if page.isEmpty { return }
            try body(page)
        }
    }

    private func provenance(_ row: Row, from column: Int) throws -> Provenance {
        Provenance(
            worker: try row.value(column), host: try row.value(column + 1),
            blasCore: try row.value(column + 2),
            threads: try row.value(column + 3), started: WallTime(milliseconds: try row.value(column + 4)),
            seconds: try row.value(column + 5))
    }
}

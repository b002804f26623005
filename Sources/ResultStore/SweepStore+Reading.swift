public import Basics
import Foundation
import GRDB
public import Sweeps

extension SweepStore {
    /// What a coordinator needs to know of a task when it starts.
    public struct TaskRecord: Hashable, Sendable {
        /// The task's place in the grid, counted from 0.
        public let ordinal: Int
        public let id: TaskID
        /// The highest attempt number that was ever stored; 0 for a task never tried.
        public let attempts: UInt32
        /// How its attempts failed, in their order, since it was last reset.
        public let failures: [FailureClass]
        public let state: State
        /// What the user has said about it.
        public let hold: Hold?

        public enum State: Hashable, Sendable {
            /// Never tried, or its last attempt failed and shall be repeated.
            case waiting
            /// The last attempt was handed to this worker, and nothing is known of its end.
            case running(worker: String)
            case done(ContentHash)
            case failed(FailureClass, message: String)
        }
    }

    /// How many tasks are in each state.
    public struct Counts: Hashable, Sendable {
        public var waiting = 0
        /// Not to be handed out for the time being.
        public var paused = 0
        /// Not to be run.
        public var cancelled = 0
        public var running = 0
        public var done = 0
        public var failed = 0

        public var total: Int { waiting + paused + cancelled + running + done + failed }

        /// Tasks that would be handed out now or are.
        public var open: Int { waiting + running }

        public init() {}
    }

    /// All tasks in the order of the grid, without their configurations.
    ///
    /// - Complexity: One hash over every configuration: about a second for 100,000 tasks.
    public func loadTasks() throws(StoreError) -> [TaskRecord] {
        try translating(isWriting: false) {
            try pool.read { db in
                let failures = try failuresByTask(db)
                var records: [TaskRecord] = []
                let rows = try Row.fetchCursor(db, sql: SweepStore.recordsQuery(""))
                while let row = try rows.next() {
                    let record = try record(row, failures: failures[row.value(0)] ?? [])
                    if record.ordinal != records.count { throw damage("task \(records.count) is missing") }
                    records.append(record)
                }
                return records
            }
        }
    }

    /// All tasks in the order of the grid, read from the rows of those that anything has happened to.
    ///
    /// A sweep of a million tasks starts in the time that its ids take, not in the time that its texts take.
    ///
    /// - Parameter ids: The ids of the sweep's tasks in its order, as the store's fingerprint has proven them.
    /// - Returns: What ``loadTasks()`` would give.
    /// - Throws: ``StoreError`` where the store holds other tasks, is damaged or cannot be read.
    public func loadTasks(knowing ids: [TaskID]) throws(StoreError) -> [TaskRecord] {
        try translating(isWriting: false) {
            try pool.read { db in
                let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM tasks") ?? 0
                guard count == ids.count else { throw damage("\(count) tasks instead of \(ids.count)") }
                let failures = try failuresByTask(db)
                var records = ids.enumerated().map { ordinal, id in
                    TaskRecord(
                        ordinal: ordinal, id: id, attempts: 0, failures: [], state: .waiting, hold: nil)
                }
                let sql = """
                    SELECT t.ordinal, t.id, t.state, t.attempts, t.failure_class, t.failure_message, r.hash,
                        a.worker, h.kind, a.attempt
                    FROM (SELECT task FROM attempts UNION SELECT task FROM holds) touched
                    JOIN tasks t ON t.ordinal = touched.task LEFT JOIN results r ON r.task = t.ordinal
                    LEFT JOIN attempts a ON a.task = t.ordinal
                        AND a.attempt = (SELECT max(attempt) FROM attempts WHERE task = t.ordinal)
                    LEFT JOIN holds h ON h.task = t.ordinal
                    """
                let rows = try Row.fetchCursor(db, sql: sql)
                while let row = try rows.next() {
                    let (ordinal, text): (Int, String) = (try row.value(0), try row.value(1))
                    guard ids.indices.contains(ordinal), ids[ordinal].text == text else {
                        throw damage("task \(text) stands where the sweep has another")
                    }
                    records[ordinal] = try record(
                        ordinal, ids[ordinal], row, from: 2, failures: failures[ordinal] ?? [])
                }
                return records
            }
        }
    }

    /// How attempts failed that count, in their order, by the ordinal of their task.
    private func failuresByTask(_ db: Database) throws -> [Int: [FailureClass]] {
        var failures: [Int: [FailureClass]] = [:]
        for row in try Row.fetchAll(db, sql: SweepStore.failuresQuery("")) {
            failures[try row.value(0), default: []].append(try failureClass(row.value(1)))
        }
        return failures
    }

    private static func failuresQuery(_ condition: String) -> String {
        """
        SELECT task, outcome FROM attempts
        WHERE outcome IS NOT NULL AND outcome <> 'result' AND is_forgiven = 0 \(condition) ORDER BY task, attempt
        """
    }

    private static func recordsQuery(_ condition: String) -> String {
        """
        SELECT \(taskColumns), t.state, t.attempts, t.failure_class, t.failure_message, r.hash, a.worker, h.kind,
            a.attempt
        FROM \(taskTables) LEFT JOIN results r ON r.task = t.ordinal
        LEFT JOIN attempts a ON a.task = t.ordinal
            AND a.attempt = (SELECT max(attempt) FROM attempts WHERE task = t.ordinal)
        LEFT JOIN holds h ON h.task = t.ordinal \(condition) ORDER BY t.ordinal
        """
    }

    /// What is known of one task; `nil` where the sweep has none of this id.
    public func record(of task: TaskID) throws(StoreError) -> TaskRecord? {
        try translating(isWriting: false) {
            try pool.read { db in
                let failures = try Row.fetchAll(
                    db, sql: SweepStore.failuresQuery("AND task = \(SweepStore.ordinalOfID)"),
                    arguments: [task.text]
                ).map { try failureClass($0.value(1)) }
                let sql = SweepStore.recordsQuery("WHERE t.id = ?")
                return try Row.fetchOne(db, sql: sql, arguments: [task.text]).map {
                    try record($0, failures: failures)
                }
            }
        }
    }

    /// Ids that begin with `text`, in rising order.
    public func taskIDs(beginningWith text: String, atMost count: Int) throws(StoreError) -> [TaskID] {
        guard !text.isEmpty, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else { return [] }
        return try translating(isWriting: false) {
            try pool.read { db in
                let sql = "SELECT id FROM tasks WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
                // 'g' comes after every digit.
                return try String.fetchAll(db, sql: sql, arguments: [text, text + "g", count]).map(taskID)
            }
        }
    }

    /// The hash of a task's result, and what decided its last bits; `nil` where it has none.
    public func resultHash(of task: TaskID) throws(StoreError) -> (hash: ContentHash, profile: String)? {
        try translating(isWriting: false) {
            try pool.read { db in
                let sql = """
                    SELECT r.hash, a.profile FROM results r
                    JOIN attempts a ON a.task = r.task AND a.attempt = r.attempt
                    WHERE r.task = \(SweepStore.ordinalOfID)
                    """
                return try Row.fetchOne(db, sql: sql, arguments: [task.text]).map {
                    (try hash($0.value(0)), try $0.value(1))
                }
            }
        }
    }

    public func counts() throws(StoreError) -> Counts {
        try translating(isWriting: false) {
            try pool.read { db in
                var counts = Counts()
                // One pass over short rows; grouping would sort a million of them.
                let states = """
                    SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'running'),
                        count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'failed'), count(*)
                    FROM tasks
                    """
                if let row = try Row.fetchOne(db, sql: states) {
                    (counts.waiting, counts.running) = (try row.value(0), try row.value(1))
                    (counts.done, counts.failed) = (try row.value(2), try row.value(3))
                    guard counts.total == (try row.value(4)) else { throw damage("a task is in no state") }
                }
                let held = """
                    SELECT h.kind, count(*) FROM holds h JOIN tasks t ON t.ordinal = h.task
                    WHERE t.state = 'waiting' GROUP BY h.kind
                    """
                for row in try Row.fetchAll(db, sql: held) {
                    let count: Int = try row.value(1)
                    counts.waiting -= count
                    switch try hold(row.value(0)) {
                    case .paused: counts.paused = count
                    case .cancelled: counts.cancelled = count
                    }
                }
                return counts
            }
        }
    }

    /// The task at a place of the grid; `nil` beyond its end.
    public func task(at ordinal: Int) throws(StoreError) -> TrainingTask? {
        try translating(isWriting: false) {
            try pool.read { db in
                let sql =
                    "SELECT \(SweepStore.taskColumns) FROM \(SweepStore.taskTables) WHERE t.ordinal = ?"
                return try Row.fetchOne(db, sql: sql, arguments: [ordinal]).map(task)
            }
        }
    }

    /// The task of this id; `nil` where the sweep has none.
    public func task(_ id: TaskID) throws(StoreError) -> TrainingTask? {
        try translating(isWriting: false) {
            try pool.read { db in
                let sql =
                    "SELECT \(SweepStore.taskColumns) FROM \(SweepStore.taskTables) WHERE t.id = ?"
                return try Row.fetchOne(db, sql: sql, arguments: [id.text]).map(task)
            }
        }
    }
}

// MARK: - Rows

extension SweepStore {
    /// The columns that ``task(_:)`` reads, from ``taskTables``.
    static let taskColumns = "t.ordinal, t.id, d.configuration, d.environment, d.axis_values, d.checksum"
    /// Tasks with what never changes about them; where that is missing its columns are no texts, which is damage.
    static let taskTables = "tasks t LEFT JOIN definitions d ON d.task = t.ordinal"
    /// The place in the grid of the task whose id is the next argument.
    static let ordinalOfID = "(SELECT ordinal FROM tasks WHERE id = ?)"

    func damage(_ reason: String) -> StoreError { .damaged(path: path, reason: reason) }

    func hash(_ digits: String) throws -> ContentHash {
        guard let hash = ContentHash(hexadecimal: digits) else { throw damage("'\(digits)' is no hash") }
        return hash
    }

    func failureClass(_ text: String) throws -> FailureClass {
        guard let failure = FailureClass(rawValue: text) else {
            throw damage("an attempt ended as '\(text)'")
        }
        return failure
    }

    func hold(_ text: String) throws -> Hold {
        guard let hold = Hold(rawValue: text) else { throw damage("a task is held as '\(text)'") }
        return hold
    }

    func taskID(_ text: String) throws -> TaskID {
        guard let id = TaskID(text) else { throw damage("'\(text)' is no task id") }
        return id
    }

    /// The task of a row that begins with ``taskColumns``.
    func task(_ row: Row) throws -> TrainingTask {
        let stored = try proven(row)
        guard let task = stored.task else { throw damage("task \(stored.ordinal) is not what was written") }
        return task
    }

    /// The beginning of such a row, proven to be what was written.
    private func proven(_ row: Row) throws -> TaskRow {
        let stored = TaskRow(
            ordinal: try row.value(0), id: try row.value(1), configuration: try row.value(2),
            environment: try row.value(3), axisValues: try row.value(4))
        guard stored.checksum == (try row.value(5) as Data) else {
            throw damage("task \(stored.ordinal) is not what was written")
        }
        return stored
    }

    private func record(_ row: Row, failures: [FailureClass]) throws -> TaskRecord {
        let stored = try proven(row)
        return try record(stored.ordinal, try taskID(stored.id), row, from: 6, failures: failures)
    }

    /// The record of a row that has state, attempts, failure class and message, result, newest worker, hold and newest
    /// attempt from a column on.
    private func record(
        _ ordinal: Int, _ id: TaskID, _ row: Row, from first: Int, failures: [FailureClass]
    ) throws -> TaskRecord {
        let (stateText, attempts): (String, Int64) = (try row.value(first), try row.value(first + 1))
        let hash = try (row.optional(first + 4) as String?).map(hash)
        let worker: String? = try row.optional(first + 5)
        // The tables must tell the same story, or else one of them was damaged.
        let newest: Int64? = try row.optional(first + 7)
        guard let attempts = UInt32(exactly: attempts), attempts == newest ?? 0,
            (stateText == "done") == (hash != nil)
        else { throw damage("the tables disagree about task \(id)") }
        let state: TaskRecord.State
        switch (stateText, hash, worker) {
        case ("waiting", _, _): state = .waiting
        case ("running", _, let worker?): state = .running(worker: worker)
        case ("done", let hash?, _): state = .done(hash)
        case ("failed", _, _):
            state = .failed(try failureClass(row.value(first + 2)), message: try row.value(first + 3))
        default: throw damage("task \(id) is '\(stateText)'")
        }
        return TaskRecord(
            ordinal: ordinal, id: id, attempts: attempts, failures: failures, state: state,
            hold: try (row.optional(first + 6) as String?).map(hold))
    }
}

extension SweepStore {
    /// ``Worker/profile`` of the worker that made the first result in the order of the grid; `nil` before there is one.
    public func firstProfile() throws(StoreError) -> String? {
        try translating(isWriting: false) {
            try pool.read { db in
                try String.fetchOne(
                    db,
                    sql: """
                        SELECT a.profile FROM results r JOIN attempts a ON a.task = r.task AND a.attempt = r.attempt
                        ORDER BY r.task LIMIT 1
                        """)
            }
        }
    }
}

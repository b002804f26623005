import Basics
import GRDB
public import Sweeps

/// What `status` asks: answered from indexes and short rows, however many tasks and results there are.
extension SweepStore {
    /// Failed tasks of one class.
    public struct FailureCount: Hashable, Sendable {
        public let failureClass: FailureClass
        public let count: Int
        /// What the first of them said.
        public let example: String
    }

    /// A task that was handed out and has not ended.
    public struct RunningTask: Hashable, Sendable {
        public let task: TaskID
        public let attempt: UInt32
        public let worker: String
    }

    /// What one worker has done.
    public struct WorkerShare: Hashable, Sendable {
        public let worker: String
        public let host: String
        public let resultCount: Int
        /// The time that its results took, in seconds.
        public let seconds: Double
    }

    /// Failed tasks by class, most frequent first.
    public func failureCounts() throws(StoreError) -> [FailureCount] {
        try translating(isWriting: false) {
            // SQLite takes the bare column from the row that min() chose.
            let sql = """
                SELECT failure_class, count(*), failure_message, min(ordinal) FROM tasks WHERE state = 'failed'
                GROUP BY failure_class ORDER BY count(*) DESC, min(ordinal)
                """
            return try pool.read { db in
                try Row.fetchAll(db, sql: sql).map { row in
                    FailureCount(
                        failureClass: try failureClass(row.value(0)), count: try row.value(1),
                        example: try row.value(2))
                }
            }
        }
    }

    /// Every task that is in somebody's hands, in the order of the grid.
    public func runningTasks() throws(StoreError) -> [RunningTask] {
        try translating(isWriting: false) {
            let sql = """
                SELECT t.id, t.attempts, a.worker FROM tasks t
                JOIN attempts a ON a.task = t.ordinal AND a.attempt = t.attempts
                WHERE t.state = 'running' ORDER BY t.ordinal
                """
            return try pool.read { db in
                try Row.fetchAll(db, sql: sql).map { row in
                    RunningTask(
                        task: try taskID(row.value(0)), attempt: try row.value(1), worker: try row.value(2))
                }
            }
        }
    }

    /// What each worker has done, by name.
    public func workerShares() throws(StoreError) -> [WorkerShare] {
        try translating(isWriting: false) {
            let sql = """
                SELECT worker, host, count(*), sum(seconds) FROM results GROUP BY worker, host
                ORDER BY worker, host
                """
            return try pool.read { db in
                try Row.fetchAll(db, sql: sql).map { row in
                    WorkerShare(
                        worker: try row.value(0), host: try row.value(1), resultCount: try row.value(2),
                        seconds: try row.value(3))
                }
            }
        }
    }

    /// When the newest results came, in seconds since 1970, oldest first.
    ///
    /// - Parameters:
    ///   - count: At most so many.
    ///   - shares: The workers to ask for, as ``workerShares()`` gave them.
    /// - Returns: The newest moments, rising.
    /// - Throws: What is wrong with the store.
    public func recentEnds(_ count: Int, of shares: [WorkerShare]) throws(StoreError) -> [Double] {
        try translating(isWriting: false) {
            let sql = """
                SELECT started, seconds FROM results WHERE worker = ? AND host = ? ORDER BY started DESC LIMIT ?
                """
            return try pool.read { db in
                var ends: [Double] = []
                for share in shares {
                    let arguments: StatementArguments = [share.worker, share.host, count]
                    for row in try Row.fetchAll(db, sql: sql, arguments: arguments) {
                        let (started, seconds): (Int64, Double) = (try row.value(0), try row.value(1))
                        ends.append(Double(started) / 1000 + seconds)
                    }
                }
                return Array(ends.sorted().suffix(count))
            }
        }
    }
}

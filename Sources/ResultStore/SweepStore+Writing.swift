public import Basics
import Foundation
import GRDB
public import Sweeps

extension SweepStore {
    /// Who runs an attempt, as far as records go.
    public struct Worker: Hashable, Sendable {
        /// The worker's stable name.
        public let name: String
        public let host: String
        /// What decides the last bits of its results: BLAS core and instruction set.
        public let profile: String

        public init(name: String, host: String, profile: String) {
            self.name = name
            self.host = host
            self.profile = profile
        }
    }

    /// How a result came about: `provenance.csv`, the only file that differs between runs.
    public struct Provenance: Hashable, Sendable {
        public let worker: String
        public let host: String
        public let blasCore: String
        public let threads: Int
        public let started: WallTime
        /// How long training and probing took, in seconds.
        public let seconds: Double

        public init(
            worker: String, host: String, blasCore: String, threads: Int, started: WallTime, seconds: Double
        ) {
            self.worker = worker
            self.host = host
            self.blasCore = blasCore
            self.threads = threads
            self.started = started
            self.seconds = seconds
        }
    }

    /// One durable change.
    ///
    /// Every one may come twice, after a doubtful commit, and then changes nothing.
    public enum Write: Hashable, Sendable {
        /// The attempt number is taken for good.
        case attemptStarted(Assignment, worker: Worker)
        /// The task's one result: the canonical bytes of a ``TaskResult`` and their hash.
        case result(Assignment, bytes: [UInt8], hash: ContentHash, Provenance)
        /// The attempt ended without a result; `isFinal` when the task has thereby failed for good.
        case failure(Assignment, FailureClass, message: String, isFinal: Bool)
        /// Another attempt gave other bytes than the stored result.
        case disagreement(Assignment, received: ContentHash, worker: String)
        /// What the user wants of these tasks, and why; those that the verb does not touch are left alone.
        case steered(SteeringVerb, [TaskID], reason: String)

        /// The attempt that the write is about; `nil` for a wish of the user.
        public var assignment: Assignment? {
            switch self {
            case .attemptStarted(let assignment, _), .result(let assignment, _, _, _),
                .failure(let assignment, _, _, _), .disagreement(let assignment, _, _):
                assignment
            case .steered: nil
            }
        }
    }

    /// What became of a write.
    public enum Outcome: Hashable, Sendable {
        case stored
        /// It was stored before, or came too late to matter.
        case unchanged
        /// The task has a result of other bytes, which stays; the disagreement is recorded.
        case disagreement(recorded: ContentHash)
    }

    /// Appends tasks in the order of the grid; those that are there already are left alone.
    ///
    /// A process that is killed halfway leaves the first tasks, and the next one adds the others.
    ///
    /// - Throws: ``StoreError/otherSweep(path:reason:)`` where the store holds other tasks.
    public func insert(_ tasks: some Collection<TrainingTask>) throws(StoreError) {
        try translating(isWriting: true) {
            let present = try pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM tasks") ?? 0 }
            if present > tasks.count {
                throw StoreError.otherSweep(path: path, reason: "\(present) tasks instead of \(tasks.count)")
            }
            var ordinal = present
            var rest = tasks.dropFirst(present)
            while !rest.isEmpty {
                let batch = rest.prefix(1000)
                try pool.write { db in
                    for task in batch {
                        try SweepStore.insert(task, ordinal: ordinal, db)
                        ordinal += 1
                    }
                }
                rest = rest.dropFirst(1000)
            }
        }
    }

    private static func insert(_ task: TrainingTask, ordinal: Int, _ db: Database) throws {
        let row = TaskRow(task, ordinal: ordinal)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO tasks (ordinal, id, checksum, axis_values, environment, configuration)
                VALUES (?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            ordinal, row.id, row.checksum, row.axisValues, row.environment, row.configuration,
        ])
    }

    /// Makes all writes durable in one transaction, in their order, or none.
    ///
    /// - Parameters:
    ///   - writes: What to keep.
    ///   - time: The moment that records name.
    /// - Returns: What became of each.
    /// - Throws: ``StoreError/cannotCommit(path:reason:)`` when the disk is full or fails: nothing was kept, and the
    ///   same writes may be tried again.
    public func commit(_ writes: [Write], at time: WallTime) throws(StoreError) -> [Outcome] {
        try translating(isWriting: true) {
            try pool.write { db in
                // Most runs never have any: one look a transaction instead of one a result.
                var mayHold = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM holds)") ?? true
                return try writes.map { write in
                    switch write {
                    case .attemptStarted(let assignment, let worker):
                        return try SweepStore.start(assignment, worker, at: time, db)
                    case .result(let assignment, let bytes, let hash, let provenance):
                        let outcome = try SweepStore.finish(
                            assignment, bytes, hash, provenance, at: time, db)
                        // A result ends whatever was said about the task.
                        if mayHold, outcome == .stored {
                            try SweepStore.release(assignment.task, db)
                        }
                        return outcome
                    case .failure(let assignment, let failure, let message, let isFinal):
                        return try SweepStore.fail(
                            assignment, failure, message, isFinal: isFinal, at: time, db)
                    case .disagreement(let assignment, let hash, let worker):
                        return try SweepStore.disagree(assignment, hash, worker, at: time, db)
                    case .steered(let verb, let tasks, let reason):
                        mayHold = true
                        return try SweepStore.steer(verb, tasks, reason, at: time, db)
                    }
                }
            }
        }
    }
}

// MARK: - One write

extension SweepStore {
    private static func checkExists(_ assignment: Assignment, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "SELECT 1 FROM tasks WHERE id = ?")
        guard try Int.fetchOne(statement, arguments: [assignment.task.text]) == nil else { return }
        throw StoreError.refused(reason: "\(assignment): the sweep has no such task")
    }

    static func execute(_ sql: String, _ arguments: StatementArguments, _ db: Database) throws -> Int {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
        return db.changesCount
    }

    private static func start(
        _ assignment: Assignment, _ worker: Worker, at time: WallTime, _ db: Database
    ) throws -> Outcome {
        let (task, attempt) = (assignment.task.text, Int64(assignment.attempt))
        let advanced = try execute(
            """
            UPDATE tasks SET attempts = ?, state = CASE state WHEN 'done' THEN 'done' ELSE 'running' END,
                failure_class = NULL, failure_message = NULL
            WHERE id = ? AND attempts < ?
            """, [attempt, task, attempt], db)
        if advanced == 0 { try checkExists(assignment, db) }
        let inserted = try execute(
            """
            INSERT INTO attempts (task, attempt, incarnation, worker, host, profile, started)
            VALUES (?, ?, (SELECT incarnation FROM meta), ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """, [task, attempt, worker.name, worker.host, worker.profile, time.milliseconds], db)
        return inserted + advanced > 0 ? .stored : .unchanged
    }

    private static func finish(
        _ assignment: Assignment, _ bytes: [UInt8], _ hash: ContentHash, _ provenance: Provenance,
        at time: WallTime, _ db: Database
    ) throws -> Outcome {
        let (task, attempt) = (assignment.task.text, Int64(assignment.attempt))
        guard ContentHash(of: bytes) == hash else {
            throw StoreError.refused(
                reason: "\(assignment): the bytes of the result do not have the hash given with them")
        }
        let ended = try execute(
            """
            UPDATE attempts SET ended = ?, outcome = 'result', message = NULL
            WHERE task = ? AND attempt = ? AND NOT EXISTS (SELECT 1 FROM results WHERE results.task = attempts.task)
            """, [time.milliseconds, task, attempt], db)
        if ended == 0 {
            if let recorded = try recordedHash(of: task, db) {
                if recorded == hash.hexadecimal { return .unchanged }
                return try disagree(assignment, hash, provenance.worker, at: time, db)
            }
            // A result may outlive the record of its attempt, when runs are merged.
            let worker = Worker(
                name: provenance.worker, host: provenance.host, profile: provenance.blasCore)
            _ = try start(assignment, worker, at: provenance.started, db)
            return try finish(assignment, bytes, hash, provenance, at: time, db)
        }
        _ = try execute(
            """
            INSERT INTO results (task, attempt, hash, worker, host, blas_core, threads, started, seconds, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                task, attempt, hash.hexadecimal, provenance.worker, provenance.host, provenance.blasCore,
                provenance.threads, provenance.started.milliseconds, provenance.seconds, Data(bytes),
            ], db)
        _ = try execute(
            "UPDATE tasks SET state = 'done', failure_class = NULL, failure_message = NULL WHERE id = ?",
            [task], db)
        return .stored
    }

    private static func release(_ task: TaskID, _ db: Database) throws {
        _ = try execute("DELETE FROM holds WHERE task = ?", [task.text], db)
    }

    private static func fail(
        _ assignment: Assignment, _ failure: FailureClass, _ message: String, isFinal: Bool,
        at time: WallTime,
        _ db: Database
    ) throws -> Outcome {
        let (task, attempt) = (assignment.task.text, Int64(assignment.attempt))
        let ended = try execute(
            """
            UPDATE attempts SET ended = ?, outcome = ?, message = ?
            WHERE task = ? AND attempt = ? AND ended IS NULL
            """, [time.milliseconds, failure.rawValue, message, task, attempt], db)
        guard ended > 0 else {
            try checkExists(assignment, db)
            return .unchanged
        }
        // An attempt that is not the newest says nothing about the task.
        _ = try execute(
            """
            UPDATE tasks SET state = ?, failure_class = ?, failure_message = ?
            WHERE id = ? AND attempts = ? AND state = 'running'
            """,
            [
                isFinal ? "failed" : "waiting", isFinal ? failure.rawValue : nil, isFinal ? message : nil,
                task,
                attempt,
            ], db)
        return .stored
    }

    private static func disagree(
        _ assignment: Assignment, _ hash: ContentHash, _ worker: String, at time: WallTime, _ db: Database
    ) throws -> Outcome {
        guard
            let recorded = try recordedHash(of: assignment.task.text, db).flatMap(
                ContentHash.init(hexadecimal:)),
            recorded != hash
        else {
            try checkExists(assignment, db)
            return .unchanged
        }
        _ = try execute(
            """
            INSERT INTO disagreements (task, attempt, hash, worker, received) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            [
                assignment.task.text, Int64(assignment.attempt), hash.hexadecimal, worker, time.milliseconds,
            ], db)
        return .disagreement(recorded: recorded)
    }

    private static func recordedHash(of task: String, _ db: Database) throws -> String? {
        let statement = try db.cachedStatement(sql: "SELECT hash FROM results WHERE task = ?")
        return try String.fetchOne(statement, arguments: [task])
    }
}

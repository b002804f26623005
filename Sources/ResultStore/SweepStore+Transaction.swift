import Basics
import Foundation
import GRDB
import Sweeps

extension SweepStore {
    /// The writes of one commit, and the statements that all of them share.
    struct Transaction {
        private let db: Database
        private let time: WallTime
        /// Most runs never have any: one look a transaction instead of one a result.
        private var mayHold: Bool
        /// Where in the grid the tasks stand that have an attempt under way.
        private(set) var ordinals: [TaskID: Int64]

        private let ordinalOfTask: Statement
        private let startTask: Statement
        private let insertAttempt: Statement
        private let endAttempt: Statement
        private let insertResult: Statement
        private let finishTask: Statement

        /// Ordinals to remember: more than all workers together hold.
        private static let ordinalsMax = 1 << 16

        /// The writes of the transaction that `db` is in, which name `time`; `ordinals` are those that the last one knew.
        init(_ db: Database, at time: WallTime, ordinals: [TaskID: Int64]) throws {
            self.db = db
            self.time = time
            self.ordinals = ordinals
            mayHold = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM holds)") ?? true
            ordinalOfTask = try db.cachedStatement(sql: "SELECT ordinal FROM tasks WHERE id = ?")
            startTask = try db.cachedStatement(
                sql: """
                    UPDATE tasks SET attempts = ?, state = CASE state WHEN 'done' THEN 'done' ELSE 'running' END,
                        failure_class = NULL, failure_message = NULL
                    WHERE ordinal = ? AND attempts < ?
                    """)
            insertAttempt = try db.cachedStatement(
                sql: """
                    INSERT INTO attempts (task, attempt, incarnation, worker, host, profile, started)
                    VALUES (?, ?, (SELECT incarnation FROM meta), ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """)
            endAttempt = try db.cachedStatement(
                sql: """
                    UPDATE attempts SET ended = ?, outcome = 'result', message = NULL
                    WHERE task = ? AND attempt = ?
                        AND NOT EXISTS (SELECT 1 FROM results WHERE results.task = attempts.task)
                    """)
            insertResult = try db.cachedStatement(
                sql: """
                    INSERT INTO results (task, attempt, hash, worker, host, blas_core, threads, started, seconds, bytes)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """)
            finishTask = try db.cachedStatement(
                sql: """
                    UPDATE tasks SET state = 'done', failure_class = NULL, failure_message = NULL WHERE ordinal = ?
                    """)
        }

        /// Performs one write, and says what became of it.
        mutating func perform(_ write: Write) throws -> Outcome {
            switch write {
            case .attemptStarted(let assignment, let worker):
                return try start(assignment, worker, at: time)
            case .result(let assignment, let bytes, let hash, let provenance):
                let outcome = try finish(assignment, bytes, hash, provenance)
                // A result ends whatever was said about the task.
                if mayHold, outcome == .stored {
                    _ = try SweepStore.execute(
                        "DELETE FROM holds WHERE task = ?", [try ordinal(of: assignment)], db)
                }
                ordinals[assignment.task] = nil
                return outcome
            case .failure(let assignment, let failure, let message, let isFinal):
                return try fail(assignment, failure, message, isFinal: isFinal)
            case .disagreement(let assignment, let hash, let worker):
                return try disagree(assignment, hash, worker)
            case .steered(let verb, let tasks, let reason):
                mayHold = true
                return try SweepStore.steer(verb, tasks, reason, at: time, db)
            }
        }
    }
}

// MARK: - One write

extension SweepStore.Transaction {
    /// Where the task stands in the grid.
    ///
    /// - Throws: ``StoreError/refused(reason:)`` where the sweep has no such task.
    private mutating func ordinal(of assignment: Assignment) throws -> Int64 {
        if let known = ordinals[assignment.task] { return known }
        guard let ordinal = try Int64.fetchOne(ordinalOfTask, arguments: [assignment.task.text]) else {
            throw StoreError.refused(reason: "\(assignment): the sweep has no such task")
        }
        if ordinals.count == SweepStore.Transaction.ordinalsMax { ordinals = [:] }
        ordinals[assignment.task] = ordinal
        return ordinal
    }

    private func execute(_ statement: Statement, _ arguments: StatementArguments) throws -> Int {
        try statement.execute(arguments: arguments)
        return db.changesCount
    }

    private mutating func start(
        _ assignment: Assignment, _ worker: SweepStore.Worker, at time: WallTime
    ) throws -> SweepStore.Outcome {
        let (task, attempt) = (try ordinal(of: assignment), Int64(assignment.attempt))
        let advanced = try execute(startTask, [attempt, task, attempt])
        let inserted = try execute(
            insertAttempt,
            [task, attempt, worker.name, worker.host, worker.profile, time.milliseconds])
        return inserted + advanced > 0 ? .stored : .unchanged
    }

    private mutating func finish(
        _ assignment: Assignment, _ bytes: [UInt8], _ hash: ContentHash, _ provenance: SweepStore.Provenance
    ) throws -> SweepStore.Outcome {
        guard ContentHash(of: bytes) == hash else {
            throw StoreError.refused(
                reason: "\(assignment): the bytes of the result do not have the hash given with them")
        }
        let (task, attempt) = (try ordinal(of: assignment), Int64(assignment.attempt))
        if try execute(endAttempt, [time.milliseconds, task, attempt]) == 0 {
            if let recorded = try recordedHash(of: task) {
                if recorded == hash.hexadecimal { return .unchanged }
                return try disagree(assignment, hash, provenance.worker)
            }
            // A result may outlive the record of its attempt, when runs are merged.
            let worker = SweepStore.Worker(
                name: provenance.worker, host: provenance.host, profile: provenance.blasCore)
            _ = try start(assignment, worker, at: provenance.started)
            return try finish(assignment, bytes, hash, provenance)
        }
        _ = try execute(
            insertResult,
            [
                task, attempt, hash.hexadecimal, provenance.worker, provenance.host, provenance.blasCore,
                provenance.threads, provenance.started.milliseconds, provenance.seconds, Data(bytes),
            ])
        _ = try execute(finishTask, [task])
        return .stored
    }

    private mutating func fail(
        _ assignment: Assignment, _ failure: FailureClass, _ message: String, isFinal: Bool
    ) throws -> SweepStore.Outcome {
        let (task, attempt) = (try ordinal(of: assignment), Int64(assignment.attempt))
        let ended = try SweepStore.execute(
            """
            UPDATE attempts SET ended = ?, outcome = ?, message = ?
            WHERE task = ? AND attempt = ? AND ended IS NULL
            """, [time.milliseconds, failure.rawValue, message, task, attempt], db)
        guard ended > 0 else { return .unchanged }
        // An attempt that is not the newest says nothing about the task.
        _ = try SweepStore.execute(
            """
            UPDATE tasks SET state = ?, failure_class = ?, failure_message = ?
            WHERE ordinal = ? AND attempts = ? AND state = 'running'
            """,
            [
                isFinal ? "failed" : "waiting", isFinal ? failure.rawValue : nil, isFinal ? message : nil,
                task, attempt,
            ], db)
        return .stored
    }

    private mutating func disagree(
        _ assignment: Assignment, _ hash: ContentHash, _ worker: String
    ) throws -> SweepStore.Outcome {
        let task = try ordinal(of: assignment)
        guard let recorded = try recordedHash(of: task).flatMap(ContentHash.init(hexadecimal:)),
            recorded != hash
        else { return .unchanged }
        _ = try SweepStore.execute(
            """
            INSERT INTO disagreements (task, attempt, hash, worker, received) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            [task, Int64(assignment.attempt), hash.hexadecimal, worker, time.milliseconds], db)
        return .disagreement(recorded: recorded)
    }

    private func recordedHash(of task: Int64) throws -> String? {
        let statement = try db.cachedStatement(sql: "SELECT hash FROM results WHERE task = ?")
        return try String.fetchOne(statement, arguments: [task])
    }
}

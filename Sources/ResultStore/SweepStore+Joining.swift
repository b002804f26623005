internal import Basics
import Foundation
import GRDB
public import Sweeps

/// What stores of runs that never saw each other have in common.
extension SweepStore {
    /// What came of taking over another store's results.
    public struct Joined: Hashable, Sendable {
        /// Results that were not here before.
        public var added = 0
        /// Results that were here with the same bytes: confirmed.
        public var confirmed = 0
        /// Tasks of which the stores have different results: training was not deterministic.
        public var contradicted: [TaskID] = []
        /// Results of tasks that this sweep does not have.
        public var foreign = 0

        public init() {}
    }

    /// Compares another store's results with those here, and changes nothing.
    public func compare(with other: SweepStore) throws -> Joined {
        var joined = Joined()
        var foreign = 0
        try other.forEachResultHash { task, hash in
            switch try recorded(task) {
            case .none where try exists(task): joined.added += 1
            case .none: foreign += 1
            case .some(let own) where own == hash: joined.confirmed += 1
            case .some: joined.contradicted.append(task)
            }
        }
        joined.foreign = foreign
        return joined
    }

    /// Takes over every result of another store for a task of this one, with the attempts that led to it.
    ///
    /// Attempt numbers of the two stores mean different attempts. The result comes in under the next free number, so
    /// that nothing of this store's history is rewritten; what the other store knows of its failures stays there.
    ///
    /// - Returns: What was taken over; results that contradict one here are not, and are recorded as disagreements.
    public func join(_ other: SweepStore, at time: WallTime) throws -> Joined {
        var joined = Joined()
        var writes: [Write] = []
        func flush() throws {
            for (write, outcome) in zip(writes, try commit(writes, at: time)) {
                guard case .result(let assignment, _, _, _) = write else { continue }
                if case .disagreement = outcome {
                    joined.contradicted.append(assignment.task)
                } else {
                    joined.added += 1
                }
            }
            writes = []
        }
        try other.forEachResult { result in
            let task = result.task.id
            guard try exists(task) else {
                joined.foreign += 1
                return
            }
            guard try recorded(task) != result.hash else {
                joined.confirmed += 1
                return
            }
            let taken = try attempts(of: task).last?.attempt ?? 0
            let assignment = Assignment(task: task, attempt: max(result.attempt, taken + 1))
            let worker = Worker(
                name: result.provenance.worker, host: result.provenance.host, profile: result.profile)
            if try recorded(task) == nil { writes.append(.attemptStarted(assignment, worker: worker)) }
            writes.append(
                .result(assignment, bytes: result.bytes, hash: result.hash, result.provenance))
            if writes.count >= SweepStore.writesPerCommit { try flush() }
        }
        try flush()
        return joined
    }

    /// Enough to hide the cost of the disk.
    private static let writesPerCommit = 256

    /// Takes over what another store knows of the tasks that both have, attempts and all: this store goes on where the
    /// other stopped.
    ///
    /// - Precondition: Nothing has happened in this store yet.
    public func continueFrom(_ other: SweepStore) throws(StoreError) {
        try translating(isWriting: true) {
            let path = other.path
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "ATTACH DATABASE ? AS other", arguments: [path])
                defer { try? db.execute(sql: "DETACH DATABASE other") }
                try db.inTransaction {
                    try db.execute(sql: SweepStore.continuation)
                    return .commit
                }
            }
        }
    }

    private static let continuation = """
        UPDATE meta SET incarnation = max(incarnation, (SELECT incarnation FROM other.meta));
        INSERT INTO attempts (task, attempt, incarnation, worker, host, profile, started, ended, outcome, message,
            is_forgiven)
        SELECT own.ordinal, attempt, incarnation, worker, host, profile, started, ended, outcome, message, is_forgiven
        FROM other.attempts a JOIN other.tasks old ON old.ordinal = a.task JOIN main.tasks own ON own.id = old.id;
        INSERT INTO results (task, attempt, hash, worker, host, blas_core, threads, started, seconds, bytes)
        SELECT own.ordinal, attempt, hash, worker, host, blas_core, threads, started, seconds, bytes
        FROM other.results r JOIN other.tasks old ON old.ordinal = r.task JOIN main.tasks own ON own.id = old.id;
        INSERT INTO disagreements (task, attempt, hash, worker, received)
        SELECT own.ordinal, attempt, hash, worker, received
        FROM other.disagreements d JOIN other.tasks old ON old.ordinal = d.task JOIN main.tasks own ON own.id = old.id;
        INSERT INTO holds (task, kind, reason, since)
        SELECT own.ordinal, kind, reason, since
        FROM other.holds h JOIN other.tasks old ON old.ordinal = h.task JOIN main.tasks own ON own.id = old.id;
        UPDATE tasks SET state = old.state, attempts = old.attempts, failure_class = old.failure_class,
            failure_message = old.failure_message
        FROM other.tasks AS old WHERE old.id = tasks.id;
        """

    /// The hash of the result that a task has; `nil` where it has none.
    private func recorded(_ task: TaskID) throws -> ContentHash? {
        let digits = try pool.read { db in
            let sql = "SELECT hash FROM results WHERE task = \(SweepStore.ordinalOfID)"
            return try String.fetchOne(db, sql: sql, arguments: [task.text])
        }
        return try digits.map { try hash($0) }
    }

    /// Whether the sweep has this task.
    public func exists(_ task: TaskID) throws -> Bool {
        try pool.read { db in
            try Int.fetchOne(db, sql: "SELECT 1 FROM tasks WHERE id = ?", arguments: [task.text]) != nil
        }
    }

    private func forEachResultHash(_ body: (TaskID, ContentHash) throws -> Void) throws {
        let pairs = try pool.read { db in
            let sql = """
                SELECT t.id, r.hash FROM results r JOIN tasks t ON t.ordinal = r.task ORDER BY t.ordinal
                """
            return try Row.fetchAll(db, sql: sql).map { (try taskID($0.value(0)), try hash($0.value(1))) }
        }
        for (task, hash) in pairs { try body(task, hash) }
    }
}

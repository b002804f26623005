internal import Basics
import GRDB
public import Sweeps

extension SweepStore {
    /// What keeps a task from being handed out, and why.
    public struct HoldRecord: Hashable, Sendable {
        public let kind: Hold
        /// What the user said; may be empty.
        public let reason: String
        public let since: WallTime
    }

    /// What the user has said about a task; `nil` for nothing.
    public func hold(on task: TaskID) throws(StoreError) -> HoldRecord? {
        try translating(isWriting: false) {
            try pool.read { db in
                let sql = "SELECT kind, reason, since FROM holds WHERE task = \(SweepStore.ordinalOfID)"
                return try Row.fetchOne(db, sql: sql, arguments: [task.text]).map { row in
                    HoldRecord(
                        kind: try hold(row.value(0)), reason: try row.value(1),
                        since: WallTime(milliseconds: try row.value(2)))
                }
            }
        }
    }

    static func steer(
        _ verb: SteeringVerb, _ tasks: [TaskID], _ reason: String, at time: WallTime, _ db: Database
    ) throws -> Outcome {
        var changes = 0
        for task in tasks.lazy.map(\.text) {
            switch verb {
            case .pause:
                changes += try execute(
                    """
                    INSERT INTO holds (task, kind, reason, since)
                    SELECT ordinal, 'paused', ?, ? FROM tasks WHERE id = ? AND state IN ('waiting', 'running')
                    ON CONFLICT DO NOTHING
                    """, [reason, time.milliseconds, task], db)
            case .unpause:
                changes += try execute(
                    "DELETE FROM holds WHERE task = \(ordinalOfID) AND kind = 'paused'", [task], db)
            case .cancel: changes += try cancel(task, reason, at: time, db)
            case .retry: changes += try forgive(task, db)
            }
        }
        return changes > 0 ? .stored : .unchanged
    }

    private static func cancel(
        _ task: String, _ reason: String, at time: WallTime, _ db: Database
    ) throws -> Int {
        let held = try execute(
            """
            INSERT INTO holds (task, kind, reason, since)
            SELECT ordinal, 'cancelled', ?, ? FROM tasks WHERE id = ? AND state IN ('waiting', 'running')
            ON CONFLICT (task) DO UPDATE SET kind = excluded.kind, reason = excluded.reason, since = excluded.since
            WHERE holds.kind <> 'cancelled'
            """, [reason, time.milliseconds, task], db)
        guard held > 0 else { return 0 }
        _ = try execute(
            """
            UPDATE attempts SET ended = ?, outcome = 'cancelled', message = ?
            WHERE task = \(ordinalOfID) AND ended IS NULL
            """, [time.milliseconds, reason, task], db)
        _ = try execute(
            "UPDATE tasks SET state = 'waiting' WHERE id = ? AND state = 'running'", [task], db)
        return held
    }

    /// Lets a task be tried again: its failures no longer count, its attempt numbers stay taken.
    private static func forgive(_ task: String, _ db: Database) throws -> Int {
        let failed = try execute(
            """
            UPDATE tasks SET state = 'waiting', failure_class = NULL, failure_message = NULL
            WHERE id = ? AND state = 'failed'
            """, [task], db)
        let cancelled = try execute(
            "DELETE FROM holds WHERE task = \(ordinalOfID) AND (kind = 'cancelled' OR ?)",
            [task, failed > 0], db)
        guard failed + cancelled > 0 else { return 0 }
        _ = try execute("UPDATE attempts SET is_forgiven = 1 WHERE task = \(ordinalOfID)", [task], db)
        return failed + cancelled
    }
}

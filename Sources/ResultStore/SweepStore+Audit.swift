internal import Basics
import Foundation
import GRDB
public import Sweeps

extension SweepStore {
    /// Something that should not be so.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        public let severity: Severity
        /// One sentence: what, and of which task.
        public let description: String

        public enum Severity: String, Hashable, Sendable {
            /// The store contradicts itself, or holds what was never written.
            case damage
            /// The same task gave two results: training was not deterministic.
            case nondeterminism
            /// A task has no result, which may yet come.
            case missing
        }

        public init(_ severity: Severity, _ description: String) {
            self.severity = severity
            self.description = description
        }
    }

    /// Proves from the rows alone that every task stands exactly once, and tells everything that speaks against it.
    ///
    /// Every hash is computed anew: of each task's configuration, and of each result's bytes, which must also be the
    /// canonical form of a result. Each result must name an attempt that was handed out and has the same worker, and no
    /// other attempt may claim to have given the result: no row of a fenced attempt stands.
    ///
    /// - Parameter grid: The ids of all tasks of the sweep, in its order.
    /// - Returns: What is wrong, worst first; empty where everything is proven.
    public func audit(against grid: [TaskID]) -> [Finding] {
        var findings = FindingList()
        collecting(&findings) {
            try checkFile(&$0)
            try checkTasks(grid, &$0)
            try checkResults(&$0)
            try checkContradictions(&$0)
        }
        return findings.sorted
    }

    /// Runs `body`; what stops it is a finding like any other.
    private func collecting(_ findings: inout FindingList, _ body: (inout FindingList) throws -> Void) {
        do {
            try body(&findings)
        } catch {
            findings.add(.damage, "\(StoreError(error, path: path, isWriting: false))")
        }
    }

    private func checkFile(_ findings: inout FindingList) throws {
        let (complaints, orphans) = try pool.read { db in
            (
                try String.fetchAll(db, sql: "PRAGMA integrity_check(10)"),
                try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
            )
        }
        for complaint in complaints where complaint != "ok" {
            findings.add(.damage, "the file: \(complaint)")
        }
        if orphans > 0 { findings.add(.damage, "\(orphans) rows belong to no task or attempt") }
    }

    private func checkTasks(_ grid: [TaskID], _ findings: inout FindingList) throws {
        let sql = """
            SELECT \(SweepStore.taskColumns), t.state FROM \(SweepStore.taskTables) ORDER BY t.ordinal
            """
        var expected = 0
        var missing: [String: Int] = [:]
        var examples: [String: String] = [:]
        try pool.read { db in
            let rows = try Row.fetchCursor(db, sql: sql)
            while let row = try rows.next() {
                let (ordinal, id): (Int, String) = (try row.value(0), try row.value(1))
                if (try? task(row)) == nil {
                    findings.add(.damage, "task \(id) is not what was written: its hash is another")
                }
                if ordinal != expected || expected >= grid.count || grid[expected].text != id {
                    findings.add(
                        .damage, "task \(id) stands at place \(ordinal), where the sweep has another")
                }
                expected = ordinal + 1
                let state: String = try row.value(6)
                if state != "done" {
                    missing[state, default: 0] += 1
                    if examples[state] == nil { examples[state] = id }
                }
            }
        }
        if expected != grid.count {
            findings.add(.damage, "the store has \(expected) tasks and the sweep \(grid.count)")
        }
        for state in ["failed", "running", "waiting"] {
            guard let count = missing[state], let example = examples[state] else { continue }
            findings.add(
                .missing,
                count == 1
                    ? "task \(example) is \(state) and has no result"
                    : "\(count) tasks are \(state) and have no result, such as \(example)")
        }
    }

    private func checkResults(_ findings: inout FindingList) throws {
        let sql = "SELECT t.id, r.hash, r.bytes FROM results r JOIN tasks t ON t.ordinal = r.task"
        try pool.read { db in
            let rows = try Row.fetchCursor(db, sql: sql)
            while let row = try rows.next() {
                let (task, digits): (String, String) = (try row.value(0), try row.value(1))
                let bytes = [UInt8](try row.value(2) as Data)
                if ContentHash(of: bytes).hexadecimal != digits {
                    findings.add(
                        .damage, "the result of task \(task) is not what was written: its hash is another")
                } else if TaskResult(encoded: bytes)?.encoded() != bytes {
                    findings.add(.damage, "the result of task \(task) has the right hash and cannot be read")
                }
            }
        }
    }

    /// Pairs of rows that cannot both be true, by what they say; each query gives a task and an attempt.
    private static let contradictions: [(sql: String, says: String)] = [
        (
            "SELECT t.id, t.attempts FROM tasks t LEFT JOIN results r ON r.task = t.ordinal "
                + "WHERE (t.state = 'done') <> (r.task IS NOT NULL)",
            "is done without a result, or has one without being done"
        ),
        // What a slot left in its outbox may have been brought by another slot of the same machine, with the same key.
        (
            "SELECT t.id, r.attempt FROM results r JOIN tasks t ON t.ordinal = r.task "
                + "LEFT JOIN attempts a ON a.task = r.task AND a.attempt = r.attempt WHERE a.task IS NULL OR a.outcome IS NOT 'result' OR a.host <> r.host "
                + "OR rtrim(a.worker, '0123456789') <> rtrim(r.worker, '0123456789')",
            "has a result from an attempt that did not give it"
        ),
        (
            "SELECT t.id, a.attempt FROM attempts a JOIN tasks t ON t.ordinal = a.task "
                + "LEFT JOIN results r ON r.task = a.task AND r.attempt = a.attempt WHERE a.outcome = 'result' AND r.task IS NULL",
            "has an attempt that is said to have given the result and did not"
        ),
        (
            "SELECT t.id, a.attempt FROM attempts a JOIN tasks t ON t.ordinal = a.task WHERE a.attempt > t.attempts",
            "has an attempt beyond its last number"
        ),
        (
            "SELECT t.id, 0 FROM holds h JOIN tasks t ON t.ordinal = h.task WHERE t.state = 'done'",
            "is done and yet paused or cancelled"
        ),
    ]

    private func checkContradictions(_ findings: inout FindingList) throws {
        for (sql, says) in SweepStore.contradictions {
            let rows = try pool.read { db in
                try Row.fetchAll(db, sql: sql + " LIMIT 100").map { row in
                    (try row.value(0) as String, try row.value(1) as Int)
                }
            }
            for (task, attempt) in rows { findings.add(.damage, "task \(task) (attempt \(attempt)) \(says)") }
        }
        for other in try disagreements() {
            findings.add(
                .nondeterminism,
                "\(other.assignment) on \(other.worker) gave other bytes than the stored result: training is not "
                    + "deterministic across these workers")
        }
    }
}

/// Findings, at most a readable number of them.
private struct FindingList {
    private var findings: [SweepStore.Finding] = []
    private var omitted = 0
    private static let countMax = 1000

    mutating func add(_ severity: SweepStore.Finding.Severity, _ description: String) {
        guard findings.count < FindingList.countMax else {
            omitted += 1
            return
        }
        findings.append(SweepStore.Finding(severity, description))
    }

    /// Damage first, what is missing last.
    var sorted: [SweepStore.Finding] {
        var sorted = [SweepStore.Finding.Severity.damage, .nondeterminism, .missing].flatMap { severity in
            findings.filter { $0.severity == severity }
        }
        if omitted > 0 { sorted.append(SweepStore.Finding(.damage, "\(omitted) more findings are left out")) }
        return sorted
    }
}

import Basics
import Foundation
import GRDB
import ResultStore
import Sweeps
import Testing

@Suite("SweepStore audited")
struct AuditTests {
    let folder: Folder
    static let ids = Example.tasks.map(\.id)

    init() throws { folder = try Folder() }

    /// A store whose every task is done.
    private func complete() throws -> SweepStore {
        let store = try Example.store(in: folder)
        _ = try store.commit([.steered(.retry, Self.ids, reason: "")], at: Example.noon)
        for seed in 1..<5 {
            let attempt = UInt32(seed < 3 ? 3 : 1)
            let assignment = Assignment(task: Self.ids[seed], attempt: attempt)
            _ = try store.commit([Example.result(assignment, Example.bytes(seed))], at: Example.noon)
        }
        return store
    }

    /// What the audit finds after SQL that no program of ours would run.
    private func findings(after sql: String) throws -> [SweepStore.Finding] {
        try complete().close()
        let path = folder.path("sweep.sqlite")
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql:
                    "PRAGMA foreign_keys = OFF; DROP TRIGGER results_are_set_once; DROP TRIGGER results_are_kept;"
            )
            try db.execute(sql: sql)
        }
        try queue.close()
        return try SweepStore.open(at: path, for: .reading).audit(against: Self.ids)
    }

    @Test("finds nothing where every task stands once")
    func sound() throws {
        #expect(try complete().audit(against: Self.ids).isEmpty)
    }

    @Test("tells what is missing by state")
    func missing() throws {
        let findings = try Example.store(in: folder).audit(against: Self.ids)
        #expect(findings.map(\.severity) == [.missing, .missing, .missing])
        #expect(findings[0].description == "task \(Self.ids[1]) is failed and has no result")
        #expect(findings[2].description.hasPrefix("2 tasks are waiting and have no result"))
    }

    @Test(
        "finds what speaks against one result for every task",
        arguments: [
            ("UPDATE results SET bytes = x'00' WHERE task = 0", "its hash is another"),
            ("UPDATE definitions SET configuration = '{}' WHERE task = 2", "its hash is another"),
            ("UPDATE tasks SET id = '0123456789abcdef' WHERE ordinal = 2", "where the sweep has another"),
            ("DELETE FROM results WHERE task = 0", "done without a result"),
            ("DELETE FROM definitions WHERE task = 3", "its hash is another"),
            ("DELETE FROM tasks WHERE ordinal = 4", "the store has 4 tasks and the sweep 5"),
            ("UPDATE results SET worker = 'mallory' WHERE task = 0", "an attempt that did not give it"),
            (
                "UPDATE attempts SET outcome = 'result' WHERE outcome = 'crash'",
                "said to have given the result"
            ),
            ("UPDATE attempts SET attempt = 9 WHERE outcome = 'crash'", "beyond its last number"),
            ("UPDATE tasks SET state = 'waiting' WHERE ordinal = 0", "or has one without being done"),
        ])
    func contradictions(sql: String, says: String) throws {
        let findings = try findings(after: sql)
        let isFound = findings.contains { $0.severity == .damage && $0.description.contains(says) }
        #expect(isFound, "\(findings)")
    }

    @Test(
        "a result that another slot of its machine has brought is in order, one of another key's worker is not",
        arguments: [("alice.node1-slot0", 0), ("mallory.node1-slot3", 1)])
    func otherSlot(worker: String, findingCount: Int) throws {
        let findings = try findings(
            after: "UPDATE attempts SET worker = 'alice.node1-slot3'; UPDATE results SET worker = '\(worker)'"
        )
        #expect(findings.isEmpty == (findingCount == 0), "\(findings)")
    }

    @Test("a result that other bytes contradicted is a finding of its own")
    func nondeterminism() throws {
        let store = try complete()
        let other = Example.result(Assignment(task: Self.ids[0], attempt: 2), Example.bytes(7))
        _ = try store.commit([other], at: Example.noon)
        #expect(store.audit(against: Self.ids).map(\.severity) == [.nondeterminism])
    }

    @Test("the tasks of another sweep are not proven")
    func otherSweep() throws {
        let findings = try complete().audit(against: Self.ids.reversed())
        #expect(findings.first?.severity == .damage)
    }
}

@Suite("SweepStores joined")
struct JoiningTests {
    let (first, second): (Folder, Folder)
    static let ids = Example.tasks.map(\.id)

    init() throws { (first, second) = (try Folder(), try Folder()) }

    private func store(_ folder: Folder, results: [Int], of bytes: (Int) -> [UInt8] = Example.bytes) throws
        -> SweepStore
    {
        let store = try SweepStore.create(at: folder.path("sweep.sqlite"), Example.identity, at: Example.noon)
        try store.insert(Example.tasks)
        _ = try store.nextIncarnation()
        for seed in results {
            _ = try store.commit([Example.result(Example.first(seed), bytes(seed))], at: Example.noon)
        }
        return store
    }

    @Test("results of one store come to the other, and those of both confirm each other")
    func join() throws {
        let (own, other) = (try store(first, results: [0, 1]), try store(second, results: [1, 2, 3]))
        #expect(try own.compare(with: other).added == 2)
        let joined = try own.join(other, at: Example.noon)
        #expect([Int]([joined.added, joined.confirmed, joined.foreign]) == [2, 1, 0])
        #expect(try own.counts().done == 4)
        #expect(own.audit(against: Self.ids).allSatisfy { $0.severity == .missing })
        let again = try own.join(other, at: Example.noon)
        #expect([Int]([again.added, again.confirmed]) == [0, 3])
    }

    @Test("a result that contradicts is told and does not come in")
    func contradiction() throws {
        let own = try store(first, results: [0, 1])
        let other = try store(second, results: [1]) { Example.bytes($0 + 7) }
        #expect(try own.compare(with: other).contradicted == [Self.ids[1]])
        #expect(try own.join(other, at: Example.noon).contradicted == [Self.ids[1]])
        var bytes: [[UInt8]] = []
        try own.forEachResult { bytes.append($0.bytes) }
        #expect(bytes == [Example.bytes(0), Example.bytes(1)])
    }

    @Test("a store goes on where another stopped, attempts, failures and holds included")
    func continuation() throws {
        let old = try Example.store(in: first)
        _ = try old.commit([.steered(.pause, [Self.ids[3]], reason: "later")], at: Example.noon)
        let more = Example.tasks.reversed() + [Example.task(9)]
        let fresh = try SweepStore.create(at: second.path("sweep.sqlite"), Example.identity, at: Example.noon)
        try fresh.insert(Array(more.dropFirst()))
        try fresh.continueFrom(old)
        let known = try old.loadTasks().prefix(4)
        let carried = try fresh.loadTasks().prefix(4).reversed()
        #expect(carried.map(\.id) == known.map(\.id))
        #expect(carried.map(\.state) == known.map(\.state))
        #expect(carried.map(\.attempts) == known.map(\.attempts))
        #expect(carried.map(\.hold) == known.map(\.hold))
        #expect(try fresh.nextIncarnation() == 2)
        try fresh.checkEverything()
    }
}

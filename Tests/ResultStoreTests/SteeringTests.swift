import Basics
import Foundation
import GRDB
import ResultStore
import Sweeps
import Testing

/// ``Example/story``: task 0 is done, 1 failed, 2 runs its second attempt, 3 and 4 wait.
@Suite("SweepStore steered")
struct SteeringTests {
    let folder: Folder
    let store: SweepStore
    static let ids = Example.tasks.map(\.id)

    init() throws {
        folder = try Folder()
        store = try Example.store(in: folder)
    }

    private func steer(_ verb: SteeringVerb, _ tasks: [TaskID] = ids) throws -> [SweepStore.Outcome] {
        try store.commit([.steered(verb, tasks, reason: "why")], at: Example.noon)
    }

    @Test("pauses what waits and what runs, and nothing else, once")
    func pause() throws {
        #expect(try steer(.pause) == [.stored])
        #expect(try store.loadTasks().map(\.hold) == [nil, nil, .paused, .paused, .paused])
        let counts = try store.counts()
        #expect([Int]([counts.paused, counts.waiting, counts.running, counts.total]) == [2, 0, 1, 5])
        #expect(try steer(.pause) == [.unchanged])
        #expect(try store.hold(on: Self.ids[3])?.reason == "why")
        #expect(try steer(.unpause) == [.stored])
        #expect(try store.loadTasks().allSatisfy { $0.hold == nil })
    }

    @Test("cancels what is not done, with the attempt that runs, and a pause gives way")
    func cancel() throws {
        _ = try steer(.pause, [Self.ids[3]])
        #expect(try steer(.cancel) == [.stored])
        let records = try store.loadTasks()
        #expect(records.map(\.hold) == [nil, nil, .cancelled, .cancelled, .cancelled])
        #expect(records[2].state == .waiting)
        #expect(try store.attempts(of: Self.ids[2]).last?.outcome == .failure(.cancelled, message: "why"))
        #expect(try store.counts().cancelled == 3)
        try store.checkEverything()
    }

    @Test("a result ends whatever was said about its task")
    func resultOfCancelled() throws {
        _ = try steer(.cancel)
        _ = try store.commit([Example.result(Example.second(2), Example.bytes(2))], at: Example.noon)
        #expect(try store.hold(on: Self.ids[2]) == nil)
        #expect(try store.counts().done == 2)
        #expect(store.audit(against: Self.ids).allSatisfy { $0.severity == .missing })
    }

    @Test("cancelled tasks come back with a clean record, and paused ones stay paused")
    func retry() throws {
        _ = try steer(.cancel, [Self.ids[2], Self.ids[3]])
        _ = try steer(.pause, [Self.ids[4]])
        _ = try steer(.retry, [Self.ids[2], Self.ids[4]])
        #expect(try store.loadTasks().map(\.hold) == [nil, nil, nil, .cancelled, .paused])
        #expect(try store.record(of: Self.ids[2])?.failures == [])
        #expect(try store.record(of: Self.ids[2])?.attempts == 2)
    }

    @Test("a store of version 1 can be steered once it is brought up to date")
    func oldStore() throws {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/store-v1.sqlite")
        let path = folder.path("old.sqlite")
        try FileManager.default.copyItem(atPath: fixture.path, toPath: path)
        let old = try SweepStore.open(at: path, for: .writing)
        _ = try old.commit([.steered(.pause, Self.ids, reason: "")], at: Example.noon)
        #expect(try old.counts().paused == 2)
    }

    @Test("what has happened to tasks is read the same from the touched rows alone")
    func touched() throws {
        #expect(try store.loadTasks(knowing: Self.ids) == store.loadTasks())
        _ = try steer(.cancel, [Self.ids[2]])
        _ = try steer(.pause, [Self.ids[4]])
        #expect(try store.loadTasks(knowing: Self.ids) == store.loadTasks())
        #expect(throws: StoreError.self) { try store.loadTasks(knowing: Array(Self.ids.reversed())) }
        #expect(throws: StoreError.self) { try store.loadTasks(knowing: Array(Self.ids.dropLast())) }
    }

    @Test("status is answered without reading tasks or results")
    func status() throws {
        #expect(try store.failureCounts().map(\.count) == [1])
        #expect(try store.failureCounts().first?.example == "signal 11")
        #expect(try store.runningTasks().map(\.worker) == ["alice"])
        #expect(try store.workerShares().map(\.resultCount) == [1])
        let ends = try store.recentEnds(10, of: try store.workerShares())
        #expect(ends == [Double(Example.noon.milliseconds) / 1000 + 1.5])
    }

    @Test("tasks are found by the beginning of their ids")
    func beginnings() throws {
        let id = Self.ids[1]
        #expect(try store.taskIDs(beginningWith: id.text, atMost: 2) == [id])
        let begin = String(id.text.prefix(6))
        #expect(try store.taskIDs(beginningWith: begin, atMost: 5).allSatisfy { $0.text.hasPrefix(begin) })
        #expect(try store.taskIDs(beginningWith: "%", atMost: 5).isEmpty)
        #expect(try store.taskIDs(beginningWith: "", atMost: 5).isEmpty)
    }
}

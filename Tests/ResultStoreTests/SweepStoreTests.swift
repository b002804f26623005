import Basics
import GRDB
import ResultStore
import Sweeps
import Testing

@Suite("SweepStore")
struct SweepStoreTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test("keeps tasks, attempts and results over closing and opening")
    func roundTrip() throws {
        try Example.store(in: folder).close()
        let store = try SweepStore.open(at: folder.path("sweep.sqlite"), for: .writing)
        let records = try store.loadTasks()
        #expect(store.identity == Example.identity)
        #expect(records.map(\.state) == Example.standing)
        #expect(records.map(\.id) == Example.tasks.map(\.id))
        #expect(records.map(\.ordinal) == [0, 1, 2, 3, 4])
        #expect(records.map(\.attempts) == [1, 1, 2, 0, 0])
        #expect(records.map(\.failures) == [[], [.crash], [.infrastructureLost], [], []])
        #expect(try store.task(at: 3) == Example.tasks[3])
        #expect(try store.task(Example.tasks[4].id) == Example.tasks[4])
        #expect(try store.task(at: 5) == nil)
        try store.checkEverything()
    }

    @Test("counts tasks by state")
    func counts() throws {
        let counts = try Example.store(in: folder).counts()
        #expect(
            [counts.waiting, counts.running, counts.done, counts.failed, counts.total] == [2, 1, 1, 1, 5])
    }

    @Test("hands results over in the order of the grid, whatever the order of their arrival")
    func resultsInOrder() throws {
        let store = try Example.store(in: folder)
        let late = [4, 3].flatMap { seed in
            [
                .attemptStarted(Example.first(seed), worker: Example.bob),
                Example.result(Example.first(seed), Example.bytes(seed)),
            ]
                as [SweepStore.Write]
        }
        _ = try store.commit(late, at: Example.noon)
        var results: [SweepStore.Result] = []
        try store.forEachResult { results.append($0) }
        #expect(results.map(\.ordinal) == [0, 3, 4])
        #expect(results.map(\.task) == [0, 3, 4].map { Example.tasks[$0] })
        #expect(results.map(\.bytes) == [0, 3, 4].map(Example.bytes))
        #expect(results[0].provenance == Example.provenance)
        #expect(results[0].profile == Example.alice.profile)
        #expect(try store.provenance().map(\.task) == results.map(\.task.id))
    }

    @Test(
        "a wall clock that jumps an hour either way between commits changes no result",
        arguments: [-3600, 3600])
    func clockStep(seconds: Int64) throws {
        let calm = try Example.store(in: folder)
        let other = try Folder()
        let stepped = try SweepStore.create(
            at: other.path("sweep.sqlite"), Example.identity, at: Example.noon)
        try stepped.insert(Example.tasks)
        _ = try stepped.nextIncarnation()
        for (index, write) in Example.story.enumerated() {
            let offset = index % 2 == 0 ? 0 : seconds * 1000
            let time = WallTime(milliseconds: Example.noon.milliseconds + offset)
            #expect(try stepped.commit([write], at: time) == [.stored])
        }
        #expect(try stepped.loadTasks().map(\.state) == calm.loadTasks().map(\.state))
        var bytes: [[[UInt8]]] = []
        for store in [calm, stepped] {
            var results: [[UInt8]] = []
            try store.forEachResult { results.append($0.bytes) }
            bytes.append(results)
        }
        #expect(bytes[0] == bytes[1])
        try stepped.checkEverything()
    }

    @Test("hands over every result of a long sweep once, and may be used by whoever takes them")
    func manyResults() throws {
        let store = try SweepStore.create(at: folder.path("sweep.sqlite"), Example.identity, at: Example.noon)
        let many = (0..<200).map(Example.task)
        try store.insert(many)
        let writes = many.enumerated().map { seed, task in
            Example.result(Assignment(task: task.id, attempt: 1), Example.bytes(seed))
        }
        _ = try store.commit(writes, at: Example.noon)
        var ordinals: [Int] = []
        try store.forEachResult { result in
            ordinals.append(result.ordinal)
            let outcomes = try store.attempts(of: result.task.id).map(\.outcome)
            #expect(outcomes == [.result])
        }
        #expect(ordinals == Array(0..<200))
    }

    @Test("passes on what the reader of results throws")
    func readerThrows() throws {
        struct Stop: Error {}
        let store = try Example.store(in: folder)
        #expect(throws: Stop.self) { try store.forEachResult { _ in throw Stop() } }
    }

    @Test("changes nothing when the same writes come again")
    func writesAreIdempotent() throws {
        let store = try Example.store(in: folder)
        let before = try store.loadTasks()
        let outcomes = try store.commit(Example.story, at: Example.noon)
        #expect(outcomes == Example.story.map { _ in .unchanged })
        #expect(try store.loadTasks() == before)
    }

    @Test("keeps the first result and reports another attempt's other bytes")
    func resultIsSetOnce() throws {
        let store = try Example.store(in: folder)
        let recorded = ContentHash(of: Example.bytes(0))
        let outcomes = try store.commit(
            [
                Example.result(Example.second(0), Example.bytes(0)),
                Example.result(Example.second(0), Example.bytes(7)),
            ],
            at: Example.noon)
        #expect(outcomes == [.unchanged, .disagreement(recorded: recorded)])
        #expect(try store.loadTasks()[0].state == .done(recorded))
        #expect(try store.disagreements().map(\.received) == [ContentHash(of: Example.bytes(7))])
    }

    @Test("takes a late result of an attempt that was given up, and of a task that had failed")
    func lateResults() throws {
        let store = try Example.store(in: folder)
        let late = [1, 2].map { Example.result(Example.first($0), Example.bytes($0)) }
        #expect(try store.commit(late, at: Example.noon) == [.stored, .stored])
        let states = try store.loadTasks().map(\.state)
        #expect(states[1] == .done(ContentHash(of: Example.bytes(1))))
        #expect(states[2] == .done(ContentHash(of: Example.bytes(2))))
    }

    @Test("lets the end of an old attempt change nothing for the task")
    func staleFailure() throws {
        let store = try Example.store(in: folder)
        _ = try store.commit(
            [
                .attemptStarted(Example.first(3), worker: Example.alice),
                .attemptStarted(Example.second(3), worker: Example.bob),
            ],
            at: Example.noon)
        _ = try store.commit(
            [.failure(Example.first(3), .crash, message: "", isFinal: true)], at: Example.noon)
        #expect(try store.loadTasks()[3].state == .running(worker: "bob"))
    }

    @Test("explains a task by its attempts")
    func attempts() throws {
        let store = try Example.store(in: folder)
        let attempts = try store.attempts(of: Example.tasks[2].id)
        #expect(attempts.map(\.worker) == [Example.bob, Example.alice])
        #expect(attempts.map(\.outcome) == [.failure(.infrastructureLost, message: "bob is silent"), nil])
        #expect(attempts.map(\.ended) == [Example.noon, nil])
        #expect(attempts.map(\.incarnation) == [1, 1])
        #expect(try store.attempts(of: Example.tasks[0].id).map(\.outcome) == [.result])
    }

    @Test("lets failed tasks wait again with a clean record, and never reuses an attempt number")
    func retried() throws {
        let store = try Example.store(in: folder)
        let ids = Example.tasks.map(\.id)
        let retry = { try store.commit([.steered(.retry, $0, reason: "")], at: Example.noon) }
        #expect(try retry([ids[0], ids[2], ids[3]]) == [.unchanged])
        #expect(try retry(ids) == [.stored])
        let record = try store.loadTasks()[1]
        #expect(record.state == .waiting)
        #expect(record.failures == [])
        #expect(record.attempts == 1)
        #expect(try store.attempts(of: record.id).count == 1)
    }

    @Test("numbers every start of a coordinator")
    func incarnations() throws {
        let path = folder.path("sweep.sqlite")
        let store = try SweepStore.create(at: path, Example.identity, at: Example.noon)
        #expect(try store.nextIncarnation() == 1)
        try store.close()
        #expect(try SweepStore.open(at: path, for: .writing).nextIncarnation() == 2)
    }

    @Test("continues an insertion that was cut short, and refuses the tasks of another sweep")
    func insertion() throws {
        let store = try SweepStore.create(at: folder.path("sweep.sqlite"), Example.identity, at: Example.noon)
        let many = (0..<2500).map(Example.task)
        try store.insert(many.prefix(1200))
        try store.insert(many)
        try store.insert(many)
        #expect(try store.loadTasks().map(\.id) == many.map(\.id))
        #expect(throws: StoreError.self) { try store.insert(Example.tasks) }
    }

    @Test("keeps nothing of a transaction with one impossible write")
    func transactionIsWhole() throws {
        let store = try Example.store(in: folder)
        let before = try store.loadTasks()
        let stranger = Assignment(task: Example.task(99).id, attempt: 1)
        #expect(throws: StoreError.refused(reason: "\(stranger): the sweep has no such task")) {
            try store.commit(
                [
                    .attemptStarted(Example.first(3), worker: Example.alice),
                    .attemptStarted(stranger, worker: Example.alice),
                ], at: Example.noon)
        }
        #expect(throws: StoreError.self) {
            try store.commit(
                [.result(Example.first(3), bytes: [1], hash: ContentHash(of: [2]), Example.provenance)],
                at: Example.noon)
        }
        #expect(try store.loadTasks() == before)
    }

    @Test("has the rules in the schema, where no program can break them")
    func schemaRules() throws {
        let path = folder.path("sweep.sqlite")
        try Example.store(in: folder).close()
        let queue = try DatabaseQueue(path: path)
        let stranger =
            "INSERT INTO attempts VALUES (99, 1, 1, 'a', 'b', 'c', 0, NULL, NULL, NULL, 0)"
        for sql in [
            "UPDATE results SET bytes = x'00'", "DELETE FROM results", "UPDATE tasks SET state = 'lost'",
            "UPDATE tasks SET attempts = -1", "UPDATE tasks SET attempts = 'many'", "DELETE FROM tasks",
            "UPDATE meta SET incarnation = -1", stranger,
        ] {
            #expect(throws: DatabaseError.self, "\(sql)") { try queue.write { try $0.execute(sql: sql) } }
        }
    }

    @Test("waits for the disk at every commit")
    func synchronous() throws {
        #expect(try Example.store(in: folder).synchronousMode() == 2)
    }

    @Test("can be read by others while it is written")
    func concurrentReader() throws {
        let store = try Example.store(in: folder)
        let reader = try SweepStore.open(at: folder.path("sweep.sqlite"), for: .reading)
        _ = try store.commit([.attemptStarted(Example.first(3), worker: Example.alice)], at: Example.noon)
        #expect(try reader.loadTasks()[3].state == .running(worker: "alice"))
        #expect(throws: StoreError.self) { try reader.nextIncarnation() }
    }
}

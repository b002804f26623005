import Coordination
import Messaging
import ResultStore
import Runtime
import Sweeps
import Synchronization
import Testing
import Workers
import ZeroMQ

@Suite("Coordinator server and workers", .timeLimit(.minutes(10)))
struct ClusterTests {
    @Test("two workers train every task of a sweep once, and leave when it has ended")
    func wholeSweep() throws {
        let cluster = try TestCluster(taskCount: 100)
        let performer = FastPerformer()
        try cluster.startServer()
        let workers = [try cluster.startWorker(performer), try cluster.startWorker(performer)]
        let summary = try cluster.summary()
        #expect(summary.reason == .completed)
        #expect(summary.counts.done == 100)
        for worker in workers { #expect(try worker.exit() == .sweepEnded) }
        #expect(performer.performed == cluster.tasks.reduce(into: [:]) { $0[$1.id] = 1 })
        let isAsExpected = try cluster.results() == cluster.expectedResults
        #expect(isAsExpected)
    }

    @Test("workers that come before the coordinator wait for it")
    func earlyWorker() throws {
        let cluster = try TestCluster(taskCount: 3)
        let worker = try cluster.startWorker(FastPerformer())
        try cluster.startServer()
        #expect(try cluster.summary().counts.done == 3)
        #expect(try worker.exit() == .sweepEnded)
    }

    @Test("a coordinator killed and restarted again and again ends with every task trained once")
    func restartedCoordinator() throws {
        let cluster = try TestCluster(taskCount: 400)
        let performer = FastPerformer(pauseMicroseconds: 2_000)
        try cluster.startServer()
        for _ in 0..<2 { try cluster.startWorker(performer) }
        for round in 1...3 {
            try eventually("a quarter of the sweep") { try cluster.store.counts().done >= round * 100 }
            cluster.killServer()
            try cluster.startServer()
        }
        #expect(try cluster.summary().counts.done == 400)
        let trainedAgain = performer.performed.filter { $0.value != 1 }
        #expect(trainedAgain.isEmpty)
        let isAsExpected = try cluster.results() == cluster.expectedResults
        #expect(isAsExpected)
    }

    @Test("a result of a dead worker, finished while no coordinator was there, is not trained again")
    func outboxSurvives() throws {
        let cluster = try TestCluster(taskCount: 2)
        let performer = FastPerformer()
        performer.isGateOpen = false
        try cluster.startServer()
        let alice = try cluster.startWorker(performer)
        try eventually("training to begin") { performer.waitingCount.load(ordering: .relaxed) == 1 }
        cluster.killServer()
        performer.isGateOpen = true
        try eventually("training to end") { performer.performed.count == 1 }
        try eventually("a report in the outbox") {
            Outbox.waitingCount(in: cluster.directory.outboxes) >= 1
        }
        alice.kill()
        try cluster.startServer()
        try cluster.startWorker(performer)
        #expect(try cluster.summary().counts.done == 2)
        #expect(performer.performed == cluster.tasks.reduce(into: [:]) { $0[$1.id] = 1 })
        try eventually("an empty outbox") {
            Outbox.waitingCount(in: cluster.directory.outboxes) == 0
        }
    }

    @Test("the task of a killed worker goes to its successor of the same name at once")
    func killedWorker() throws {
        let cluster = try TestCluster(taskCount: 5)
        let stuck = FastPerformer()
        stuck.isGateOpen = false
        try cluster.startServer()
        let first = try cluster.startWorker(stuck)
        try eventually("training to begin") { stuck.waitingCount.load(ordering: .relaxed) == 1 }
        first.kill()
        let performer = FastPerformer()
        try cluster.startWorker(performer)
        #expect(try cluster.summary().counts.done == 5)
        #expect(performer.performed.count == 5)
        #expect(try cluster.store.attempts(of: cluster.tasks[0].id).count == 2)
    }

    @Test("a drained sweep lets what runs finish and hands out nothing more")
    func drained() throws {
        let cluster = try TestCluster(taskCount: 10)
        let performer = FastPerformer()
        performer.isGateOpen = false
        try cluster.startServer()
        let worker = try cluster.startWorker(performer)
        try eventually("training to begin") { performer.waitingCount.load(ordering: .relaxed) == 1 }
        cluster.server?.send(.drain)
        try eventually("draining") { cluster.server?.picture.mode == .draining }
        performer.isGateOpen = true
        let summary = try cluster.summary()
        #expect(summary.reason == .drained)
        #expect(summary.counts.done == 1)
        #expect(try cluster.store.counts().done == 1)
        #expect(try worker.exit() == .sweepEnded)
    }

    @Test("a worker told to drain finishes its task and gives back the rest")
    func drainedWorker() throws {
        let cluster = try TestCluster(taskCount: 10)
        let performer = FastPerformer()
        performer.isGateOpen = false
        try cluster.startServer()
        let alice = try cluster.startWorker(performer)
        try eventually("training to begin") { performer.waitingCount.load(ordering: .relaxed) == 1 }
        alice.process.send(.drain)
        performer.isGateOpen = true
        #expect(try alice.exit() == .commanded)
        let trainedCount = performer.performed.count
        #expect(trainedCount <= 2)
        let bob = FastPerformer()
        try cluster.startWorker(bob)
        #expect(try cluster.summary().counts.done == 10)
        #expect(bob.performed.count == 10 - trainedCount)
    }

    @Test("a task that can never run fails once, with its reason in the store, and the others are done")
    func failedTask() throws {
        let cluster = try TestCluster(taskCount: 6, failing: [2])
        try cluster.startServer()
        try cluster.startWorker(FastPerformer())
        let summary = try cluster.summary()
        #expect(summary.counts.done == 5)
        #expect(summary.counts.failed == 1)
        let record = try cluster.store.loadTasks()[2]
        #expect(record.state == .failed(.invalidConfiguration, message: "a width of 0 learns nothing"))
        #expect(record.attempts == 1)
    }

    @Test("a store that cannot commit stops nothing but time, and nothing is lost")
    func failingStore() throws {
        let cluster = try TestCluster(taskCount: 20)
        let performer = FastPerformer(pauseMicroseconds: 20_000)
        let flaky = FlakyStore(cluster.store)
        try cluster.startServer(keepingIn: flaky)
        try cluster.startWorker(performer)
        try eventually("some results") { try cluster.store.counts().done >= 3 }
        flaky.isBroken = true
        try eventually("the problem to be told") { cluster.server?.picture.storeProblem != nil }
        #expect(cluster.server?.picture.storeProblem == "the disk is full")
        flaky.isBroken = false
        #expect(try cluster.summary().counts.done == 20)
        #expect(performer.performed == cluster.tasks.reduce(into: [:]) { $0[$1.id] = 1 })
        let problem = cluster.server?.picture.storeProblem
        #expect(problem == nil)
    }

    @Test("garbage on the port is counted and dropped, and the sweep goes on")
    func garbage() throws {
        let cluster = try TestCluster(taskCount: 20)
        try cluster.startServer()
        let endpoint = try #require(cluster.server?.endpoint)
        let mallory = try Socket(.dealer, in: try Context())
        try mallory.connect(to: endpoint)
        let named = try Socket(
            .dealer, in: try Context(),
            options: SocketOptions(routingID: Array("exactly 16 bytes".utf8)))
        try named.connect(to: endpoint)
        for frames in [[[1]], [Array("DSCT".utf8), []], (0..<40).map { [UInt8($0)] }] as [[[UInt8]]] {
            try eventually("room to send") { try mallory.send(frames) == .queued }
            try eventually("room to send") { try named.send(frames) == .queued }
        }
        try cluster.startWorker(FastPerformer())
        #expect(try cluster.summary().counts.done == 20)
        let complaints = cluster.news.filter { if case .notice(.unreadable) = $0 { true } else { false } }
        #expect(complaints.count == 3)
    }

    @Test("a peer that talks without end and never reads costs the others nothing")
    func deafPeer() throws {
        let cluster = try TestCluster(taskCount: 200)
        try cluster.startServer()
        let endpoint = try #require(cluster.server?.endpoint)
        let session = Array("exactly 16 bytes".utf8)
        let mallory = try Socket(.dealer, in: try Context(), options: SocketOptions(routingID: session))
        try mallory.connect(to: endpoint)
        let description = WorkerDescription(
            name: "mallory", host: "here", processID: 1, slot: 0, build: "test", coreCount: 1, memoryBytes: 1,
            numericProfile: NumericProfile(blasCore: "none", blasVersion: "0", instructionSet: "none"))
        func say(_ message: WorkerMessage, _ sequence: UInt64) throws {
            let header = MessageHeader(
                sweep: cluster.sweep, incarnation: 1, sequence: sequence, acknowledged: 0)
            let frames = WorkerEnvelope(header, message).frames
            try eventually("room to send") { try mallory.send(frames) == .queued }
        }
        try say(
            .hello(Hello(worker: description, holdings: Holdings(), capacity: 0, connection: 1)), 1)
        let performer = FastPerformer(pauseMicroseconds: 2000)
        try cluster.startWorker(performer)
        let beat = WorkerMessage.heartbeat(Heartbeat(holdings: Holdings(), capacity: 0, uptime: .zero))
        for sequence in 2...20_000 { try say(beat, UInt64(sequence)) }
        #expect(try cluster.summary().counts.done == 200)
        #expect(performer.performed.values.allSatisfy { $0 == 1 })
    }

    @Test("an address in use is told when the server starts")
    func addressInUse() throws {
        let cluster = try TestCluster(taskCount: 1)
        try cluster.startServer()
        let address = try ListenAddress(try #require(cluster.server?.endpoint))
        let task = cluster.tasks[0]
        let sweep = ServedSweep(id: cluster.sweep, incarnation: 9, standings: [], task: { _ in task })
        let error = #expect(throws: ZeroMQError.self) {
            _ = try CoordinatorServer(sweep, at: address, store: cluster.store)
        }
        #expect(error?.isAddressInUse == true)
    }
}

/// A store whose disk is full from time to time.
private final class FlakyStore: DurableStore {
    private let store: SweepStore
    private let broken = Mutex(false)

    struct DiskFull: Error, CustomStringConvertible {
        let description = "the disk is full"
    }

    init(_ store: SweepStore) { self.store = store }

    var isBroken: Bool {
        get { broken.withLock { $0 } }
        set { broken.withLock { $0 = newValue } }
    }

    func keep(_ writes: [StoreWrite]) throws {
        if isBroken { throw DiskFull() }
        try store.keep(writes)
    }
}

import Basics
import Coordination
import Messaging
import Sweeps
import Testing

@Suite("Handing out tasks")
struct DispatchTests {
    @Test("a worker that joins is welcomed, and its attempt number is stored before TASK is sent")
    func storeBeforeTask() {
        var rig = Rig()
        let joined = rig.join("alice")
        #expect(joined == [.welcome(), .start(0)])
        let committed = rig.commit()
        #expect(committed == [.task(Rig.assignment(0), index: 0, to: Rig.alice)])
    }

    /// The dispatches among effects, by their sequence numbers and tasks.
    static func dispatches(_ effects: [Coordinator.Effect]) -> [UInt64: [Int]] {
        var found: [UInt64: [Int]] = [:]
        for effect in effects {
            guard case .dispatch(let dispatches, let header, _) = effect else { continue }
            found[header.sequence] = dispatches.map(\.taskIndex)
        }
        return found
    }

    @Test("tasks whose attempt numbers became durable together go out in one message for each worker")
    func severalTasks() {
        var rig = Rig(Rig.tasks(9))
        _ = rig.tell(.command(.pause))
        _ = rig.join("alice", capacity: 3)
        _ = rig.join("bob", from: Rig.bob, capacity: 2)
        _ = rig.tell(.command(.resume))
        // WELCOME was the first message; each task takes a number.
        let effects = rig.coordinator.handle(.stored(through: 5), at: rig.now)
        #expect(Self.dispatches(effects) == [4: [0, 2, 4], 3: [1, 3]])
    }

    @Test("a worker of protocol 1.0 gets every task alone")
    func olderWorker() {
        var rig = Rig(Rig.tasks(9))
        _ = rig.say(
            .hello(
                Hello(
                    worker: Rig.worker("alice"), holdings: Holdings(), capacity: 3, connection: 1,
                    takesSeveral: false)), incarnation: 0)
        let effects = rig.coordinator.handle(.stored(through: 3), at: rig.now)
        #expect(Self.dispatches(effects) == [2: [0], 3: [1], 4: [2]])
    }

    @Test("a task of several that never arrived is missed by heartbeats, and the others are not")
    func lostOfSeveral() {
        var rig = Rig(Rig.tasks(9))
        _ = rig.join("alice", capacity: 2)
        _ = rig.commit()
        _ = rig.beat(active: [Rig.assignment(0)], capacity: 1)
        let second = rig.beat(active: [Rig.assignment(0)], capacity: 2)
        #expect(second.contains(.start(1, 2)))
    }

    @Test("a worker gets no more tasks than it wants")
    func capacity() {
        var rig = Rig(Rig.tasks(5))
        let joined = rig.join("alice", capacity: 2)
        #expect(joined == [.welcome(), .start(0), .start(1)])
        let beaten = rig.beat(capacity: 2)
        #expect(beaten == [.send(.ping, to: Rig.alice)])
    }

    @Test("a worker never gets more than the limit, whatever it wants")
    func capacityMax() {
        var limits = Coordinator.Limits.standard
        limits.capacityMax = 3
        var rig = Rig(Rig.tasks(9), limits: limits)
        let joined = rig.join("alice", capacity: 1000)
        #expect(joined == [.welcome(), .start(0), .start(1), .start(2)])
    }

    @Test("tasks go round the workers, and none waits behind another while a worker is idle")
    func lastTasks() {
        var rig = Rig(Rig.tasks(3))
        _ = rig.tell(.command(.pause))
        _ = rig.join("alice", capacity: 4)
        _ = rig.join("bob", from: Rig.bob, capacity: 4)
        let resumed = rig.tell(.command(.resume))
        // The third task waits: with two workers at hand one of them will be free first.
        #expect(resumed == [.start(0), .start(1, 1, "bob")])
    }

    @Test("a lost task goes out again before those never tried")
    func lostFirst() {
        var rig = Rig(Rig.tasks(3))
        _ = rig.join("alice")
        _ = rig.commit()
        let left = rig.say(.goodbye)
        #expect(left == [])
        let joined = rig.join("bob", from: Rig.bob)
        #expect(joined == [.welcome(to: Rig.bob), .start(0, 2, "bob")])
    }

    @Test("a worker that vanishes before its TASK was sent costs the task nothing but a number")
    func vanishedBeforeTask() {
        var rig = Rig()
        _ = rig.join("alice")
        _ = rig.tell(.sessionLost(Rig.alice))
        _ = rig.join("bob", from: Rig.bob)
        let committed = rig.commit()
        #expect(committed == [.task(Rig.assignment(1), index: 1, to: Rig.bob)])
        let counts = rig.coordinator.picture.counts
        #expect(counts.waiting == 1)
        #expect(counts.held == 1)
    }

    @Test("pause holds tasks back and resume hands them out")
    func pause() {
        var rig = Rig()
        _ = rig.tell(.command(.pause))
        let joined = rig.join("alice")
        #expect(joined == [.welcome()])
        let resumed = rig.tell(.command(.resume))
        #expect(resumed == [.start(0)])
    }

    @Test("headers carry sweep, incarnation, and both sequence numbers")
    func headers() {
        var rig = Rig()
        let worker = Rig.worker("alice")
        let header = MessageHeader(sweep: .unknown, incarnation: 0, sequence: 9, acknowledged: 0)
        let hello = Hello(worker: worker, holdings: Holdings(), capacity: 0, connection: 1)
        let effects = rig.coordinator.handle(
            .received(WorkerEnvelope(header, .hello(hello)), from: Rig.alice), at: .origin)
        let headers = effects.compactMap {
            if case .send(let envelope, _) = $0 { envelope.header } else { nil }
        }
        #expect(headers == [MessageHeader(sweep: Rig.sweep, incarnation: 3, sequence: 1, acknowledged: 9)])
    }

    @Test("a hundred thousand tasks go through eight workers, each once")
    func manyTasks() {
        let taskCount = 100_000
        var rig = Rig(Rig.tasks(taskCount))
        let sessions = (10..<18).map { Rig.session(UInt8($0)) }
        for (index, session) in sessions.enumerated() {
            _ = rig.join("worker\(index)", from: session, capacity: 2)
        }
        let report = Rig.report(0)
        var dispatched = 0
        var waiting = rig.commit()
        while !waiting.isEmpty {
            for said in waiting {
                guard case .task(let assignment, _, let session) = said else { continue }
                dispatched += 1
                let result = ResultReport(
                    assignment: assignment, contentHash: report.contentHash, bytes: [], elapsed: .seconds(1))
                _ = rig.say(.result(result), from: session)
            }
            waiting = rig.commit()
        }
        #expect(dispatched == taskCount)
        #expect(rig.coordinator.picture.counts.done == taskCount)
        rig.coordinator.checkAllInvariants()
    }

    @Test("a task that stands twice in the sweep is a mistake of the caller")
    func duplicateTask() async {
        await #expect(processExitsWith: .failure) {
            _ = Rig([TaskStanding(id: Rig.id(0)), TaskStanding(id: Rig.id(0))])
        }
    }
}

import Basics
import Coordination
import Messaging
import Sweeps
import Testing

@Suite("Leases and sessions")
struct LeaseTests {
    @Test("a silent worker's task goes to another, as the next attempt, after two leases")
    func silentWorker() {
        var rig = ResultTests.training()
        _ = rig.join("bob", from: Rig.bob)
        let first = rig.wait(.seconds(39), beating: [Rig.bob: []])
        #expect(first == [])
        let second = rig.wait(.seconds(2), beating: [Rig.bob: []])
        #expect(second == [.start(0, 2, "bob")])
        #expect(rig.coordinator.picture.workers.map(\.name) == ["bob"])
        let committed = rig.commit()
        #expect(committed == [.task(Rig.assignment(0, 2), index: 0, to: Rig.bob)])
    }

    @Test("a worker that beats keeps its lease however long it trains")
    func beatingWorker() {
        var rig = ResultTests.training()
        let said = rig.wait(.seconds(300), beating: [Rig.alice: [Rig.assignment(0)]])
        #expect(said == [])
        #expect(rig.coordinator.picture.counts.held == 1)
    }

    @Test("a suspect that comes back in time keeps what it trains")
    func suspectReturns() {
        var rig = ResultTests.training()
        _ = rig.wait(.seconds(30))
        #expect(rig.coordinator.picture.workers.map(\.isSuspect) == [true])
        let beaten = rig.beat(active: [Rig.assignment(0)])
        #expect(beaten == [.send(.whoAreYou, to: Rig.alice)])
        let holdings = Holdings(active: [ActiveAttempt(Rig.assignment(0), progress: nil)])
        let joined = rig.join("alice", from: Rig.bob, holdings: holdings, connection: 2)
        #expect(joined == [.welcome([HeldVerdict(Rig.assignment(0), .keep)], to: Rig.bob)])
        let said = rig.wait(.seconds(60), beating: [Rig.bob: [Rig.assignment(0)]])
        #expect(said == [])
    }

    @Test("a worker given up comes back to its attempt while no newer one has begun")
    func lostAttemptReturns() {
        var rig = ResultTests.training()
        _ = rig.wait(.seconds(45))
        #expect(rig.coordinator.picture.counts.waiting == 1)
        let holdings = Holdings(active: [ActiveAttempt(Rig.assignment(0), progress: nil)])
        let joined = rig.join("alice", holdings: holdings, connection: 2)
        #expect(joined == [.welcome([HeldVerdict(Rig.assignment(0), .keep)])])
    }

    @Test("a worker given up must drop its attempt once a newer one has begun")
    func fencedAttempt() {
        var rig = ResultTests.twoAttempts()
        let holdings = Holdings(active: [ActiveAttempt(Rig.assignment(0, 1), progress: nil)])
        let joined = rig.join("alice", holdings: holdings, connection: 2)
        #expect(joined == [.welcome([HeldVerdict(Rig.assignment(0, 1), .drop)])])
    }

    @Test("a running attempt survives the restart of the coordinator")
    func restart() {
        let standing = TaskStanding(id: Rig.id(0), attempts: 4, state: .running(worker: "alice"))
        var rig = Rig([standing])
        #expect(rig.coordinator.picture.counts.held == 1)
        let holdings = Holdings(active: [ActiveAttempt(Rig.assignment(0, 4), progress: nil)])
        let joined = rig.join("alice", holdings: holdings)
        #expect(joined == [.welcome([HeldVerdict(Rig.assignment(0, 4), .keep)])])
    }

    @Test("after a restart, a worker that has lost its attempt frees the task at once")
    func restartOfBoth() {
        let standing = TaskStanding(id: Rig.id(0), attempts: 4, state: .running(worker: "alice"))
        var rig = Rig([standing])
        let joined = rig.join("alice", processID: 2)
        #expect(joined == [.welcome(), .start(0, 5).with(processID: 2)])
    }

    @Test("after a restart, a worker that does not come back loses its attempt after one lease")
    func restartWithoutWorker() {
        let standing = TaskStanding(id: Rig.id(0), attempts: 4, state: .running(worker: "alice"))
        var rig = Rig([standing])
        _ = rig.join("bob", from: Rig.bob)
        let said = rig.wait(.seconds(21), beating: [Rig.bob: []])
        #expect(said == [.start(0, 5, "bob")])
        #expect(rig.commit() == [.task(Rig.assignment(0, 5), index: 0, to: Rig.bob)])
    }

    @Test("a worker cannot claim an attempt that another one holds")
    func claim() {
        var rig = ResultTests.training()
        let holdings = Holdings(active: [ActiveAttempt(Rig.assignment(0), progress: nil)])
        let joined = rig.join("bob", from: Rig.bob, holdings: holdings)
        #expect(joined == [.welcome([HeldVerdict(Rig.assignment(0), .drop)], to: Rig.bob)])
    }

    @Test("a heartbeat that lists an unknown attempt has it revoked")
    func orphan() {
        var rig = ResultTests.training()
        let beaten = rig.beat(active: [Rig.assignment(0), Rig.assignment(0, 9), Rig.assignment(77)])
        #expect(
            beaten == [
                .send(.revoke(Rig.assignment(0, 9)), to: Rig.alice),
                .send(.revoke(Rig.assignment(77)), to: Rig.alice),
                .send(.ping, to: Rig.alice),
            ])
    }

    @Test("a task that two heartbeats in a row leave out is lost")
    func leftOutTwice() {
        var rig = ResultTests.training()
        #expect(rig.beat() == [.send(.ping, to: Rig.alice)])
        #expect(rig.beat(active: [Rig.assignment(0)]) == [.send(.ping, to: Rig.alice)])
        #expect(rig.beat() == [.send(.ping, to: Rig.alice)])
        #expect(rig.beat() == [.send(.ping, to: Rig.alice), .start(0, 2)])
    }

    @Test("a heartbeat sent before TASK arrived says nothing about it")
    func heartbeatBeforeTask() {
        var rig = ResultTests.training()
        for _ in 0..<5 { #expect(rig.beat(seen: 1) == [.send(.ping, to: Rig.alice)]) }
    }

    @Test("a heartbeat overtaken by a newer one is no truth any more")
    func staleHeartbeat() {
        var rig = ResultTests.training()
        let stale = MessageHeader(sweep: Rig.sweep, incarnation: 3, sequence: 1, acknowledged: 99)
        let heartbeat = Heartbeat(holdings: Holdings(), capacity: 1, uptime: .zero)
        for _ in 0..<3 {
            #expect(rig.tell(.received(WorkerEnvelope(stale, .heartbeat(heartbeat)), from: Rig.alice)) == [])
        }
    }

    @Test("frames of an earlier incarnation change nothing")
    func oldIncarnation() {
        var rig = ResultTests.training()
        #expect(rig.say(.result(Rig.report(0)), incarnation: 2) == [])
        #expect(rig.say(.goodbye, incarnation: 2) == [])
        #expect(rig.coordinator.picture.counts.held == 1)
    }

    @Test("a stranger is asked who it is")
    func stranger() {
        var rig = Rig()
        #expect(rig.say(.result(Rig.report(0))) == [.send(.whoAreYou, to: Rig.alice)])
        #expect(rig.say(.goodbye) == [])
    }

    @Test("the coordinator's own pause costs nobody a lease")
    func ownPause() {
        var rig = ResultTests.training()
        rig.now = rig.now + .seconds(600)
        #expect(rig.tell(.tick) == [])
        #expect(rig.coordinator.picture.workers.map(\.isSuspect) == [false])
        let said = rig.wait(.seconds(19))
        #expect(said == [])
        #expect(rig.coordinator.picture.workers.map(\.isSuspect) == [false])
        _ = rig.wait(.seconds(2))
        #expect(rig.coordinator.picture.workers.map(\.isSuspect) == [true])
    }

    @Test("a HELLO that an older socket of the same process sent is ignored")
    func olderSocket() {
        var rig = Rig()
        _ = rig.join("alice", from: Rig.bob, connection: 2)
        #expect(rig.join("alice", from: Rig.alice, connection: 1) == [])
        #expect(
            rig.join("alice", from: Rig.session(9), processID: 2, connection: 1).first
                == .welcome(to: Rig.session(9)))
    }

    @Test("another sweep's worker is refused")
    func otherSweep() {
        var rig = Rig()
        let header = MessageHeader(sweep: SweepID(8), incarnation: 0, sequence: 1, acknowledged: 0)
        let hello = Hello(worker: Rig.worker("alice"), holdings: Holdings(), capacity: 1, connection: 1)
        let said = rig.tell(.received(WorkerEnvelope(header, .hello(hello)), from: Rig.alice))
        guard case .send(.refused(let refusal), Rig.alice)? = said.first else {
            Issue.record("\(said)")
            return
        }
        #expect(refusal.code == .sweep)
        #expect(rig.coordinator.picture.workers.isEmpty)
    }

    @Test("one worker more than the limit is refused, a known one is not")
    func full() {
        var limits = Coordinator.Limits.standard
        limits.workersMax = 1
        var rig = Rig(limits: limits)
        _ = rig.join("alice")
        let refused = rig.join("bob", from: Rig.bob)
        guard case .send(.refused(let refusal), Rig.bob)? = refused.first else {
            Issue.record("\(refused)")
            return
        }
        #expect(refusal.code == .full)
        #expect(rig.join("alice", from: Rig.session(3), connection: 2).first == .welcome(to: Rig.session(3)))
    }

    @Test("processes that fight for one name are refused in the end")
    func takeovers() {
        var limits = Coordinator.Limits.standard
        limits.takeoversMax = 4
        var rig = Rig(limits: limits)
        var refusals = 0
        for round in 0..<6 {
            let said = rig.join("alice", from: Rig.session(UInt8(10 + round)), processID: 1 + round % 2)
            if case .send(.refused(let refusal), _)? = said.first, refusal.code == .replaced { refusals += 1 }
        }
        #expect(refusals == 1)
    }

    @Test("a peer of another major version is told so")
    func version() {
        var rig = Rig()
        let said = rig.tell(
            .receivedUnreadable(.version(peer: ProtocolVersion(major: 9, minor: 0)), from: Rig.alice))
        guard case .send(.refused(let refusal), Rig.alice)? = said.first else {
            Issue.record("\(said)")
            return
        }
        #expect(refusal.code == .version)
    }

    @Test("a worker that sends garbage again and again is refused, and its task waits again")
    func garbage() {
        var limits = Coordinator.Limits.standard
        limits.unreadableMax = 2
        var rig = ResultTests.training(limits: limits)
        #expect(rig.tell(.receivedUnreadable(.notOurs, from: Rig.alice)) == [])
        #expect(rig.tell(.receivedUnreadable(.notOurs, from: Rig.alice)) == [])
        #expect(rig.tell(.receivedUnreadable(.notOurs, from: Rig.alice)).count == 1)
        #expect(rig.coordinator.picture.counts.waiting == 1)
        #expect(rig.coordinator.picture.workers.isEmpty)
    }
}

extension Said {
    /// The same write by a worker's other process.
    func with(processID: Int) -> Said {
        guard case .store(.attemptStarted(let assignment, let worker)) = self else { return self }
        return .store(.attemptStarted(assignment, worker: Rig.worker(worker.name, processID: processID)))
    }
}

import Basics
import Coordination
import Messaging
import Sweeps
import Testing

/// alice is on node1; bob, carol and dave on the hosts that a test says.
@Suite("Hosts that spoil tasks")
struct HostTests {
    static let carol = Rig.session(3)

    /// A cluster with a worker on each of these hosts, the first of them alice on node1.
    static func rig(_ others: [SessionID: String] = [Rig.bob: "node2"], tasks: Int = 12) -> Rig {
        var rig = Rig(Rig.tasks(tasks))
        _ = rig.join("alice")
        for (session, name) in [(Rig.bob, "bob"), (carol, "carol")] {
            if let host = others[session] { _ = rig.join(name, from: session, on: host) }
        }
        return rig
    }

    /// A worker fails whatever it is given, so many times.
    ///
    /// - Returns: The tasks that failed.
    static func fail(
        _ count: Int, at session: SessionID = Rig.alice, _ failureClass: FailureClass = .crash,
        in rig: inout Rig
    ) -> [Assignment] {
        var failed: [Assignment] = []
        for _ in 0..<count {
            guard let assignment = rig.take(session) else { break }
            failed.append(assignment)
            _ = rig.say(
                .failure(
                    FailureReport(assignment: assignment, failureClass: failureClass, message: "simulated")),
                from: session)
        }
        return failed
    }

    static func result(_ assignment: Assignment) -> ResultReport {
        let report = Rig.report(0)
        return ResultReport(
            assignment: assignment, contentHash: report.contentHash, bytes: report.bytes, elapsed: .seconds(1)
        )
    }

    static func setAside(_ rig: Rig) -> [String] {
        rig.coordinator.picture.suspectHosts.filter(\.isSetAside).map(\.name)
    }

    @Test("a host on which three tasks in a row fail gets no more, and its workers stay")
    func setAside() {
        var rig = Self.rig()
        let failed = Self.fail(3, in: &rig)
        #expect(Set(failed.map(\.task)).count == 3)
        #expect(Self.setAside(rig) == ["node1"])
        let given = rig.take()
        #expect(given == nil)
        let beaten = rig.beat()
        #expect(beaten == [.send(.ping, to: Rig.alice)])
        let obstacle = failed.first.flatMap { rig.coordinator.obstacle(of: $0.task) }
        #expect(obstacle == .failedOn(["node1 (set aside)"], waitsFor: ["bob"]))
    }

    @Test("invalid configurations speak against no host")
    func innocent() {
        var rig = Self.rig()
        _ = Self.fail(4, .invalidConfiguration, in: &rig)
        #expect(rig.coordinator.picture.suspectHosts.isEmpty)
    }

    @Test("what a host gives back speaks against nobody")
    func givenBack() {
        var rig = Self.rig()
        for _ in 0..<4 {
            guard let assignment = rig.take() else { break }
            _ = rig.say(.release([assignment], .preempted))
        }
        #expect(rig.coordinator.picture.suspectHosts.isEmpty)
    }

    @Test("a result clears its host of all failures before it")
    func cleared() throws {
        var rig = Self.rig()
        _ = Self.fail(2, in: &rig)
        let third = rig.take()
        let good = try #require(third)
        _ = rig.say(.result(Self.result(good)))
        _ = Self.fail(2, in: &rig)
        #expect(Self.setAside(rig).isEmpty)
        _ = Self.fail(1, in: &rig)
        #expect(Self.setAside(rig) == ["node1"])
    }

    @Test("a task that has failed on one host is tried on another, whoever is free first")
    func triedElsewhere() {
        var rig = Self.rig(tasks: 3)
        let bobs = rig.take(Rig.bob)
        let failed = Self.fail(1, in: &rig)
        // The third task goes to alice, the failed one waits for bob.
        let next = rig.take()
        #expect(next != nil && next?.task != failed.first?.task)
        if let next { _ = rig.say(.result(Self.result(next))) }
        let obstacle = failed.first.flatMap { rig.coordinator.obstacle(of: $0.task) }
        #expect(obstacle == .failedOn(["node1"], waitsFor: ["bob"]))
        let alices = rig.take()
        #expect(alices == nil)
        if let bobs { _ = rig.say(.result(Self.result(bobs)), from: Rig.bob) }
        let tried = rig.take(Rig.bob)
        #expect(tried?.task == failed.first?.task)
    }

    @Test("a task that fails on two hosts speaks against neither of them")
    func taskIsToBlame() {
        var rig = Self.rig()
        let failed = Self.fail(3, in: &rig)
        #expect(Self.setAside(rig) == ["node1"])
        // bob has a sound one in hand, and then gets those that failed on node1.
        if let first = rig.take(Rig.bob) { _ = rig.say(.result(Self.result(first)), from: Rig.bob) }
        let again = Self.fail(1, at: Rig.bob, in: &rig)
        #expect(again.first.map { failed.map(\.task).contains($0.task) } == true)
        #expect(rig.coordinator.picture.suspectHosts.isEmpty)
        let next = rig.take()
        #expect(next != nil)
    }

    @Test("a task that failed on two hosts and succeeds on a third speaks against both")
    func proven() throws {
        var rig = Self.rig([Rig.bob: "node2", Self.carol: "node3"], tasks: 20)
        let bobsOffer = rig.take(Rig.bob)
        let bobs = try #require(bobsOffer)
        let carolsOffer = rig.take(Self.carol)
        let carols = try #require(carolsOffer)
        let failed = Self.fail(3, in: &rig)
        _ = rig.say(.result(Self.result(bobs)), from: Rig.bob)
        _ = Self.fail(3, at: Rig.bob, in: &rig)
        // Three tasks have failed twice now: nobody knows whose fault it is.
        #expect(rig.coordinator.picture.suspectHosts.isEmpty)
        _ = rig.say(.result(Self.result(carols)), from: Self.carol)
        for _ in 0..<3 {
            let offer = rig.take(Self.carol)
            let given = try #require(offer)
            #expect(failed.map(\.task).contains(given.task))
            _ = rig.say(.result(Self.result(given)), from: Self.carol)
        }
        #expect(Self.setAside(rig) == ["node1", "node2"])
    }

    @Test("the only host is never set aside, and its tasks are given up after three failures as ever")
    func onlyHost() {
        var rig = Self.rig([:], tasks: 4)
        let failed = Self.fail(12, in: &rig)
        #expect(failed.count == 12)
        #expect(rig.coordinator.picture.counts.failed == 4)
    }

    @Test("where every host spoils tasks all are used")
    func allSuspect() {
        var rig = Self.rig(tasks: 30)
        for round in UInt64(1)...3 {
            for session in [Rig.alice, Rig.bob] {
                let failed = Self.fail(1, at: session, in: &rig)
                let indices = (0..<30).filter { index in failed.contains { $0.task == Rig.id(index) } }
                #expect(indices.count == 1)
                // Nobody shall try them a second time.
                let pause = Coordinator.Request.steer(
                    .pause, taskIndices: indices, namesCondition: true, reason: "")
                _ = rig.tell(.asked(pause, number: round))
            }
        }
        #expect(rig.coordinator.picture.suspectHosts.map(\.name) == ["node1", "node2"])
        #expect(Self.setAside(rig).isEmpty)
        let used = [rig.take(), rig.take(Rig.bob)]
        #expect(used.allSatisfy { $0 != nil })
    }

    @Test("a host set aside is used again when no other is left")
    func lastOneLeft() {
        var rig = Self.rig()
        _ = Self.fail(3, in: &rig)
        let before = rig.take()
        #expect(before == nil)
        _ = rig.say(.goodbye, from: Rig.bob)
        #expect(Self.setAside(rig).isEmpty)
        #expect(rig.coordinator.picture.suspectHosts.map(\.name) == ["node1"])
        let after = rig.take()
        #expect(after != nil)
    }

    @Test("a worker that was started anew gives its host a new chance")
    func startedAnew() {
        var rig = Self.rig()
        _ = Self.fail(3, in: &rig)
        _ = rig.join("alice", from: Self.carol, processID: 2)
        #expect(rig.coordinator.picture.suspectHosts.isEmpty)
        let next = rig.take(Self.carol)
        #expect(next != nil)
    }

    @Test("a process that follows a crashed one gives no new chance")
    func crashedProcess() {
        var rig = Self.rig()
        let failed = Self.fail(3, in: &rig)
        let report = failed.map { EndedAttempt($0, contentHash: nil) }
        _ = rig.join("alice", from: Self.carol, holdings: Holdings(ended: report), processID: 2)
        #expect(Self.setAside(rig) == ["node1"])
        let next = rig.take(Self.carol)
        #expect(next == nil)
    }

    @Test("a worker whose connection was cut and comes back gives no new chance")
    func cutOff() {
        var rig = Self.rig()
        _ = Self.fail(3, in: &rig)
        _ = rig.wait(.seconds(50), beating: [Rig.bob: []])
        _ = rig.join("alice", from: Self.carol, connection: 2)
        #expect(Self.setAside(rig) == ["node1"])
    }

    @Test("a task is not given up on the word of one host while another can try it")
    func secondOpinion() throws {
        var rig = Self.rig([:], tasks: 1)
        _ = Self.fail(2, in: &rig)
        _ = rig.join("bob", from: Rig.bob, on: "node2")
        let third = Self.fail(1, in: &rig)
        #expect(third.count == 1)
        #expect(rig.coordinator.picture.counts.failed == 0)
        let offer = rig.take(Rig.bob)
        let given = try #require(offer)
        #expect(given == Rig.assignment(0, 4))
        _ = rig.say(.result(Self.result(given)), from: Rig.bob)
        _ = rig.commit()
        #expect(rig.coordinator.picture.counts.done == 1)
    }

    @Test("a task that crashes on two hosts is given up after its third failure")
    func crashLimit() {
        var rig = Self.rig(tasks: 1)
        let first = Self.fail(1, in: &rig)
        let second = Self.fail(1, at: Rig.bob, in: &rig)
        let third = Self.fail(1, in: &rig) + Self.fail(1, at: Rig.bob, in: &rig)
        #expect([first.count, second.count, third.count] == [1, 1, 1])
        #expect(rig.coordinator.picture.counts.failed == 1)
    }

    @Test("cancelled tasks and tasks given up say nothing about hosts any more")
    func forgotten() {
        var rig = Self.rig()
        let failed = Self.fail(3, in: &rig)
        let indices = (0..<12).filter { index in failed.contains { $0.task == Rig.id(index) } }
        _ = rig.tell(
            .asked(
                .steer(.cancel, taskIndices: indices, namesCondition: true, reason: ""), number: 1))
        #expect(rig.coordinator.picture.suspectHosts.isEmpty)
    }

    @Test("workers that vanish together are one loss; three in a row, of different tasks, set a host aside")
    func losses() {
        var rig = Self.rig(tasks: 12)
        for round in 1...3 {
            _ = rig.join("alice", from: Rig.alice, connection: round + 1)
            let given = rig.take()
            #expect(given != nil)
            #expect(Self.setAside(rig).isEmpty)
            _ = rig.wait(.seconds(50), beating: [Rig.bob: []])
            // Others end the task meanwhile, so that the next one is another.
            if let lost = rig.take(Rig.bob) {
                _ = rig.say(.result(Self.result(lost)), from: Rig.bob)
            }
        }
        #expect(Self.setAside(rig) == ["node1"])
    }

    @Test("people are told once that a host is set aside, and once that it is used again")
    func notices() {
        var rig = Self.rig()
        _ = Self.fail(3, in: &rig)
        _ = rig.join("carol", from: Self.carol, on: "node3")
        _ = rig.say(.goodbye, from: Self.carol)
        _ = rig.join("alice", from: Self.carol, processID: 2)
        let told = rig.notices.filter { notice in
            switch notice {
            case .hostSetAside, .hostTrusted: true
            default: false
            }
        }
        #expect(told == [.hostSetAside("node1", [.crash, .crash, .crash]), .hostTrusted("node1")])
    }
}

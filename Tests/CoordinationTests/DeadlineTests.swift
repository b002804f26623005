import Basics
import Coordination
import Messaging
import Sweeps
import Testing

/// Every task takes a second for each unit of its cost, and the coordinator has seen three of them.
@Suite("Workers that must leave")
struct DeadlineTests {
    /// alice stays for ever and has a task of cost 1000 in hand; the others wait.
    static func rig(
        waiting: [(cost: Float, stretch: Float)], limits: Coordinator.Limits = .standard
    ) -> Rig {
        let costs = [(cost: Float(1), stretch: Float(0)), (1, 0), (1, 0), (1000, 0)] + waiting
        var rig = Rig(
            costs.enumerated().map { index, cost in
                TaskStanding(id: Rig.id(index), cost: cost.cost, stretchCost: cost.stretch)
            }, limits: limits)
        _ = rig.join("alice")
        for index in 0..<3 {
            _ = rig.commit()
            rig.now = rig.now + .seconds(1)
            _ = rig.say(.result(Rig.report(index)))
        }
        _ = rig.commit()
        return rig
    }

    /// bob joins, and must leave after so many seconds.
    static func join(_ rig: inout Rig, seconds: Int?) -> [Said] {
        let hello = Hello(
            worker: Rig.worker("bob"), holdings: Holdings(), capacity: 1, connection: 1,
            timeLeft: seconds.map { .seconds($0) })
        return rig.say(.hello(hello), from: Rig.bob, incarnation: 0)
    }

    @Test("a task whose state can be kept on the way is begun by a worker that cannot end it")
    func part() {
        var rig = Self.rig(waiting: [(cost: 500, stretch: 10)])
        let joined = Self.join(&rig, seconds: 60)
        #expect(joined == [.welcome(to: Rig.bob), .start(4, 1, "bob")])
    }

    @Test("a task that a worker can end goes before those that it can only do a part of")
    func wholeBeforePart() {
        var rig = Self.rig(waiting: [(cost: 500, stretch: 10), (400, 10), (30, 10)])
        let joined = Self.join(&rig, seconds: 60)
        #expect(joined == [.welcome(to: Rig.bob), .start(6, 1, "bob")])
    }

    @Test(
        "nothing is begun where there is no time for two stretches and the way to safety",
        arguments: [(seconds: 39, stretch: Float(1)), (seconds: 69, stretch: 20)])
    func noRoom(seconds: Int, stretch: Float) {
        var rig = Self.rig(waiting: [(cost: 500, stretch: stretch)])
        let joined = Self.join(&rig, seconds: seconds)
        #expect(joined == [.welcome(to: Rig.bob)])
        var later = Self.rig(waiting: [(cost: 500, stretch: stretch)])
        let started = Self.join(&later, seconds: seconds + 1)
        #expect(started == [.welcome(to: Rig.bob), .start(4, 1, "bob")])
    }

    @Test("a task that must be done in one go is not begun by a worker that cannot end it")
    func inOneGo() {
        var rig = Self.rig(waiting: [(cost: 500, stretch: 0)])
        #expect(Self.join(&rig, seconds: 600) == [.welcome(to: Rig.bob)])
        var other = Self.rig(waiting: [(cost: 500, stretch: 0)])
        #expect(Self.join(&other, seconds: 625) == [.welcome(to: Rig.bob), .start(4, 1, "bob")])
    }

    @Test("a coordinator that takes no checkpoints has nothing begun that cannot be ended")
    func noCheckpoints() {
        var limits = Coordinator.Limits.standard
        limits.checkpointBytesMax = 0
        var rig = Self.rig(waiting: [(cost: 500, stretch: 1)], limits: limits)
        let joined = Self.join(&rig, seconds: 600)
        #expect(joined.contains(.start(4, 1, "bob")) == false)
    }

    @Test("a short task behind hundreds of long ones is found")
    func farBehind() {
        let long = [(cost: Float, stretch: Float)](repeating: (500, 0), count: 400)
        var rig = Self.rig(waiting: long + [(10, 0)])
        let joined = Self.join(&rig, seconds: 60)
        #expect(joined == [.welcome(to: Rig.bob), .start(404, 1, "bob")])
    }

    @Test("when nobody has the time for what waits people are told so once, with what is lacking")
    func standstill() {
        var rig = Self.rig(waiting: [(cost: 500, stretch: 0), (400, 0)])
        _ = Self.join(&rig, seconds: 60)
        #expect(rig.coordinator.picture.workers.map(\.lacksTime) == [false, true])
        // alice may take them later.
        #expect(rig.coordinator.picture.standstill == nil)
        // Now the one of cost 1000 waits, too.
        _ = rig.say(.goodbye)
        _ = rig.wait(.seconds(4), beating: [Rig.bob: []])
        let standstill = rig.coordinator.picture.standstill
        #expect(standstill?.waitingCount == 3)
        #expect(standstill?.secondsNeeded == 500)
        #expect(standstill?.secondsLeft == 56)
        let told = rig.notices.filter { if case .standstill = $0 { true } else { false } }
        #expect(told.count == 1)
        _ = rig.join("alice")
        #expect(rig.coordinator.picture.standstill == nil)
    }

    @Test("the obstacle of a waiting task is named")
    func obstacles() {
        var rig = Self.rig(waiting: [(cost: 500, stretch: 0)])
        #expect(rig.coordinator.obstacle(of: Rig.id(4)) == .others(1))
        #expect(rig.coordinator.obstacle(of: Rig.id(3)) == nil)
        _ = rig.say(.goodbye)
        #expect(rig.coordinator.obstacle(of: Rig.id(4)) == .noWorker)
        _ = Self.join(&rig, seconds: 100)
        #expect(rig.coordinator.obstacle(of: Rig.id(4)) == .noTime(needed: 625, left: 100))
        _ = rig.tell(.command(.pause))
        #expect(rig.coordinator.obstacle(of: Rig.id(4)) == .mode(.paused))
    }
}

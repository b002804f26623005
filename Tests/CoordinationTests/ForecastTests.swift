import Basics
import Coordination
import Messaging
import Sweeps
import Testing

@Suite("Deadlines and forecasts")
struct ForecastTests {
    /// Tasks of these costs; the first three are done in a second for each unit of cost.
    static func rig(_ costs: [Float]) -> Rig {
        var rig = Rig(costs.indices.map { TaskStanding(id: Rig.id($0), cost: costs[$0]) })
        _ = rig.join("alice")
        for index in 0..<3 {
            _ = rig.commit()
            let report = Rig.report(index)
            let timed = ResultReport(
                assignment: report.assignment, contentHash: report.contentHash, bytes: report.bytes,
                elapsed: .seconds(Double(costs[index])))
            rig.now = rig.now + .seconds(1)
            _ = rig.say(.result(timed))
        }
        return rig
    }

    @Test("what is left takes as long as its cost says, shared among the workers")
    func expected() {
        var rig = Self.rig([1, 2, 3, 4, 2, 2])
        #expect(rig.coordinator.picture.forecast?.expected == .seconds(8))
        _ = rig.join("bob", from: Rig.bob)
        #expect(rig.coordinator.picture.forecast?.expected == .seconds(4))
    }

    @Test("equal speed leaves an interval without width, and unequal speed one around the expectation")
    func interval() {
        let even = Self.rig([1, 2, 3, 4]).coordinator.picture.forecast
        #expect(even?.low == even?.expected)
        var rig = Self.rig([1, 2, 3, 4, 5])
        let report = Rig.report(3)
        _ = rig.commit()
        _ = rig.say(
            .result(
                ResultReport(
                    assignment: report.assignment, contentHash: report.contentHash, bytes: report.bytes,
                    elapsed: .seconds(9))))
        let uneven = rig.coordinator.picture.forecast
        let isAround = uneven.map { $0.low < $0.expected && $0.expected < $0.high }
        #expect(isAround == true)
    }

    @Test("nothing is foretold from fewer than three results")
    func tooEarly() {
        #expect(Rig().coordinator.picture.forecast == nil)
    }

    @Test("a worker that must leave soon gets a task that it can end")
    func deadline() {
        var rig = Self.rig([1, 1, 1, 100, 50, 2, 1])
        _ = rig.commit()
        let hello = Hello(
            worker: Rig.worker("bob"), holdings: Holdings(), capacity: 1, connection: 1,
            timeLeft: .seconds(10))
        #expect(
            rig.say(.hello(hello), from: Rig.bob, incarnation: 0) == [
                .welcome(to: Rig.bob), .start(5, 1, "bob"),
            ])
        #expect(rig.coordinator.picture.workers.last?.timeLeft == .seconds(10))
    }

    @Test("a worker that has no time for any task gets none, and others get the next")
    func noTime() {
        var rig = Self.rig([1, 1, 1, 100, 50, 20])
        let hello = Hello(
            worker: Rig.worker("bob"), holdings: Holdings(), capacity: 1, connection: 1,
            timeLeft: .seconds(10))
        #expect(rig.say(.hello(hello), from: Rig.bob, incarnation: 0) == [.welcome(to: Rig.bob)])
        #expect(rig.coordinator.picture.counts.waiting == 2)
    }

    @Test("the throughput is that of the newest results")
    func throughput() {
        #expect(Self.rig([1, 1, 1, 1]).coordinator.picture.tasksPerSecond == 1)
    }
}

import Basics
import Messaging
import Sweeps
import Testing
import Workers

@Suite("A worker with tasks shorter than a message")
struct SeveralTasksTests {
    /// A worker that has ended task 0 in a moment, and got so many more.
    static func hasty(
        _ count: Int, takesSeveral: Bool = true, limits: Worker.Limits = .standard
    ) -> WorkerRig {
        var rig = WorkerRig(limits: limits)
        _ = rig.tell(.connected)
        _ = rig.hear(
            .welcome(
                Welcome(
                    heartbeatInterval: .seconds(2), lease: .seconds(20), verdicts: [],
                    takesSeveral: takesSeveral)))
        _ = rig.hear(.task(WorkerRig.order(0)))
        _ = rig.tell(.ended(WorkerRig.result(0, elapsed: .microseconds(20))))
        _ = rig.hear(.resultAck(WorkerRig.assignment(0), .recorded))
        _ = rig.hear(.tasks((1...count).map { WorkerRig.order($0) }))
        return rig
    }

    static func ended(_ index: Int, _ elapsed: Duration = .microseconds(20)) -> Worker.Event {
        .ended(WorkerRig.result(index, elapsed: elapsed))
    }

    static func results(_ indices: ClosedRange<Int>) -> Done {
        .send(.results(indices.map { WorkerRig.report($0, elapsed: .microseconds(20)) }))
    }

    /// A result that is sent alone.
    static func result(_ index: Int, _ elapsed: Duration = .microseconds(20)) -> Done {
        .send(.result(WorkerRig.report(index, elapsed: elapsed)))
    }

    @Test("the tasks of one message are trained in its order")
    func severalTasks() {
        var rig = WorkerRig.welcomed()
        let taken = rig.hear(.tasks([WorkerRig.order(2), WorkerRig.order(1)]))
        #expect(taken == [.start(WorkerRig.assignment(2))])
        let ended = rig.tell(.ended(WorkerRig.result(2)))
        #expect(ended.first == .start(WorkerRig.assignment(1)))
    }

    @Test("each result is kept at once, and all are sent together after the last task")
    func gatheredResults() {
        var rig = Self.hasty(3)
        #expect(rig.tell(Self.ended(1)) == [.start(WorkerRig.assignment(2)), .keep(WorkerRig.assignment(1))])
        #expect(rig.tell(Self.ended(2)) == [.start(WorkerRig.assignment(3)), .keep(WorkerRig.assignment(2))])
        #expect(rig.tell(Self.ended(3)) == [.keep(WorkerRig.assignment(3)), Self.results(1...3)])
    }

    @Test("sixteen results wait for no more")
    func fullMessage() {
        var rig = Self.hasty(20)
        for index in 1...15 {
            let said = rig.tell(Self.ended(index))
            #expect(said.count == 2, "\(said)")
        }
        let sixteenth = rig.tell(Self.ended(16))
        #expect(
            sixteenth == [
                .start(WorkerRig.assignment(17)), .keep(WorkerRig.assignment(16)), Self.results(1...16),
            ])
    }

    @Test("a result waits five milliseconds for another, and to the next tick at the longest")
    func latestDelivery() {
        var rig = Self.hasty(4)
        _ = rig.tell(Self.ended(1))
        rig.now = rig.now + .milliseconds(5)
        let second = rig.tell(Self.ended(2))
        #expect(second.contains(Self.results(1...2)))
        _ = rig.tell(Self.ended(3))
        let waited = rig.wait(.milliseconds(500))
        #expect(waited.contains(Self.result(3)))
    }

    @Test("a heartbeat lists results that wait to be sent")
    func listedResults() {
        var limits = Worker.Limits.standard
        limits.gatherSpan = .seconds(60)
        limits.tickInterval = .seconds(2)
        var rig = Self.hasty(3, limits: limits)
        _ = rig.tell(Self.ended(1))
        let beats = rig.wait(.seconds(2)).compactMap(\.beat)
        #expect(beats.map { $0.holdings.ended.map(\.assignment) } == [[WorkerRig.assignment(1)]])
    }

    @Test("results of longer tasks do not wait")
    func longerTasks() {
        var rig = WorkerTests.training()
        _ = rig.hear(.tasks([WorkerRig.order(1), WorkerRig.order(2)]))
        _ = rig.tell(Self.ended(0, .milliseconds(20)))
        let ended = rig.tell(Self.ended(1, .milliseconds(20)))
        #expect(ended.contains(Self.result(1, .milliseconds(20))))
    }

    @Test("a coordinator of protocol 1.0 gets every result alone and at once")
    func olderCoordinator() {
        var rig = Self.hasty(3, takesSeveral: false)
        let ended = rig.tell(Self.ended(1))
        #expect(ended.contains(Self.result(1)))
    }

    @Test("what waits is sent at once by a worker that leaves")
    func leaving() {
        var rig = Self.hasty(3)
        _ = rig.tell(Self.ended(1))
        let stopped = rig.tell(.command(.stop))
        #expect(stopped.contains(Self.result(1)))
    }

    @Test("a new connection brings everything in the outbox in few messages")
    func reconnection() {
        var rig = WorkerRig(outbox: (1...40).map { WorkerRig.result($0, elapsed: .microseconds(20)) })
        _ = rig.tell(.connected)
        #expect(rig.welcome() == [Self.results(1...16), Self.results(17...32), Self.results(33...40)])
    }
}

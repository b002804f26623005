import Basics
import Messaging
import Sweeps
import Testing
import Workers

@Suite("Leaving when asked to and when time is up")
struct DeadlineTests {
    /// A worker with an allocation of a minute, in training.
    static func training() -> WorkerRig {
        var limits = Worker.Limits.standard
        limits.lifetime = .seconds(60)
        var rig = WorkerRig.welcomed(limits: limits)
        _ = rig.hear(.task(WorkerRig.order(0)))
        return rig
    }

    @Test("a worker that is told to leave finishes what it trains and delivers it before it goes")
    func leave() {
        var rig = WorkerRig.welcomed()
        _ = rig.hear(.task(WorkerRig.order(0)))
        let heard = rig.hear(.leave)
        #expect(heard.compactMap(\.beat).map(\.capacity) == [0])
        let again = rig.hear(.leave)
        #expect(again.isEmpty)
        _ = rig.tell(.ended(WorkerRig.result(0)))
        let done = rig.hear(.resultAck(WorkerRig.assignment(0), .recorded))
        #expect(done == [.forget(WorkerRig.assignment(0)), .send(.goodbye), .exit(.commanded)])
    }

    @Test("an idle worker that is told to leave goes at once")
    func leaveIdle() {
        var rig = WorkerRig.welcomed()
        #expect(rig.hear(.leave).last == .exit(.commanded))
    }

    @Test("the coordinator is told how much time is left")
    func timeLeft() {
        var limits = Worker.Limits.standard
        limits.lifetime = .seconds(60)
        var rig = WorkerRig(limits: limits)
        rig.now = rig.now + .seconds(15)
        guard case .send(.hello(let hello))? = rig.tell(.connected).first else {
            Issue.record("no HELLO")
            return
        }
        // Five seconds are kept for acknowledgements.
        #expect(hello.timeLeft == .seconds(40))
    }

    @Test("at the end of its allocation a worker gives back what it trains and goes in time")
    func deadline() {
        var rig = Self.training()
        #expect(!rig.wait(.seconds(54)).contains(.exit(.commanded)))
        let done = rig.wait(.seconds(6))
        #expect(done.contains(.cancel(WorkerRig.assignment(0))))
        #expect(done.contains(.send(.release([WorkerRig.assignment(0)], .drained))))
        #expect(done.contains(.exit(.commanded)))
    }
}

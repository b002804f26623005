import Basics
import Messaging
import Sweeps
import Testing
import Workers

@Suite("A worker's connection")
struct ConnectionTests {
    static let assignment = WorkerRig.assignment(0)

    @Test("a silent coordinator is looked for anew, and told all that is held")
    func reconnect() {
        var rig = WorkerTests.training()
        let waited = rig.wait(.seconds(10), answering: false)
        #expect(waited.last == .reconnect)
        #expect(rig.wait(.seconds(60), answering: false) == [])
        #expect(rig.tell(.connected) == [.hello(active: [Self.assignment], connection: 2)])
    }

    @Test("training goes on without a coordinator, and the result waits in the outbox")
    func orphan() {
        var rig = WorkerTests.training()
        _ = rig.wait(.seconds(10), answering: false)
        #expect(rig.tell(.ended(WorkerRig.result(0))) == [.keep(Self.assignment)])
        #expect(rig.tell(.connected) == [.hello(ended: [WorkerTests.ended], connection: 2)])
        let welcomed = rig.welcome([HeldVerdict(Self.assignment, .sendReport)])
        #expect(welcomed == [WorkerTests.resultMessage(0)])
    }

    @Test("where every task has ended and nobody is left to say so, a worker leaves as if told")
    func runEnded() {
        var rig = WorkerRig()
        #expect(rig.tell(.runEnded) == [.exit(.sweepEnded)])
    }

    @Test("a worker that the transport says will never be let in leaves and says why")
    func refusedByTransport() {
        var rig = WorkerTests.training()
        let refusal = Refusal(.key, "the key 'alice' is revoked")
        #expect(rig.tell(.refused(refusal)) == [.cancel(Self.assignment), .exit(.refused(refusal))])
        #expect(rig.tell(.connected) == [])
    }

    @Test("reports of an earlier process are offered at once")
    func outbox() {
        var rig = WorkerRig(outbox: [WorkerRig.result(0), WorkerRig.failure(1)])
        let failed = EndedAttempt(WorkerRig.assignment(1), contentHash: nil)
        #expect(rig.tell(.connected) == [.hello(ended: [WorkerTests.ended, failed])])
        let welcomed = rig.welcome([
            HeldVerdict(Self.assignment, .forget), HeldVerdict(failed.assignment, .foreign),
        ])
        // The foreign report stays on disk and is spoken of no more.
        #expect(welcomed == [.forget(Self.assignment)])
        #expect(rig.wait(.seconds(2)).compactMap(\.beat).map(\.holdings) == [Holdings()])
    }

    @Test("a report whose acknowledgement is on the way is not sent at once")
    func keptReport() {
        var rig = WorkerRig(outbox: [WorkerRig.result(0)])
        _ = rig.tell(.connected)
        #expect(rig.welcome([HeldVerdict(Self.assignment, .keep)]) == [])
        #expect(rig.wait(.seconds(5)).contains { $0 == WorkerTests.resultMessage(0) })
    }

    @Test("a verdict to drop an attempt leaves a report that came meanwhile alone")
    func endedBeforeVerdict() {
        var rig = WorkerTests.training()
        #expect(rig.hear(.whoAreYou) == [.hello(active: [Self.assignment])])
        _ = rig.tell(.ended(WorkerRig.result(0)))
        let welcomed = rig.welcome([HeldVerdict(Self.assignment, .drop)])
        #expect(welcomed == [WorkerTests.resultMessage(0)])
    }

    @Test(
        "a dropped attempt is stopped, a kept one goes on",
        arguments: [HeldVerdict.Verdict.drop, .foreign, .keep])
    func verdicts(verdict: HeldVerdict.Verdict) {
        var rig = WorkerTests.training()
        _ = rig.hear(.whoAreYou)
        let welcomed = rig.welcome([HeldVerdict(Self.assignment, verdict)])
        #expect(welcomed == (verdict == .keep ? [] : [.cancel(Self.assignment)]))
    }

    @Test("many questions who it is get one answer")
    func manyQuestions() {
        var rig = WorkerRig.welcomed()
        #expect(rig.hear(.whoAreYou) == [.hello()])
        #expect(rig.hear(.whoAreYou) == [])
    }

    @Test("a newer incarnation makes it say HELLO again, an older one is not listened to")
    func incarnations() {
        var rig = WorkerTests.training()
        #expect(rig.hear(.revoke(Self.assignment), incarnation: 0) == [])
        #expect(rig.hear(.ping, incarnation: 2) == [.hello(active: [Self.assignment])])
        _ = rig.welcome([HeldVerdict(Self.assignment, .keep)], incarnation: 2)
        #expect(rig.hear(.revoke(Self.assignment), incarnation: 1) == [])
        #expect(rig.hear(.revoke(Self.assignment), incarnation: 2) == [.cancel(Self.assignment)])
    }

    @Test("frames of another sweep's coordinator change nothing")
    func otherSweep() {
        var rig = WorkerTests.training()
        #expect(rig.hear(.shutdown, sweep: SweepID(8)) == [])
        #expect(rig.hear(.revoke(Self.assignment), sweep: SweepID(8)) == [])
    }

    @Test("its own pause does not make the coordinator silent")
    func ownPause() {
        var rig = WorkerTests.training()
        rig.now = rig.now + .seconds(600)
        #expect(!rig.tell(.tick).contains(.reconnect))
    }

    @Test("without a coordinator for too long it leaves, and stops training")
    func orphanLimit() {
        var limits = Worker.Limits.standard
        limits.orphanLimit = .seconds(30)
        var rig = WorkerTests.training(limits: limits)
        let waited = rig.wait(.seconds(31), answering: false)
        #expect(Array(waited.suffix(2)) == [.cancel(Self.assignment), .exit(.orphaned)])
        #expect(rig.tell(.connected) == [])
    }

    @Test("a refusal ends it, and so does a coordinator of another version")
    func refused() {
        let refusal = Refusal(.full, "too many")
        var rig = WorkerTests.training()
        #expect(rig.hear(.refused(refusal)) == [.cancel(Self.assignment), .exit(.refused(refusal))])
        var other = WorkerRig()
        let done = other.tell(.receivedUnreadable(.version(peer: ProtocolVersion(major: 2, minor: 0))))
        guard case .exit(.refused(let version))? = done.last else {
            Issue.record("\(done)")
            return
        }
        #expect(version.code == .version)
    }
}

@Suite("A worker that leaves")
struct LeavingTests {
    static let assignment = WorkerRig.assignment(0)

    @Test("at the end of the sweep an idle worker says goodbye")
    func shutdown() {
        var rig = WorkerRig.welcomed()
        #expect(rig.hear(.shutdown) == [.send(.goodbye), .exit(.sweepEnded)])
    }

    @Test("a stop gives back everything and leaves")
    func stop() {
        var rig = WorkerTests.training()
        _ = rig.hear(.task(WorkerRig.order(1)))
        let stopped = rig.tell(.command(.stop))
        #expect(
            stopped == [
                .cancel(Self.assignment),
                .send(.release([Self.assignment, WorkerRig.assignment(1)], .drained)),
                .send(.goodbye), .exit(.commanded),
            ])
    }

    @Test("a stop waits for the acknowledgement of a result, but not for ever")
    func stopWithOutbox() {
        var rig = WorkerTests.training()
        _ = rig.tell(.ended(WorkerRig.result(0)))
        #expect(rig.tell(.command(.stop)) == [])
        var patient = rig
        #expect(
            patient.hear(.resultAck(Self.assignment, .recorded))
                == [.forget(Self.assignment), .send(.goodbye), .exit(.commanded)])
        let waited = rig.wait(.seconds(6))
        #expect(waited.last == .exit(.commanded))
        #expect(!waited.contains(.forget(Self.assignment)))
    }

    @Test("a drain finishes what is in training, takes nothing more, and then leaves")
    func drain() {
        var rig = WorkerTests.training()
        _ = rig.hear(.task(WorkerRig.order(1)))
        let drained = rig.tell(.command(.drain))
        #expect(drained.first == .send(.release([WorkerRig.assignment(1)], .drained)))
        #expect(drained.compactMap(\.beat).map(\.capacity) == [0])
        #expect(rig.hear(.task(WorkerRig.order(2))) == [.send(.release([WorkerRig.assignment(2)], .drained))])
        _ = rig.wait(.seconds(60))
        _ = rig.tell(.ended(WorkerRig.result(0)))
        let acknowledged = rig.hear(.resultAck(Self.assignment, .recorded))
        #expect(acknowledged == [.forget(Self.assignment), .send(.goodbye), .exit(.commanded)])
    }

    @Test("a coordinator that drains gets back what has not begun, and the worker stays")
    func coordinatorDrains() {
        var rig = WorkerTests.training()
        _ = rig.hear(.task(WorkerRig.order(1)))
        #expect(rig.hear(.drain) == [.send(.release([WorkerRig.assignment(1)], .drained))])
        #expect(rig.hear(.drain) == [])
    }
}

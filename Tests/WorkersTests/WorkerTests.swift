import Basics
import Messaging
import Sweeps
import Testing
import Workers

@Suite("Worker")
struct WorkerTests {
    static let assignment = WorkerRig.assignment(0)
    static let ended = EndedAttempt(assignment, contentHash: WorkerRig.result(0).contentHash)

    /// A worker with task 0 in training.
    static func training(limits: Worker.Limits = .standard) -> WorkerRig {
        var rig = WorkerRig.welcomed(limits: limits)
        _ = rig.hear(.task(WorkerRig.order(0)))
        return rig
    }

    static func resultMessage(_ index: Int, _ attempt: UInt32 = 1) -> Done? {
        if case .result(let report) = WorkerRig.result(index, attempt) { .send(.result(report)) } else { nil }
    }

    @Test("a connection begins with HELLO, which is said again until it is answered")
    func hello() {
        var rig = WorkerRig()
        #expect(rig.tell(.connected) == [.hello()])
        #expect(rig.wait(.milliseconds(1500)) == [])
        #expect(rig.wait(.milliseconds(500)) == [.hello()])
        #expect(rig.welcome() == [])
    }

    @Test("a task is trained, and its result kept, sent, and forgotten when it is acknowledged")
    func oneTask() {
        var rig = WorkerRig.welcomed()
        #expect(rig.hear(.task(WorkerRig.order(0))) == [.start(Self.assignment)])
        let ended = rig.tell(.ended(WorkerRig.result(0)))
        #expect(ended == [.keep(Self.assignment), Self.resultMessage(0)])
        #expect(rig.hear(.resultAck(Self.assignment, .recorded)) == [.forget(Self.assignment)])
        #expect(rig.hear(.resultAck(Self.assignment, .recorded)) == [])
    }

    @Test("a result is sent again until it is acknowledged")
    func resend() {
        var rig = Self.training()
        _ = rig.tell(.ended(WorkerRig.result(0)))
        let waited = rig.wait(.seconds(16))
        #expect(waited.filter { $0 == Self.resultMessage(0) }.count == 3)
    }

    @Test("a heartbeat every two seconds lists all that is held")
    func heartbeats() {
        var rig = Self.training()
        let beats = rig.wait(.seconds(10)).compactMap(\.beat)
        #expect(beats.count == 5)
        let isComplete = beats.allSatisfy { $0.holdings.active.map(\.assignment) == [Self.assignment] }
        #expect(isComplete)
    }

    @Test("a frame that comes twice is no second order")
    func repeatedTask() {
        var rig = Self.training()
        _ = rig.tell(.ended(WorkerRig.result(0)))
        _ = rig.hear(.resultAck(Self.assignment, .recorded))
        let header = MessageHeader(sweep: WorkerRig.sweep, incarnation: 1, sequence: 2, acknowledged: 0)
        #expect(rig.tell(.received(CoordinatorEnvelope(header, .task(WorkerRig.order(0))))) == [])
    }

    @Test("a second task starts as soon as the first ends, before that one's result is on the disk")
    func queue() {
        var rig = Self.training()
        #expect(rig.hear(.task(WorkerRig.order(1))) == [])
        let ended = rig.tell(.ended(WorkerRig.result(0)))
        #expect(ended == [.start(WorkerRig.assignment(1)), .keep(Self.assignment), Self.resultMessage(0)])
    }

    @Test("more tasks than a worker can hold are given back")
    func tooMany() {
        var rig = Self.training()
        for index in 1...63 { #expect(rig.hear(.task(WorkerRig.order(index))).isEmpty) }
        let oneMore = rig.hear(.task(WorkerRig.order(64)))
        #expect(oneMore == [.send(.release([WorkerRig.assignment(64)], .drained))])
    }

    @Test("a tenth of a second of short tasks is prefetched, and no long one")
    func prefetch() {
        var rig = Self.training()
        let short = rig.tell(.ended(WorkerRig.result(0, elapsed: .milliseconds(20))))
        #expect(short.compactMap(\.beat).map(\.capacity) == [5])
        _ = rig.hear(.task(WorkerRig.order(1)))
        let long = rig.tell(.ended(WorkerRig.result(1, elapsed: .seconds(60))))
        #expect(long.compactMap(\.beat).map(\.capacity) == [1])
    }

    @Test("tasks of changing length do not make the worker ask for another number each time")
    func steadyPrefetch() {
        var rig = Self.training()
        var beats = rig.tell(.ended(WorkerRig.result(0, elapsed: .milliseconds(20)))).compactMap(\.beat)
        for index in 1...40 {
            _ = rig.hear(.task(WorkerRig.order(index)))
            let elapsed = Duration.milliseconds(index % 2 == 0 ? 30 : 10)
            beats += rig.tell(.ended(WorkerRig.result(index, elapsed: elapsed))).compactMap(\.beat)
        }
        #expect(beats.map(\.capacity) == [5])
    }

    @Test("a configuration with another id than its task fails as invalid, and is not trained")
    func otherConfiguration() {
        var rig = WorkerRig.welcomed()
        let order = TaskOrder(
            assignment: Self.assignment, lease: .seconds(20), configuration: ["model": "other"],
            environment: [:])
        let taken = rig.hear(.task(order))
        #expect(taken.first == .keep(Self.assignment))
        guard case .send(.failure(let report))? = taken.last else {
            Issue.record("\(taken)")
            return
        }
        #expect(report.failureClass == .invalidConfiguration)
    }

    @Test("a result that no message can carry fails with a word on what to do")
    func largeResult() {
        var limits = Worker.Limits.standard
        limits.resultBytesMax = 8
        var rig = Self.training(limits: limits)
        let ended = rig.tell(.ended(WorkerRig.result(0)))
        guard case .send(.failure(let report))? = ended.last else {
            Issue.record("\(ended)")
            return
        }
        #expect(report.failureClass == .invalidConfiguration)
        #expect(report.message.contains("measure fewer"))
    }

    @Test("progress is sent at most once a second, the newest first of all")
    func progress() {
        var rig = Self.training()
        rig.now = rig.now + .seconds(1)
        let first = TaskProgress(epoch: 1, epochCount: 9)
        #expect(rig.tell(.progressed(Self.assignment, first)) == [.send(.progress(Self.assignment, first))])
        for epoch in 2...5 {
            #expect(rig.tell(.progressed(Self.assignment, TaskProgress(epoch: epoch, epochCount: 9))) == [])
        }
        let newest = TaskProgress(epoch: 5, epochCount: 9)
        #expect(rig.wait(.seconds(1)).contains(.send(.progress(Self.assignment, newest))))
    }

    @Test("what a trainer says of a cancelled attempt is ignored")
    func cancelled() {
        var rig = Self.training()
        #expect(rig.hear(.revoke(Self.assignment)) == [.cancel(Self.assignment)])
        #expect(rig.tell(.ended(WorkerRig.result(0))) == [])
        #expect(rig.tell(.progressed(Self.assignment, TaskProgress(epoch: 1, epochCount: 2))) == [])
    }

    @Test("the same task under a newer attempt number goes on without starting again")
    func renumbered() {
        var rig = Self.training()
        #expect(rig.hear(.task(WorkerRig.order(0, 2))) == [])
        #expect(rig.hear(.revoke(Self.assignment)) == [])
        let ended = rig.tell(.ended(WorkerRig.result(0)))
        #expect(ended == [.keep(WorkerRig.assignment(0, 2)), Self.resultMessage(0, 2)])
    }

    @Test("a task whose result is already in the outbox is not trained again")
    func resultAtHand() {
        var rig = Self.training()
        _ = rig.tell(.ended(WorkerRig.result(0)))
        #expect(rig.hear(.task(WorkerRig.order(0, 2))) == [])
    }
}

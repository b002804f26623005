import Basics
import Coordination
import Messaging
import Sweeps
import Testing

@Suite("Ending a sweep")
struct EndingTests {
    static func reason(_ said: [Said]) -> Coordinator.Summary.Reason? {
        for case .finished(let summary) in said { return summary.reason }
        return nil
    }

    @Test("a sweep without missing tasks ends at the first tick")
    func nothingToDo() {
        var rig = Rig([TaskStanding(id: Rig.id(0), attempts: 1, state: .done(ContentHash(of: "x")))])
        #expect(Self.reason(rig.tell(.tick)) == .completed)
        #expect(Self.reason(rig.tell(.tick)) == nil)
    }

    @Test("a worker that joins after the end is sent home")
    func lateWorker() {
        var rig = Rig([])
        _ = rig.tell(.tick)
        #expect(rig.join("alice") == [.welcome(), .send(.shutdown, to: Rig.alice)])
        #expect(rig.beat() == [.send(.shutdown, to: Rig.alice)])
    }

    @Test("a drain lets what runs finish, hands out nothing more, and then ends")
    func drain() {
        var rig = ResultTests.training(3)
        #expect(rig.tell(.command(.drain)) == [.send(.drain, to: Rig.alice)])
        #expect(rig.beat(active: [Rig.assignment(0)]) == [.send(.drain, to: Rig.alice)])
        let joined = rig.join("bob", from: Rig.bob)
        #expect(joined == [.welcome(to: Rig.bob), .send(.drain, to: Rig.bob)])
        _ = rig.say(.result(Rig.report(0)))
        let committed = rig.commit()
        #expect(Self.reason(committed) == .drained)
        #expect(committed.contains(.send(.shutdown, to: Rig.alice)))
    }

    @Test("a drain that finds nothing left to do is a completed sweep")
    func drainAtTheEnd() {
        var rig = ResultTests.training(1)
        _ = rig.tell(.command(.drain))
        _ = rig.say(.result(Rig.report(0)))
        #expect(Self.reason(rig.commit()) == .completed)
    }

    @Test("a task not yet sent when the drain begins is not sent any more")
    func drainBeforeDispatch() {
        var rig = Rig()
        _ = rig.join("alice")
        _ = rig.tell(.command(.drain))
        #expect(Self.reason(rig.commit()) == .drained)
    }

    @Test("a stop sends everybody home, takes back what they held, and keeps what was under way to the store")
    func stop() {
        var rig = Rig(Rig.tasks(3))
        _ = rig.join("alice", capacity: 2)
        _ = rig.commit()
        _ = rig.say(.result(Rig.report(0)))
        let stopped = rig.tell(.command(.stop))
        #expect(stopped == [.send(.shutdown, to: Rig.alice)])
        let committed = rig.commit()
        #expect(Self.reason(committed) == .stopped)
        #expect(committed.first == .send(.resultAck(Rig.assignment(0), .recorded), to: Rig.alice))
        _ = rig.say(.release([Rig.assignment(1)], .drained))
        _ = rig.say(.goodbye)
        let picture = rig.coordinator.picture
        #expect(picture.workers.isEmpty)
        #expect(picture.counts.waiting == 2)
        #expect(picture.counts.done == 1)
    }

    @Test("more failed tasks than allowed drain the sweep")
    func tooManyFailures() {
        var limits = Coordinator.Limits.standard
        limits.failedTasksMax = 1
        var rig = ResultTests.training(4, limits: limits)
        _ = rig.say(.failure(Rig.failure(0, 1, .invalidConfiguration)))
        #expect(rig.coordinator.picture.mode == .working)
        _ = rig.commit()
        let failed = rig.say(.failure(Rig.failure(1, 1, .invalidConfiguration)))
        #expect(failed.contains(.send(.drain, to: Rig.alice)))
        #expect(Self.reason(rig.commit()) == .tooManyFailures)
    }

    @Test("tasks that failed before this start do not count as too many")
    func earlierFailures() {
        var limits = Coordinator.Limits.standard
        limits.failedTasksMax = 0
        let failed = TaskStanding(
            id: Rig.id(9), attempts: 1, failureCount: 1, state: .failed(.invalidConfiguration))
        var rig = Rig([failed] + Rig.tasks(1), limits: limits)
        _ = rig.join("alice")
        #expect(rig.coordinator.picture.mode == .working)
        #expect(rig.coordinator.picture.failures == [failureCount(.invalidConfiguration, 1)])
    }

    private func failureCount(_ failureClass: FailureClass, _ count: Int) -> Coordinator.FailureCount {
        Coordinator.FailureCount(failureClass: failureClass, count: count)
    }

    @Test("the picture shows who trains what and how far")
    func picture() {
        var rig = Rig(Rig.tasks(3))
        _ = rig.join("alice", capacity: 2)
        _ = rig.commit()
        let progress = TaskProgress(epoch: 3, epochCount: 400, errorTrain: 0.5, errorTest: 0.6)
        #expect(rig.say(.progress(Rig.assignment(0), progress)) == [])
        #expect(rig.say(.progress(Rig.assignment(0, 7), TaskProgress(epoch: 9, epochCount: 9))) == [])
        let picture = rig.coordinator.picture
        #expect(picture.counts.held == 2)
        #expect(picture.counts.waiting == 1)
        let holding = picture.workers.flatMap(\.holding)
        #expect(
            holding == [
                ActiveAttempt(Rig.assignment(0), progress: progress),
                ActiveAttempt(Rig.assignment(1), progress: nil),
            ])
    }

    @Test("a notice shows no control characters of a worker")
    func controlCharacters() {
        let report = FailureReport(
            assignment: .example, failureClass: .crash, message: "\u{1B}[2Jgone\u{7}\nline")
        let text = Coordinator.Notice.attemptFailed(report, worker: "alice", isFinal: true).description
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(text.contains("gone"))
    }
}

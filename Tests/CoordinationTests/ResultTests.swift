import Basics
import Coordination
import Messaging
import Sweeps
import Testing

@Suite("Results and failures")
struct ResultTests {
    /// Alice trains task 0 as its first attempt.
    static func training(_ taskCount: Int = 1, limits: Coordinator.Limits = .standard) -> Rig {
        var rig = Rig(Rig.tasks(taskCount), limits: limits)
        _ = rig.join("alice")
        _ = rig.commit()
        return rig
    }

    @Test("a result is acknowledged when it is durable, and the sweep ends after its last one")
    func acknowledgement() {
        var rig = Self.training()
        let report = Rig.report(0)
        let received = rig.say(.result(report))
        #expect(received == [.store(.result(report, worker: Rig.worker("alice")))])
        let committed = rig.commit()
        var counts = Coordinator.TaskCounts()
        counts.done = 1
        let summary = Coordinator.Summary(
            reason: .completed, counts: counts, duplicateCount: 0, disagreementCount: 0)
        #expect(
            committed == [
                .send(.resultAck(report.assignment, .recorded), to: Rig.alice),
                .send(.shutdown, to: Rig.alice),
                .finished(summary),
            ])
    }

    @Test("the results of one message are recorded one by one, and acknowledged together")
    func severalResults() {
        var rig = Rig(Rig.tasks(3))
        _ = rig.join("alice", capacity: 2)
        _ = rig.commit()
        let reports = [Rig.report(0), Rig.report(1)]
        let received = rig.say(.results(reports))
        let alice = Rig.worker("alice")
        #expect(
            received == [
                .store(.result(reports[0], worker: alice)), .store(.result(reports[1], worker: alice)),
                .start(2),
            ])
        let committed = rig.commit()
        #expect(
            committed == [
                .task(Rig.assignment(2), index: 2, to: Rig.alice),
                .send(.resultsAck(reports.map(\.assignment)), to: Rig.alice),
            ])
    }

    @Test("a result that comes again before it is durable is not acknowledged, afterwards it is")
    func repeatedResult() {
        var rig = Self.training(2)
        let report = Rig.report(0)
        _ = rig.say(.result(report))
        #expect(rig.say(.result(report)) == [])
        _ = rig.commit()
        #expect(rig.say(.result(report)) == [.send(.resultAck(report.assignment, .duplicate), to: Rig.alice)])
        #expect(rig.coordinator.picture.duplicateCount == 0)
    }

    @Test("a lost acknowledgement is said again when a heartbeat lists the report")
    func lostAcknowledgement() {
        var rig = Self.training(2)
        let report = Rig.report(0)
        _ = rig.say(.result(report))
        _ = rig.commit()
        let ended = EndedAttempt(report.assignment, contentHash: report.contentHash)
        let beaten = rig.beat(active: [Rig.assignment(1)], ended: [ended])
        #expect(
            beaten == [
                .send(.resultAck(report.assignment, .duplicate), to: Rig.alice), .send(.ping, to: Rig.alice),
            ])
    }

    /// Alice was given up with task 0, bob has its second attempt, and alice is back.
    static func twoAttempts() -> Rig {
        var rig = Self.training()
        _ = rig.wait(.seconds(45))
        _ = rig.join("bob", from: Rig.bob)
        _ = rig.commit()
        return rig
    }

    @Test("the first result counts whichever attempt gave it, and the newer attempt is revoked")
    func olderAttemptWins() {
        var rig = Self.twoAttempts()
        let report = Rig.report(0, 1)
        let ended = EndedAttempt(report.assignment, contentHash: report.contentHash)
        let joined = rig.join("alice", holdings: Holdings(ended: [ended]), connection: 2)
        #expect(joined == [.welcome([HeldVerdict(report.assignment, .sendReport)])])
        let received = rig.say(.result(report))
        #expect(
            received == [
                .send(.revoke(Rig.assignment(0, 2)), to: Rig.bob),
                .store(.result(report, worker: Rig.worker("alice"))),
            ])
    }

    @Test("the same bytes from another attempt are confirmed as a duplicate")
    func duplicate() {
        var rig = Self.twoAttempts()
        _ = rig.say(.result(Rig.report(0, 2)), from: Rig.bob)
        _ = rig.commit()
        _ = rig.join("alice", connection: 2)
        let received = rig.say(.result(Rig.report(0, 1)))
        #expect(received == [.send(.resultAck(Rig.assignment(0, 1), .duplicate), to: Rig.alice)])
        #expect(rig.coordinator.picture.duplicateCount == 1)
    }

    @Test("other bytes from another attempt raise the alarm, and the first result stays")
    func nondeterminism() {
        var rig = Self.twoAttempts()
        let first = Rig.report(0, 2)
        let second = Rig.report(0, 1, value: 0.25)
        _ = rig.say(.result(first), from: Rig.bob)
        _ = rig.commit()
        let ended = EndedAttempt(second.assignment, contentHash: second.contentHash)
        let joined = rig.join("alice", holdings: Holdings(ended: [ended]), connection: 2)
        let verdict = HeldVerdict(second.assignment, .sendReport)
        #expect(joined == [.welcome([verdict]), .send(.shutdown, to: Rig.alice)])
        let received = rig.say(.result(second))
        let write = StoreWrite.disagreement(
            second.assignment, recorded: first.contentHash, received: second.contentHash,
            worker: Rig.worker("alice"))
        #expect(
            received == [
                .send(.resultAck(second.assignment, .disagreement), to: Rig.alice), .store(write),
            ])
        #expect(rig.coordinator.picture.disagreementCount == 1)
    }

    @Test("a failure of an attempt that is not the newest does not count")
    func staleFailure() {
        var rig = Self.twoAttempts()
        _ = rig.join("alice", connection: 2)
        let received = rig.say(.failure(Rig.failure(0, 1, .crash)))
        #expect(received == [.send(.resultAck(Rig.assignment(0, 1), .superseded), to: Rig.alice)])
        #expect(rig.coordinator.picture.counts.held == 1)
    }

    @Test("a failure that comes twice counts once")
    func repeatedFailure() {
        var rig = Self.training()
        let failure = Rig.failure(0, 1, .crash)
        let received = rig.say(.failure(failure))
        #expect(
            received == [
                .store(.attemptEnded(failure, worker: Rig.worker("alice"), isFinal: false)), .start(0, 2),
            ])
        #expect(rig.say(.failure(failure)) == [])
        _ = rig.commit()
        let again = rig.say(.failure(failure))
        #expect(again == [.send(.resultAck(failure.assignment, .superseded), to: Rig.alice)])
    }

    @Test(
        "a task that crashes three times has failed",
        arguments: [FailureClass.crash, .outOfMemory, .timeout, .inputOutput])
    func crashLimit(failureClass: FailureClass) {
        var rig = Self.training()
        for attempt in UInt32(1)...2 {
            _ = rig.say(.failure(Rig.failure(0, attempt, failureClass)))
            _ = rig.commit()
            #expect(rig.coordinator.picture.counts.held == 1)
        }
        _ = rig.say(.failure(Rig.failure(0, 3, failureClass)))
        let picture = rig.coordinator.picture
        #expect(picture.counts.failed == 1)
        #expect(picture.failures.map(\.failureClass) == [failureClass])
    }

    @Test("crashes stored by an earlier coordinator count")
    func storedCrashes() {
        var rig = Rig([TaskStanding(id: Rig.id(0), attempts: 2, failureCount: 2)])
        _ = rig.join("alice")
        _ = rig.commit()
        _ = rig.say(.failure(Rig.failure(0, 3, .crash)))
        #expect(rig.coordinator.picture.counts.failed == 1)
    }

    @Test("an invalid configuration is never tried again")
    func invalidConfiguration() {
        var rig = Self.training()
        let failure = Rig.failure(0, 1, .invalidConfiguration)
        let received = rig.say(.failure(failure))
        #expect(received == [.store(.attemptEnded(failure, worker: Rig.worker("alice"), isFinal: true))])
    }

    @Test(
        "what befalls the machine never counts against a task",
        arguments: [FailureClass.infrastructureLost, .preempted, .drained])
    func machineFailures(failureClass: FailureClass) {
        var rig = Self.training()
        for attempt in UInt32(1)...20 {
            _ = rig.say(.failure(Rig.failure(0, attempt, failureClass)))
            _ = rig.commit()
        }
        #expect(rig.coordinator.picture.counts.held == 1)
        #expect(rig.coordinator.picture.failures.isEmpty)
    }

    @Test("a result that comes after its task was given up is better than none")
    func resultAfterFailure() {
        var rig = Self.twoAttempts()
        _ = rig.say(.failure(Rig.failure(0, 2, .invalidConfiguration)), from: Rig.bob)
        _ = rig.commit()
        #expect(rig.coordinator.picture.counts.failed == 1)
        _ = rig.join("alice", connection: 2)
        _ = rig.say(.result(Rig.report(0, 1)))
        let committed = rig.commit()
        #expect(
            committed == [
                .forgetCheckpoints(0), .send(.resultAck(Rig.assignment(0, 1), .recorded), to: Rig.alice),
            ])
        let picture = rig.coordinator.picture
        #expect(picture.counts.done == 1)
        #expect(picture.failures.isEmpty)
    }

    @Test("what a worker gives back is handed out again without counting")
    func release() {
        var rig = Self.training()
        let released = rig.say(.release([Rig.assignment(0)], .drained))
        let report = FailureReport(
            assignment: Rig.assignment(0), failureClass: .drained, message: "given back")
        #expect(
            released == [
                .store(.attemptEnded(report, worker: Rig.worker("alice"), isFinal: false)), .start(0, 2),
            ])
    }

    @Test("a result of a task that is not in the sweep is left alone")
    func unknownTask() {
        var rig = Self.training()
        #expect(rig.say(.result(Rig.report(99))) == [])
    }
}

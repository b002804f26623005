import Basics
import Coordination
import Messaging
import Sweeps
import Testing

@Suite("Steering")
struct SteeringTests {
    static func ask(
        _ rig: inout Rig, _ verb: SteeringVerb, _ tasks: [Int], namesCondition: Bool = true
    ) -> [Said] {
        rig.tell(
            .asked(
                .steer(verb, taskIndices: tasks, namesCondition: namesCondition, reason: "why"), number: 1))
    }

    static func write(_ verb: SteeringVerb, _ tasks: [Int]) -> Said {
        .store(.steered(verb, tasks.map(Rig.id), reason: "why"))
    }

    @Test("a paused task is passed over, and handed out once it is released")
    func pause() {
        var rig = Rig()
        #expect(Self.ask(&rig, .pause, [0]) == [Self.write(.pause, [0])])
        #expect(rig.commit() == [.answer(.steered(1))])
        #expect(rig.join("alice") == [.welcome(), .start(1)])
        _ = rig.commit()
        _ = rig.say(.result(Rig.report(1)))
        _ = rig.commit()
        #expect(rig.coordinator.picture.counts.paused == 1)
        #expect(Self.ask(&rig, .unpause, [0, 1]) == [Self.write(.unpause, [0]), .start(0)])
    }

    @Test("the user is answered when the wish is durable, and at once where nothing is touched")
    func answers() {
        var rig = Rig()
        #expect(Self.ask(&rig, .unpause, [0, 1]) == [.answer(.steered(0))])
        #expect(Self.ask(&rig, .pause, [0, 1, 7]) == [Self.write(.pause, [0, 1])])
        #expect(rig.commit() == [.answer(.steered(2))])
    }

    @Test("a paused task that runs finishes, but is not handed out again when it is lost")
    func pauseRunning() {
        var rig = Rig(Rig.tasks(1))
        _ = rig.join("alice")
        _ = rig.commit()
        _ = Self.ask(&rig, .pause, [0])
        _ = rig.commit()
        #expect(rig.coordinator.picture.counts.held == 1)
        #expect(rig.say(.release([Rig.assignment(0)], .drained)).contains { $0 == .start(0, 2) } == false)
        #expect(rig.coordinator.picture.counts.paused == 1)
    }

    @Test("a sweep whose tasks were paused while it runs waits for them")
    func waitsForPaused() {
        var limits = Coordinator.Limits.standard
        limits.leavesPausedTasks = true
        var rig = Rig(Rig.tasks(2), limits: limits)
        _ = rig.join("alice")
        _ = rig.commit()
        _ = Self.ask(&rig, .pause, [1])
        _ = rig.say(.result(Rig.report(0)))
        let said = rig.commit()
        #expect(!said.contains { if case .finished = $0 { true } else { false } })
    }

    @Test("tasks that were paused before the start are left alone where that is wished")
    func leavesPaused() {
        var limits = Coordinator.Limits.standard
        limits.leavesPausedTasks = true
        var standings = Rig.tasks(2)
        standings[1].hold = .paused
        var rig = Rig(standings, limits: limits)
        _ = rig.join("alice")
        _ = rig.commit()
        _ = rig.say(.result(Rig.report(0)))
        let said = rig.commit()
        #expect(
            said.contains {
                if case .finished(let summary) = $0 { summary.counts.paused == 1 } else { false }
            })
    }

    @Test("a cancelled task is taken from its worker, which goes on with another")
    func cancelRunning() {
        var rig = Rig()
        _ = rig.join("alice")
        _ = rig.commit()
        #expect(
            Self.ask(&rig, .cancel, [0])
                == [
                    .send(.revoke(Rig.assignment(0)), to: Rig.alice), Self.write(.cancel, [0]), .start(1),
                ])
        #expect(rig.coordinator.picture.counts.cancelled == 1)
    }

    @Test("a worker that did not hear of a cancellation is told again")
    func cancelledIsRevoked() {
        var rig = Rig(Rig.tasks(2))
        _ = rig.join("alice")
        _ = rig.commit()
        _ = Self.ask(&rig, .cancel, [0, 1])
        #expect(
            rig.beat(active: [Rig.assignment(0)]).first == .send(.revoke(Rig.assignment(0)), to: Rig.alice))
    }

    @Test("a result that was under way when its task was cancelled is kept")
    func cancelledResult() {
        var rig = Rig(Rig.tasks(2))
        _ = rig.join("alice")
        _ = rig.commit()
        _ = Self.ask(&rig, .cancel, [0])
        _ = rig.say(.result(Rig.report(0)))
        _ = rig.commit()
        #expect(rig.coordinator.picture.counts.done == 1)
        #expect(rig.coordinator.picture.counts.cancelled == 0)
    }

    @Test("a failure that comes after the cancellation changes nothing")
    func cancelledFailure() {
        var rig = Rig(Rig.tasks(1))
        _ = rig.join("alice")
        _ = rig.commit()
        _ = Self.ask(&rig, .cancel, [0])
        _ = rig.say(.failure(Rig.failure(0, 1, .crash)))
        #expect(rig.coordinator.picture.counts.cancelled == 1)
    }

    @Test("a sweep of which the rest is cancelled ends")
    func cancelEnds() {
        var rig = Rig(Rig.tasks(2))
        _ = Self.ask(&rig, .cancel, [0, 1])
        let said = rig.commit()
        #expect(
            said.contains {
                if case .finished(let summary) = $0 { summary.counts.cancelled == 2 } else { false }
            })
    }

    @Test("a failed task that is retried has a clean record, and its next attempt number")
    func retry() {
        var standings =
            Rig.tasks(1) + [TaskStanding(id: Rig.id(1), attempts: 3, failureCount: 3, state: .failed(.crash))]
        standings[0].hold = .paused
        var rig = Rig(standings)
        _ = rig.join("alice")
        #expect(Self.ask(&rig, .retry, [0, 1]) == [Self.write(.retry, [1]), .start(1, 4)])
        #expect(rig.coordinator.picture.failures.isEmpty)
    }

    @Test("cancelled tasks come back only when they are asked for by that word")
    func retryCancelled() {
        var standings = Rig.tasks(1)
        standings[0].hold = .cancelled
        standings.append(TaskStanding(id: Rig.id(1)))
        var rig = Rig(standings)
        #expect(Self.ask(&rig, .retry, [0], namesCondition: false) == [.answer(.steered(0))])
        #expect(Self.ask(&rig, .retry, [0]) == [Self.write(.retry, [0])])
    }

    @Test(
        "a task that ran when it was cancelled, and the coordinator with it, is not handed to its worker again"
    )
    func cancelledBeforeRestart() {
        let standing = TaskStanding(
            id: Rig.id(0), attempts: 1, state: .running(worker: "alice"), hold: .cancelled)
        var rig = Rig([standing, TaskStanding(id: Rig.id(1))])
        let holdings = Holdings(active: [ActiveAttempt(Rig.assignment(0), progress: nil)])
        let said = rig.join("alice", holdings: holdings)
        #expect(said.first == .welcome([HeldVerdict(Rig.assignment(0), .drop)]))
    }

    @Test("a dismissed worker keeps what it trains, gets nothing more and is told to leave until it does")
    func dismiss() {
        var rig = Rig()
        _ = rig.join("alice", capacity: 2)
        _ = rig.commit()
        let said = rig.tell(.asked(.dismiss("alice"), number: 1))
        #expect(said == [.send(.leave, to: Rig.alice), .answer(.dismissed(["alice"]))])
        #expect(rig.beat(active: [Rig.assignment(0)], capacity: 2) == [.send(.leave, to: Rig.alice)])
        #expect(rig.coordinator.picture.workers.first?.isDismissed == true)
    }

    @Test("a host's name means all its workers, and an unknown name nobody")
    func dismissHost() {
        var rig = Rig()
        _ = rig.join("alice")
        _ = rig.join("bob", from: Rig.bob)
        #expect(rig.tell(.asked(.dismiss("carol"), number: 1)) == [.answer(.dismissed([]))])
        let said = rig.tell(.asked(.dismiss("node1"), number: 2))
        #expect(said.last == .answer(.dismissed(["alice", "bob"])))
    }

    @Test("a new process under a dismissed worker's name is welcome")
    func dismissedComesBack() {
        var rig = Rig()
        _ = rig.join("alice")
        _ = rig.tell(.asked(.dismiss("alice"), number: 1))
        _ = rig.join("alice", from: Rig.bob, processID: 2)
        #expect(rig.coordinator.picture.workers.first?.isDismissed == false)
    }
}

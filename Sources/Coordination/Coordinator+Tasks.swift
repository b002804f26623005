import Basics
import Messaging
import Sweeps

extension Coordinator {
    // MARK: - Whose a task is

    /// Enters in both books that a worker has a task.
    mutating func hold(_ index: Int, at place: Int, sentSequence: UInt64?) {
        tasks.move(index, to: .held(by: place))
        workers[place].holding.append(
            WorkerBook.HeldTask(taskIndex: index, attempt: tasks[index].attempts, sentSequence: sentSequence))
    }

    /// Strikes a task from the worker's book only.
    mutating func drop(_ index: Int, from place: Int) {
        if let position = workers[place].holdingIndex(of: index) {
            workers[place].holding.remove(at: position)
        }
        noteReady(place)
    }

    /// The worker does not have the task any more, or is gone: the task waits again, at nobody's fault.
    ///
    /// The attempt stays open. Until the next one starts, its worker may still come back with it.
    mutating func lose(_ index: Int, from place: Int) {
        effects.append(.log(.attemptLost(tasks.assignment(index), worker: workers[place].name)))
        drop(index, from: place)
        tasks.move(index, to: .waiting)
    }

    /// The worker gives back what it did not finish.
    mutating func takeBack(_ assignments: [Assignment], _ failureClass: FailureClass, from place: Int) {
        for assignment in assignments {
            guard let index = tasks.index(of: assignment.task), tasks.assignment(index) == assignment,
                tasks[index].state == .held(by: place)
            else { continue }
            tasks[index].attemptIsOpen = false
            drop(index, from: place)
            tasks.move(index, to: .waiting)
            guard let description = workers[place].description else { continue }
            let report = FailureReport(
                assignment: assignment, failureClass: failureClass, message: "given back")
            write(.attemptEnded(report, worker: description, isFinal: false), then: .nothing)
        }
    }

    // MARK: - Results

    /// Keeps the first complete result of a task, whichever attempt gave it, and compares every later one with it.
    mutating func receiveResult(_ report: ResultReport, from place: Int) {
        guard let index = tasks.index(of: report.assignment.task),
            let description = workers[place].description
        else { return }
        switch tasks[index].state {
        case .done(let recorded):
            compare(report.assignment, report.contentHash, with: recorded, index, from: place)
        case .recording:
            // Acknowledged, or compared, once the first one is durable: the worker sends it again.
            break
        case .waiting, .held, .failed:
            strikeHolder(of: index, except: report.assignment, from: place)
            if case .failed(let failureClass) = tasks[index].state { failuresByClass[failureClass]? -= 1 }
            tasks[index].resultAttempt = report.assignment.attempt
            tasks[index].attemptIsOpen = false
            tasks.move(index, to: .recording(report.contentHash))
            noteSpeed(of: report, index, place)
            hosts.noteResult(of: index, on: description.host)
            workers[place].resultCount += 1
            workers[place].takeoverCount = 0
            let name = workers[place].name
            write(
                .result(report, worker: description),
                then: .acknowledgeResult(taskIndex: index, report.assignment, worker: name))
            if limits.mutation == .acknowledgeBeforeCommit {
                send(.resultAck(report.assignment, .recorded), to: place)
            }
        }
        noteReady(place)
    }

    /// Takes a task that has its result from whoever holds it, and stops another attempt.
    private mutating func strikeHolder(of index: Int, except assignment: Assignment, from place: Int) {
        guard case .held(let holder) = tasks[index].state else { return }
        drop(index, from: holder)
        if holder != place || assignment != tasks.assignment(index) {
            send(.revoke(tasks.assignment(index)), to: holder)
        }
    }

    /// Compares a result with the one its task has: the same bytes confirm it, others raise the alarm.
    ///
    /// The first one stays either way.
    private mutating func compare(
        _ assignment: Assignment, _ received: ContentHash, with recorded: ContentHash, _ index: Int,
        from place: Int
    ) {
        guard received != recorded else {
            send(.resultAck(assignment, .duplicate), to: place)
            confirmDuplicate(assignment, index, from: place)
            return
        }
        send(.resultAck(assignment, .disagreement), to: place)
        disagreementCount += 1
        let name = workers[place].name
        effects.append(
            .log(.nondeterminism(assignment, recorded: recorded, received: received, worker: name)))
        guard let description = workers[place].description else { return }
        write(
            .disagreement(assignment, recorded: recorded, received: received, worker: description),
            then: .nothing)
    }

    /// Counts a second attempt that gave the same bytes.
    ///
    /// The same attempt again only means that an acknowledgement was lost.
    private mutating func confirmDuplicate(_ assignment: Assignment, _ index: Int, from place: Int) {
        let first = tasks[index].resultAttempt
        guard first != 0, first != assignment.attempt else { return }
        duplicateCount += 1
        effects.append(.log(.duplicateConfirmed(assignment, worker: workers[place].name)))
    }

    // MARK: - Failures

    mutating func receiveFailure(_ report: FailureReport, from place: Int) {
        let assignment = report.assignment
        guard let index = tasks.index(of: assignment.task), let description = workers[place].description
        else { return }
        guard tasks.assignment(index) == assignment || limits.mutation == .skipFence,
            tasks[index].attemptIsOpen, canFail(index, from: place)
        else {
            if !isPending(assignment.task) { send(.resultAck(assignment, .superseded), to: place) }
            return
        }
        if case .held(let holder) = tasks[index].state { drop(index, from: holder) }
        tasks[index].attemptIsOpen = false
        if report.failureClass.countsAgainstTask { tasks[index].failureCount += 1 }
        if report.failureClass.mayBeOfHost {
            hosts.noteFailure(of: index, on: description.host, report.failureClass)
            reviewHosts()
        }
        let isFinal = !report.failureClass.isRetryable || isSpent(index)
        if isFinal { hosts.forget(index) }
        tasks.move(index, to: isFinal ? .failed(report.failureClass) : .waiting)
        let name = workers[place].name
        effects.append(.log(.attemptFailed(report, worker: name, isFinal: isFinal)))
        write(
            .attemptEnded(report, worker: description, isFinal: isFinal),
            then: .acknowledgeFailure(assignment, worker: name))
        if isFinal { countFailedTask(report.failureClass) }
        noteReady(place)
    }

    /// Only the worker that holds the attempt may fail it, or anybody's that was believed lost.
    private func canFail(_ index: Int, from place: Int) -> Bool {
        switch tasks[index].state {
        case .held(let holder): holder == place || limits.mutation == .skipFence
        case .waiting: true
        case .recording, .done, .failed: false
        }
    }

    private mutating func countFailedTask(_ failureClass: FailureClass) {
        failuresByClass[failureClass, default: 0] += 1
        failedSinceStart += 1
        guard let max = limits.failedTasksMax, failedSinceStart > max, mode == .working || mode == .paused
        else { return }
        effects.append(.log(.tooManyFailures(failedSinceStart)))
        drain(.tooManyFailures)
    }

    // MARK: - Reports in outboxes

    /// What shall become of a report that a worker holds, when it introduces itself.
    mutating func verdict(on ended: EndedAttempt, from place: Int) -> HeldVerdict.Verdict {
        guard let index = tasks.index(of: ended.assignment.task) else { return .foreign }
        switch tasks[index].state {
        case .recording: return .keep
        case .done(let recorded):
            guard let hash = ended.contentHash else { return .forget }
            guard hash == recorded else { return .sendReport }
            confirmDuplicate(ended.assignment, index, from: place)
            return .forget
        case .waiting, .held, .failed:
            expect(ended, index, from: place)
            if ended.contentHash != nil { return .sendReport }
            if isPending(ended.assignment.task) { return .keep }
            return tasks.assignment(index) == ended.assignment && tasks[index].attemptIsOpen
                ? .sendReport : .forget
        }
    }

    /// Keeps a task that was believed lost from being handed out while the report of its attempt is on the way.
    private mutating func expect(_ ended: EndedAttempt, _ index: Int, from place: Int) {
        guard tasks[index].state == .waiting, tasks[index].attemptIsOpen,
            tasks.assignment(index) == ended.assignment
        else { return }
        hold(index, at: place, sentSequence: 0)
    }

    /// Acknowledges a report that a heartbeat lists and that is settled: its acknowledgement was lost.
    mutating func settle(_ ended: EndedAttempt, from place: Int) {
        guard let index = tasks.index(of: ended.assignment.task) else { return }
        switch (tasks[index].state, ended.contentHash) {
        case (.done(let recorded), let hash?) where hash == recorded:
            compare(ended.assignment, hash, with: recorded, index, from: place)
        case (.done, nil): send(.resultAck(ended.assignment, .superseded), to: place)
        case (.waiting, _): expect(ended, index, from: place)
        default: break
        }
    }
}

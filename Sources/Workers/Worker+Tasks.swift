import Basics
import Messaging
import Sweeps

extension Worker {
    mutating func take(_ orders: [TaskOrder], _ header: MessageHeader, at time: Instant) {
        guard link == .welcomed, header.sequence > taskSequenceSeen else { return }
        taskSequenceSeen = header.sequence
        for order in orders { take(order, at: time) }
    }

    private mutating func take(_ order: TaskOrder, at time: Instant) {
        let task = order.assignment.task
        if let index = active.firstIndex(where: { $0.order.assignment.task == task }) {
            // The coordinator believed the older attempt lost. Training is the same: go on under the new number.
            if order.assignment.attempt > active[index].order.assignment.attempt {
                active[index].order = order
            }
            return
        }
        // Its result is on the way already, and the first one counts.
        if outbox.contains(where: { $0.report.assignment.task == task && $0.report.contentHash != nil }) {
            return
        }
        guard outboxIndex(order.assignment) == nil else { return }
        guard leaving == nil, active.count < prefetch.heldMax else {
            send(.release([order.assignment], .drained))
            return
        }
        guard TaskID(of: order.configuration) == task else {
            let text =
                "the configuration of \(task) has another id here: "
                + "coordinator and worker compute differently; install the same version on both"
            keep(
                .failure(
                    FailureReport(
                        assignment: order.assignment, failureClass: .invalidConfiguration, message: text)),
                at: time)
            return
        }
        active.append(HeldTask(order: order))
        startNext(at: time)
    }

    /// Starts the first task, or fetches what it goes on from.
    private mutating func startNext(at time: Instant) {
        guard let first = active.first, first.startedAs == nil, first.fetch == nil, leaving?.deadline == nil
        else { return }
        upload = nil
        guard !first.hasFetched, !first.order.checkpoints.isEmpty, limits.carriesCheckpoints else {
            startFirst(with: nil)
            active[0].startedAt = time
            return
        }
        active[0].fetch = Fetch(
            epochs: first.order.checkpoints, assembly: nil, askedAt: nil, heardAt: time)
        fetchCheckpoint(at: time)
    }

    mutating func startFirst(with checkpoint: [UInt8]?) {
        let order = active[0].order
        active[0].startedAs = order.assignment
        // Of tasks that end faster than anybody reads, what became of them says enough.
        if !prefetch.takesLess(than: limits.logBelow) { effects.append(.log(.started(order.assignment))) }
        effects.append(.startTask(order, checkpoint: checkpoint))
    }

    mutating func note(_ progress: TaskProgress, of assignment: Assignment, at time: Instant) {
        guard active.first?.startedAs == assignment else { return }
        active[0].progress = progress
        active[0].hasNewProgress = true
        sendProgress(at: time)
    }

    /// Takes the trainer's report, after the next task has been started.
    mutating func end(_ report: AttemptReport, at time: Instant) {
        guard let first = active.first, first.startedAs == report.assignment else { return }
        active.removeFirst()
        upload = nil
        if case .result(let result) = report { prefetch.note(result.elapsed) }
        // Before the report is on the disk, which may take as long as a few hundredths of a second of training.
        startNext(at: time)
        switch report {
        case .result(let result):
            keep(fitting(result, as: first.order.assignment), at: time)
        case .failure(let failure):
            keep(
                .failure(
                    FailureReport(
                        assignment: first.order.assignment, failureClass: failure.failureClass,
                        message: failure.message)), at: time)
        }
        if capacity != capacityReported { sendHeartbeat(at: time) }
    }

    /// The result under its newest assignment, or a failure where no message can carry it.
    private func fitting(_ result: ResultReport, as assignment: Assignment) -> AttemptReport {
        guard result.bytes.count > limits.resultBytesMax else {
            return .result(
                ResultReport(
                    assignment: assignment, contentHash: result.contentHash, bytes: result.bytes,
                    elapsed: result.elapsed))
        }
        let text =
            "the result has \(result.bytes.count) bytes and a message carries \(limits.resultBytesMax): "
            + "measure fewer epochs or fewer layer values"
        return .failure(
            FailureReport(assignment: assignment, failureClass: .invalidConfiguration, message: text))
    }

    /// Puts a report into the outbox, where it stays until it is acknowledged, and sends it.
    private mutating func keep(_ report: AttemptReport, at time: Instant) {
        effects.append(.keepInOutbox(report))
        outbox.append(OutboxEntry(report: report, sentAt: nil))
        deliverReports(at: time)
    }

    func outboxIndex(_ assignment: Assignment) -> Int? {
        outbox.firstIndex { $0.report.assignment == assignment }
    }

    /// The coordinator has the report, or does not need it.
    mutating func forget(_ assignment: Assignment, _ disposition: Disposition) {
        guard let index = outboxIndex(assignment) else { return }
        outbox.remove(at: index)
        effects.append(.removeFromOutbox([assignment]))
        effects.append(.log(.acknowledged(assignment, disposition)))
    }

    /// The coordinator has recorded these reports.
    mutating func forget(recorded assignments: [Assignment]) {
        let known = assignments.filter { assignment in
            guard let index = outboxIndex(assignment) else { return false }
            outbox.remove(at: index)
            return true
        }
        guard !known.isEmpty else { return }
        effects.append(.removeFromOutbox(known))
        effects += known.map { .log(.acknowledged($0, .recorded)) }
    }

    /// Keeps a report of another sweep on disk and speaks of it no more.
    mutating func setAside(_ assignment: Assignment) {
        guard let index = outboxIndex(assignment) else { return }
        outbox.remove(at: index)
        effects.append(.log(.setAside(assignment)))
    }

    /// Stops an attempt that is not this worker's any more.
    mutating func cancel(_ assignment: Assignment, at time: Instant) {
        guard let index = active.firstIndex(where: { $0.order.assignment == assignment }) else { return }
        if index == 0 { upload = nil }
        stopTraining(active.remove(at: index))
        startNext(at: time)
    }

    private mutating func stopTraining(_ held: HeldTask) {
        guard let startedAs = held.startedAs, !held.hasStopped else { return }
        effects.append(.log(.cancelled(startedAs)))
        effects.append(.cancelTask(startedAs))
    }

    /// Gives back, unfinished, what the predicate picks.
    mutating func giveBack(_ isGivenBack: (HeldTask) -> Bool) {
        let released = active.filter(isGivenBack)
        guard !released.isEmpty else { return }
        active.removeAll(where: isGivenBack)
        for held in released { stopTraining(held) }
        send(.release(released.map(\.order.assignment), .drained))
    }

    // MARK: - Leaving

    /// Finishes what is in training and then leaves.
    mutating func drain(at time: Instant) {
        guard leaving == nil else { return }
        leaving = Leaving(exit: .commanded)
        giveBack { $0.startedAs == nil }
        sendHeartbeat(at: time)
    }

    /// Gives everything back, and leaves as soon as the outbox is empty.
    mutating func leave(_ exit: Exit, at time: Instant) {
        guard leaving?.deadline == nil else { return }
        leaving = Leaving(exit: exit, deadline: time + limits.leaveGrace)
        giveBack { _ in true }
    }

    mutating func leaveIfReady(at time: Instant) {
        guard !hasExited, let leaving, active.isEmpty else { return }
        let deadline = leaving.deadline ?? time + limits.leaveGrace
        self.leaving?.deadline = deadline
        guard outbox.isEmpty || time >= deadline else { return }
        if link == .welcomed { send(.goodbye) }
        exit(leaving.exit)
    }

    mutating func exit(_ reason: Exit) {
        if let first = active.first { stopTraining(first) }
        active = []
        hasExited = true
        effects.append(.exit(reason))
    }
}

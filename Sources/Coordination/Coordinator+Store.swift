import Basics
import Messaging
import Sweeps

extension Coordinator {
    /// Asks for a durable write and remembers what follows it.
    mutating func write(_ write: StoreWrite, then next: PendingWrite.Next) {
        sequenceRequested += 1
        pending.append(PendingWrite(sequence: sequenceRequested, write: write, next: next))
        // While the store fails, everything that waits is asked for again together.
        if storeProblem == nil { effects.append(.store(write, sequence: sequenceRequested)) }
    }

    /// Does what waited for writes that are durable now.
    mutating func confirm(through sequence: UInt64) {
        precondition(
            sequence <= sequenceRequested,
            "write \(sequence) was never asked for, the last was \(sequenceRequested)")
        guard sequence > sequenceStored else { return }
        sequenceStored = sequence
        if storeProblem != nil {
            storeProblem = nil
            effects.append(.log(.storeRecovered))
            // What was written since the last attempt has not been asked for yet; the rest is dropped as known.
            for write in pending.all where write.sequence > sequence {
                effects.append(.store(write.write, sequence: write.sequence))
            }
        }
        var orders: [Orders] = []
        var acknowledged: [(place: Int, assignments: [Assignment])] = []
        while let first = pending.first, first.sequence <= sequence {
            _ = pending.popFirst()
            switch first.next {
            case .nothing: break
            case .dispatch(let index, let attempt): gather(index, attempt: attempt, in: &orders)
            case .acknowledgeResult(let index, let assignment, let worker):
                if case .recording(let hash) = tasks[index].state { tasks.move(index, to: .done(hash)) }
                forgetCheckpoints(of: index)
                gather(assignment, worker, in: &acknowledged)
            case .acknowledgeFailure(let assignment, let worker):
                gather(assignment, worker, in: &acknowledged)
            case .answer(let answer, let number): effects.append(.answer(answer, to: number))
            }
        }
        // One message a worker for all that became durable together: each costs a system call and two ciphers.
        dispatch(orders)
        for (place, assignments) in acknowledged {
            send(
                assignments.count == 1
                    ? .resultAck(assignments[0], .recorded) : .resultsAck(assignments), to: place)
        }
    }

    /// Most reports acknowledged in one message.
    private static let acknowledgedMax = 256

    private func gather(
        _ assignment: Assignment, _ worker: String,
        in acknowledged: inout [(place: Int, assignments: [Assignment])]
    ) {
        guard let place = workers.place(named: worker) else { return }
        let last = acknowledged.lastIndex { $0.place == place }
        if let last, acknowledged[last].assignments.count < Coordinator.acknowledgedMax {
            acknowledged[last].assignments.append(assignment)
        } else {
            acknowledged.append((place, [assignment]))
        }
    }

    /// Holds everything back until the store works again.
    mutating func suspendStore(_ reason: String, at time: Instant) {
        if storeProblem == nil { effects.append(.log(.storeFailing(reason))) }
        storeProblem = StoreProblem(reason: reason, retryAt: time + limits.storeRetryInterval)
    }

    /// Asks again for all writes that are not confirmed, in their order.
    mutating func retryStore(at time: Instant) {
        guard let problem = storeProblem, problem.retryAt <= time else { return }
        storeProblem?.retryAt = time + limits.storeRetryInterval
        for write in pending.all { effects.append(.store(write.write, sequence: write.sequence)) }
    }

    /// Whether anything about a task waits to become durable.
    ///
    /// - Complexity: Linear in the writes under way; asked only for reports that come late or again.
    func isPending(_ task: TaskID) -> Bool {
        pending.all.contains { pending in
            if case .steered(_, let tasks, _) = pending.write { return tasks.contains(task) }
            return pending.write.assignment?.task == task
        }
    }

    /// Ends the sweep once nothing is left to do and all of it is durable.
    mutating func endIfFinished() {
        guard !hasEnded, pending.isEmpty else { return }
        let counts = tasks.counts
        switch mode {
        case .working, .paused:
            guard counts.waiting == 0, counts.held == 0, counts.recording == 0 else { return }
            guard counts.paused == 0 || limits.leavesPausedTasks && !awaitsPaused else { return }
            sendToAll(.shutdown)
        case .draining:
            guard counts.held == 0, counts.recording == 0 else { return }
            if counts.waiting == 0, counts.paused == 0, endReason == .drained { endReason = .completed }
            sendToAll(.shutdown)
        case .ended: break
        }
        mode = .ended
        hasEnded = true
        effects.append(
            .finished(
                Summary(
                    reason: endReason, counts: counts, duplicateCount: duplicateCount,
                    disagreementCount: disagreementCount)))
    }
}

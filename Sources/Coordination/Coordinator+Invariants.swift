import Messaging
import Sweeps

extension Coordinator {
    /// Stops the program where the books do not balance; a few comparisons, after every event.
    func checkInvariants() {
        precondition(
            tasks.counts.total == tasks.taskCount, "\(tasks.counts) do not add up to \(tasks.taskCount) tasks"
        )
        precondition(
            sequenceStored + UInt64(pending.count) == sequenceRequested,
            "\(pending.count) writes wait between \(sequenceStored) and \(sequenceRequested)")
        precondition(
            pending.first.map { $0.sequence == sequenceStored + 1 } ?? true,
            "the oldest write waiting is not number \(sequenceStored + 1)")
        precondition(workers.connectedCount <= workers.count, "more sessions than workers")
    }

    /// Compares the books entry by entry: for simulators and tests.
    ///
    /// - Complexity: Linear in tasks, workers and pending writes.
    package func checkAllInvariants() {
        checkInvariants()
        tasks.checkCounts()
        var heldCount = 0
        for place in workers.places {
            let worker = workers[place]
            heldCount += worker.holding.count
            for held in worker.holding {
                let record = tasks[held.taskIndex]
                precondition(
                    record.state == .held(by: place), "\(worker.name) holds \(record.id), \(record.state)")
                precondition(
                    record.attempts == held.attempt, "\(worker.name) holds an old attempt of \(record.id)")
                precondition(record.attemptIsOpen, "\(worker.name) holds a closed attempt of \(record.id)")
            }
            if let session = worker.session {
                precondition(
                    workers.place(of: session.id) == place, "\(worker.name) is not where its session is")
                precondition(session.capacity <= limits.capacityMax, "\(worker.name) was promised too much")
            }
        }
        // With the states checked above this also says that no task is held twice.
        precondition(
            heldCount == tasks.counts.held, "\(heldCount) tasks in hands, \(tasks.counts.held) in the books")
        let recordingCount = pending.all.filter { if case .result = $0.write { true } else { false } }.count
        precondition(
            recordingCount == tasks.counts.recording,
            "\(recordingCount) results under way, \(tasks.counts.recording) in the books")
    }
}

import Basics
import Messaging
import Sweeps

extension Coordinator {
    /// A checkpoint on its way from a worker.
    struct Transfer: Sendable {
        let taskIndex: Int
        let attempt: UInt32
        let place: Int
        /// Tells the worker from another in the same place.
        let stamp: UInt64
        /// Without its bytes once they were handed on.
        var assembly: CheckpointAssembly
        var askedAt: Instant
        var heardAt: Instant
        /// It is whole, and on its way to the disk.
        var isStoring = false
    }

    // MARK: - From workers

    /// Decides whether a checkpoint is wanted, and asks for its first piece, or for the next where one was lost.
    mutating func receiveOffer(
        _ seal: CheckpointSeal, of assignment: Assignment, from place: Int, at time: Instant
    ) {
        guard let index = currentIndex(of: assignment, at: place) else { return }
        guard seal.byteCount <= limits.checkpointBytesMax else {
            return send(.checkpointTaken(assignment, epoch: seal.epoch, isKept: false), to: place)
        }
        guard seal.epoch > tasks[index].checkpointEpoch else {
            return send(.checkpointTaken(assignment, epoch: seal.epoch, isKept: true), to: place)
        }
        if let number = transfers.firstIndex(where: { $0.taskIndex == index }) {
            guard !transfers[number].isStoring else { return }
            if transfers[number].assembly.seal == seal, transfers[number].attempt == assignment.attempt,
                transfers[number].stamp == workers[place].stamp
            {
                // A piece was lost, or its request: the worker offers again what has stood still.
                if time - transfers[number].askedAt >= limits.heartbeatInterval {
                    askForPiece(number, at: time)
                }
                return
            }
            // The worker has a newer one, or somebody else has the task now.
            transfers.remove(at: number)
        }
        // Whoever finds no room here offers again at the next heartbeat.
        guard transfers.count < limits.transfersMax,
            transfers.reduce(seal.byteCount, { $0 + $1.assembly.seal.byteCount }) <= limits.transferBytesMax
        else { return }
        transfers.append(
            Transfer(
                taskIndex: index, attempt: assignment.attempt, place: place, stamp: workers[place].stamp,
                assembly: CheckpointAssembly(seal), askedAt: time, heardAt: time))
        askForPiece(transfers.count - 1, at: time)
    }

    private mutating func askForPiece(_ number: Int, at time: Instant) {
        transfers[number].askedAt = time
        let transfer = transfers[number]
        send(
            .checkpointWanted(
                CheckpointRequest(
                    Assignment(task: tasks[transfer.taskIndex].id, attempt: transfer.attempt),
                    epoch: transfer.assembly.seal.epoch, offset: transfer.assembly.bytes.count)),
            to: transfer.place)
    }

    mutating func receivePiece(_ chunk: CheckpointChunk, from place: Int, at time: Instant) {
        guard let index = currentIndex(of: chunk.assignment, at: place),
            let number = transfers.firstIndex(where: { $0.taskIndex == index }),
            transfers[number].attempt == chunk.assignment.attempt,
            transfers[number].stamp == workers[place].stamp, !transfers[number].isStoring,
            transfers[number].assembly.add(chunk)
        else { return }
        transfers[number].heardAt = time
        guard transfers[number].assembly.isComplete else { return askForPiece(number, at: time) }
        if limits.mutation == .takeCheckpointBeforeItIsKept {
            send(.checkpointTaken(chunk.assignment, epoch: chunk.seal.epoch, isKept: true), to: place)
        }
        transfers[number].isStoring = true
        // The caller checks the hash: on this thread it would keep others waiting.
        let assembly = transfers[number].assembly
        transfers[number].assembly = CheckpointAssembly(assembly.seal)
        effects.append(.keepCheckpoint(assembly, of: chunk.assignment, taskIndex: index))
    }

    /// The checkpoint is on the disk, or could not be kept.
    mutating func checkpointIsStored(_ assignment: Assignment, epoch: Int, problem: String?) {
        guard let index = tasks.index(of: assignment.task),
            let number = transfers.firstIndex(where: { $0.taskIndex == index && $0.isStoring })
        else { return }
        let transfer = transfers.remove(at: number)
        if let problem {
            effects.append(.log(.checkpointNotKept(assignment, problem)))
        } else {
            tasks[index].checkpointEpoch = max(tasks[index].checkpointEpoch, epoch)
        }
        guard workers.isInUse(transfer.place), workers[transfer.place].stamp == transfer.stamp else { return }
        send(.checkpointTaken(assignment, epoch: epoch, isKept: problem == nil), to: transfer.place)
    }

    /// Forgets what does not come any more, because its worker is gone or its attempt was lost.
    mutating func dropTransfers(at time: Instant) {
        transfers.removeAll { transfer in
            guard !transfer.isStoring else { return false }
            return time - transfer.heardAt >= limits.lease
                || tasks[transfer.taskIndex].state != .held(by: transfer.place)
                || tasks[transfer.taskIndex].attempts != transfer.attempt
        }
    }

    // MARK: - To workers

    /// Has a piece read for a worker that goes on with a task; one at a time for each worker.
    mutating func receiveRequest(_ request: CheckpointRequest, from place: Int, at time: Instant) {
        guard let index = currentIndex(of: request.assignment, at: place),
            let session = workers[place].session, !session.isReading
        else { return }
        workers[place].session?.isReading = true
        effects.append(.readCheckpoint(request, taskIndex: index, for: session.id))
    }

    mutating func sendPiece(_ chunk: CheckpointChunk?, of request: CheckpointRequest, to session: SessionID) {
        guard let place = workers.place(of: session) else { return }
        workers[place].session?.isReading = false
        guard let index = currentIndex(of: request.assignment, at: place) else { return }
        // Whoever trains those epochs again shall bring them here again.
        if chunk == nil, tasks[index].checkpointEpoch == request.epoch { tasks[index].checkpointEpoch = -1 }
        send(
            chunk.map { .checkpointChunk($0) }
                ?? .checkpointGone(request.assignment, epoch: request.epoch), to: place)
    }

    /// The index of a task that a worker holds under its newest attempt: all others are fenced off.
    private func currentIndex(of assignment: Assignment, at place: Int) -> Int? {
        guard let index = tasks.index(of: assignment.task),
            tasks.assignment(index) == assignment || limits.mutation == .skipFence,
            tasks[index].state == .held(by: place) || limits.mutation == .skipFence
        else { return nil }
        return index
    }

    /// The task has its result: nobody will go on with it.
    mutating func forgetCheckpoints(of index: Int) {
        guard tasks[index].attempts > 1 || tasks[index].checkpointEpoch >= 0 else { return }
        effects.append(.forgetCheckpoints(taskIndex: index))
    }
}

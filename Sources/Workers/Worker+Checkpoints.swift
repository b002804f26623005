import Basics
import Messaging
import Sweeps

extension Worker {
    /// The newest state of the task in training, on its way to the coordinator.
    struct Upload: Sendable {
        let seal: CheckpointSeal
        let bytes: [UInt8]
        /// When it was offered, or a piece of it was last asked for; `nil` when it was not offered in this session.
        var offeredAt: Instant?
    }

    /// The state of an earlier attempt, on its way here.
    struct Fetch: Sendable {
        /// After which epochs there may be one, newest first; the first is asked for.
        var epochs: [Int]
        var assembly: CheckpointAssembly?
        /// When a piece was last asked for; `nil` when it was not in this session.
        var askedAt: Instant?
        /// When the last piece came, or the first was asked for.
        var heardAt: Instant
    }

    // MARK: - To the coordinator

    /// Takes the newest checkpoint of what is in training; an older one that is still on its way is dropped.
    mutating func take(
        _ checkpoint: CheckpointSeal, _ bytes: [UInt8], of assignment: Assignment, at time: Instant
    ) {
        guard active.first?.startedAs == assignment, checkpoint.epoch > (upload?.seal.epoch ?? -1) else {
            return
        }
        guard bytes.count <= checkpointBytesMax else {
            if checkpointBytesMax > 0 { effects.append(.log(.checkpointTooLarge(assignment, bytes.count))) }
            return
        }
        upload = Upload(seal: checkpoint, bytes: bytes, offeredAt: nil)
        offerCheckpoint(at: time)
    }

    /// Offers the newest checkpoint, again where it has been still for a while.
    mutating func offerCheckpoint(at time: Instant) {
        guard link == .welcomed, let waiting = upload, let first = active.first else { return }
        if let offeredAt = waiting.offeredAt, time - offeredAt < heartbeatInterval { return }
        upload?.offeredAt = time
        send(.checkpoint(first.order.assignment, waiting.seal))
    }

    /// Sends a piece that the coordinator asked for.
    mutating func sendPiece(_ request: CheckpointRequest, at time: Instant) {
        guard let waiting = upload, active.first?.order.assignment == request.assignment,
            let chunk = CheckpointChunk(
                request, of: waiting.bytes, sealed: waiting.seal, byteCount: limits.checkpointChunkBytes)
        else { return }
        upload?.offeredAt = time
        send(.checkpointChunk(chunk))
    }

    /// The coordinator has the checkpoint, or does not want it.
    mutating func checkpointIsTaken(_ assignment: Assignment, epoch: Int, isKept: Bool) {
        guard let waiting = upload, active.first?.order.assignment == assignment, waiting.seal.epoch <= epoch
        else { return }
        upload = nil
        effects.append(
            isKept ? .checkpointIsSafe(assignment, epoch: epoch) : .log(.checkpointRefused(assignment)))
        releaseInterrupted()
    }

    // MARK: - From the coordinator

    /// Asks for the next piece of the first checkpoint that there may be, or for it again where it was lost.
    mutating func fetchCheckpoint(at time: Instant) {
        guard link == .welcomed, let fetch = active.first?.fetch,
            let assignment = active.first?.order.assignment,
            let epoch = fetch.epochs.first
        else { return }
        if let askedAt = fetch.askedAt, time - askedAt < heartbeatInterval { return }
        active[0].fetch?.askedAt = time
        send(
            .checkpointWanted(
                CheckpointRequest(assignment, epoch: epoch, offset: fetch.assembly?.bytes.count ?? 0)))
    }

    /// Gives up waiting for a coordinator that sends no piece: from the beginning is better than not at all.
    mutating func giveUpFetch(at time: Instant) {
        guard let fetch = active.first?.fetch, time - fetch.heardAt >= limits.fetchPatience else { return }
        active[0].fetch?.epochs = []
        startFetched(at: time)
    }

    mutating func takePiece(_ chunk: CheckpointChunk, at time: Instant) {
        guard let fetch = active.first?.fetch, active.first?.order.assignment == chunk.assignment,
            fetch.epochs.first == chunk.seal.epoch, chunk.seal.byteCount <= limits.checkpointBytesMax
        else { return }
        var assembly = fetch.assembly ?? CheckpointAssembly(chunk.seal)
        active[0].fetch?.assembly = nil
        // The coordinator has another one by that name now: begin again with it.
        if assembly.seal != chunk.seal { assembly = CheckpointAssembly(chunk.seal) }
        let isNext = assembly.add(chunk)
        active[0].fetch?.assembly = assembly
        if isNext { active[0].fetch?.heardAt = time }
        guard assembly.isComplete else {
            if isNext {
                active[0].fetch?.askedAt = nil
                fetchCheckpoint(at: time)
            }
            return
        }
        if assembly.isWhole {
            startFetched(assembly, at: time)
        } else {
            dropFetched(chunk.assignment, chunk.seal.epoch, at: time)
        }
    }

    /// Goes on with the one before, or with none.
    mutating func dropFetched(_ assignment: Assignment, _ epoch: Int, at time: Instant) {
        guard let fetch = active.first?.fetch, active.first?.order.assignment == assignment,
            fetch.epochs.first == epoch
        else { return }
        effects.append(.log(.checkpointLost(assignment, epoch: epoch)))
        let rest = Array(fetch.epochs.dropFirst())
        active[0].fetch = Fetch(epochs: rest, assembly: nil, askedAt: nil, heardAt: time)
        if rest.isEmpty { startFetched(at: time) } else { fetchCheckpoint(at: time) }
    }

    private mutating func startFetched(_ assembly: CheckpointAssembly? = nil, at time: Instant) {
        if assembly == nil, let first = active.first {
            effects.append(.log(.startsAnew(first.order.assignment)))
        }
        active[0].fetch = nil
        active[0].hasFetched = true
        active[0].startedAt = time
        startFirst(with: assembly?.bytes)
    }

    // MARK: - Handing back

    /// Stops at the end of the epoch, brings the state into safety, gives the task back and leaves.
    mutating func handBack(at time: Instant) {
        guard leaving?.deadline == nil, leaving?.handBackBy == nil else { return }
        leaving = Leaving(exit: .commanded, handBackBy: time + limits.handBackGrace)
        giveBack { $0.startedAs == nil }
        guard let startedAs = active.first?.startedAs else { return }
        effects.append(.interruptTask(startedAs))
        sendHeartbeat(at: time)
    }

    /// The trainer has stopped; its last checkpoint, if it made one, came before.
    mutating func noteInterrupted(_ assignment: Assignment) {
        guard active.first?.startedAs == assignment, leaving?.handBackBy != nil else { return }
        active[0].hasStopped = true
        releaseInterrupted()
    }

    private mutating func releaseInterrupted() {
        guard active.first?.hasStopped == true, upload == nil else { return }
        giveBack { _ in true }
    }
}

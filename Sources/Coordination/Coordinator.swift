public import Basics
public import Messaging
import Sweeps

/// Decides which worker runs which task, and when an attempt is lost.
///
/// `Coordinator` is a state machine and nothing else: it opens no socket, reads no clock and writes no row.
/// ``handle(_:at:)`` takes one event and returns the effects it asks for; the caller performs them in order.
///
/// Three rules carry the promise that no finished work is lost or done twice:
/// an attempt number is durable before its TASK is sent; a result is durable before it is acknowledged; and the first
/// complete result of a task stays, whichever attempt gave it. Everything else about an attempt (failure, progress,
/// giving back) is believed of the newest attempt only.
public struct Coordinator: Sendable {
    let sweep: SweepID
    let incarnation: UInt64
    public let limits: Limits

    var tasks: TaskBook
    var workers = WorkerBook()
    /// What failures say about hosts.
    var hosts: HostBook
    /// After which changes of workers and hosts it was decided which hosts are set aside.
    var hostsReviewed = (workers: 0, hosts: 0)
    /// Places of workers that may have room, each at most once.
    var ready = Fifo<Int>()
    var mode = Mode.working
    var endReason = Summary.Reason.completed
    /// The summary has been given.
    var hasEnded = false
    var failuresByClass: [FailureClass: Int] = [:]
    var failedSinceStart = 0
    /// People know that nobody has the time for what waits.
    var hasToldStandstill = false
    /// Tasks were paused since the start.
    var awaitsPaused = false
    /// How fast all workers together have been.
    var fleetSpeed = MeasuredSpeed()
    var recentResults = RecentEnds()
    /// Checkpoints on their way here; few.
    var transfers: [Transfer] = []
    var duplicateCount = 0
    var disagreementCount = 0
    /// What the sweep is computed with, as ``NumericProfile/text``, from the first worker on.
    var numericProfile: String?

    /// Writes asked for and not confirmed, oldest first; their numbers follow one another.
    var pending = Fifo<PendingWrite>()
    var sequenceStored: UInt64 = 0
    var sequenceRequested: UInt64 = 0
    var storeProblem: StoreProblem?

    private(set) var lastEvent: Instant
    /// The sum of all times this process stood still.
    private var paused = Duration.zero
    var effects: [Effect] = []

    /// A write with what shall happen once it is durable.
    struct PendingWrite: Sendable {
        let sequence: UInt64
        let write: StoreWrite
        let next: Next

        enum Next: Sendable {
            case nothing
            case dispatch(taskIndex: Int, attempt: UInt32)
            /// The result stands now.
            case acknowledgeResult(taskIndex: Int, Assignment, worker: String)
            case acknowledgeFailure(Assignment, worker: String)
            case answer(Answer, to: UInt64)
        }
    }

    struct StoreProblem: Sendable {
        let reason: String
        var retryAt: Instant
    }

    /// A coordinator of `tasks` in the order in which they shall be handed out.
    ///
    /// - Parameters:
    ///   - sweep: Which sweep the tasks belong to.
    ///   - incarnation: One more than at the last start, stored durably before any message is sent.
    ///   - tasks: What the store knows of each task. A task's index here is its `taskIndex` in effects.
    ///   - limits: How patient and how generous to be.
    ///   - now: The time, on the clock of all later events.
    /// - Precondition: The incarnation is not 0, and no task stands twice.
    public init(
        sweep: SweepID, incarnation: UInt64, tasks: [TaskStanding], limits: Limits = .standard,
        at now: Instant
    ) {
        precondition(incarnation > 0, "incarnations count from 1")
        self.sweep = sweep
        self.incarnation = incarnation
        self.limits = limits
        self.tasks = TaskBook(tasks)
        hosts = HostBook(tasksMax: limits.tasksAgainstHostMax)
        lastEvent = now
        if case .strict(let profile) = limits.numerics { numericProfile = profile }
        for (index, standing) in tasks.enumerated() {
            switch standing.state {
            // Whoever still trains it will be told to stop.
            case .running where standing.hold == .cancelled: self.tasks[index].attemptIsOpen = false
            case .running(let worker): remember(index, worker: worker, at: now)
            case .failed(let failureClass): failuresByClass[failureClass, default: 0] += 1
            case .waiting, .done: break
            }
        }
    }

    /// Enters a task that was handed out before this start, as if its worker had just fallen silent.
    private mutating func remember(_ index: Int, worker: String, at now: Instant) {
        precondition(tasks[index].attempts > 0, "\(tasks[index].id) runs without an attempt number")
        let place = workers.place(named: worker) ?? workers.add(worker, deadline: now + limits.lease)
        hold(index, at: place, sentSequence: 0)
    }

    /// Takes one event and returns what is to be done, in order.
    ///
    /// - Precondition: `now` never goes back.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        precondition(now >= lastEvent, "time went from \(lastEvent) back to \(now)")
        let gap = now - lastEvent
        lastEvent = now
        if gap > limits.heartbeatInterval + limits.heartbeatInterval {
            // Heartbeats of this time lie unread in the socket: nobody shall lose a lease for that.
            paused += gap
            effects.append(.log(.ownPause(gap)))
        }
        let time = now + (.zero - paused)

        switch event {
        case .received(let envelope, let session): receive(envelope, from: session, at: time)
        case .receivedUnreadable(let error, let session): receiveUnreadable(error, from: session, at: time)
        case .sessionLost(let session): loseSession(session, at: time)
        case .sessionBanned(let session, let refusal): ban(session, refusal)
        case .stored(let sequence): confirm(through: sequence)
        case .storeFailed(let reason): suspendStore(reason, at: time)
        case .checkpointStored(let assignment, let epoch, let problem):
            checkpointIsStored(assignment, epoch: epoch, problem: problem)
        case .checkpointRead(let chunk, let request, let session): sendPiece(chunk, of: request, to: session)
        case .tick: tick(at: time)
        case .command(let command): obey(command)
        case .asked(let request, let number): answer(request, number)
        }
        reviewHosts()
        dispatchTasks()
        endIfFinished()
        checkInvariants()

        defer { effects = [] }
        return effects
    }

    private mutating func tick(at time: Instant) {
        retryStore(at: time)
        noteStandstill()
        dropTransfers(at: time)
        while let place = workers.takeExpired(at: time) {
            if workers[place].session != nil {
                suspect(place)
                workers.rearm(place, deadline: time + limits.lease)
            } else {
                noteLoss(place, at: time)
                giveUp(place)
            }
        }
    }

    private mutating func obey(_ command: Command) {
        switch (command, mode) {
        case (.pause, .working): mode = .paused
        case (.resume, .paused): mode = .working
        case (.drain, .working), (.drain, .paused): drain(.drained)
        case (.stop, .working), (.stop, .paused), (.stop, .draining):
            mode = .ended
            endReason = .stopped
            sendToAll(.shutdown)
        default: break
        }
    }

    /// Hands out nothing more and waits for what runs.
    mutating func drain(_ reason: Summary.Reason) {
        mode = .draining
        endReason = reason
        effects.append(.log(.draining))
        sendToAll(.drain)
    }
}

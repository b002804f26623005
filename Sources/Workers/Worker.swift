public import Basics
public import Messaging
import Sweeps

/// The worker's side of the protocol: takes tasks, reports what it holds, keeps results until they are acknowledged.
///
/// `Worker` is a state machine and nothing else: the training, the socket, the clock and the outbox on disk belong to
/// the caller. ``handle(_:at:)`` takes one event and returns the effects it asks for, to be performed in order.
///
/// A worker that has lost its coordinator trains on. Its results wait in the outbox, and the next HELLO lists all it
/// holds; the coordinator's verdicts say what becomes of each.
public struct Worker: Sendable {
    let description: WorkerDescription
    public let limits: Limits

    var link = Link.down
    var sweep = SweepID.unknown
    var incarnation: UInt64 = 0
    /// Sockets opened so far.
    var connectionCount = 0
    var sequenceSent: UInt64 = 0
    var sequenceSeen: UInt64 = 0
    /// The highest sequence number of a TASK in this session: a repeated frame is no second order.
    var taskSequenceSeen: UInt64 = 0

    /// What is held and not ended; the first is in training.
    var active: [HeldTask] = []
    var outbox: [OutboxEntry] = []
    /// Results that wait to be sent together.
    var gathering: Gathering?
    /// Whether the coordinator reads RESULTS.
    var sendsSeveral = false
    var leaving: Leaving?
    /// The newest checkpoint that the coordinator does not have.
    var upload: Upload?
    /// What the coordinator takes; 0 while nothing is known of it.
    var checkpointBytesMax = 0
    var hasExited = false
    /// How long tasks take and how many to hold meanwhile.
    var prefetch: Prefetch
    var capacityReported = 0

    var heartbeatInterval: Duration
    /// When the coordinator last said anything.
    var heardAt: Instant
    /// When the present socket was opened.
    var connectedAt: Instant
    var heartbeatAt: Instant
    var progressAt: Instant
    let startedAt: Instant
    /// When to begin to leave.
    var leaveAt: Instant?
    var effects: [Effect] = []

    private(set) var lastEvent: Instant
    private var paused = Duration.zero

    /// How far the connection is.
    enum Link: Hashable, Sendable {
        /// No socket until ``Event/connected``.
        case down
        /// HELLO was sent at this time and not answered yet.
        case greeting(since: Instant)
        case welcomed
    }

    struct HeldTask: Sendable {
        /// The newest order for the task.
        var order: TaskOrder
        /// What the trainer calls it, the assignment under which it was started; `nil` before.
        var startedAs: Assignment?
        var progress: TaskProgress?
        var hasNewProgress = false
        var startedAt: Instant?
        /// The state that it shall go on from, while that is under way.
        var fetch: Fetch?
        var hasFetched = false
        /// The trainer has stopped it before its end.
        var hasStopped = false
    }

    struct OutboxEntry: Sendable {
        let report: AttemptReport
        /// `nil` when it was not sent in this session.
        var sentAt: Instant?
    }

    struct Gathering: Sendable {
        let since: Instant
        var count = 0
    }

    struct Leaving: Sendable {
        let exit: Exit
        /// When to leave without the acknowledgements that are missing; `nil` while something trains.
        var deadline: Instant?
        /// When to give back what trains without its newest state; `nil` where it may train to its end.
        var handBackBy: Instant?
    }

    /// A worker that has not met its coordinator yet; its first event is ``Event/connected``.
    ///
    /// - Parameters:
    ///   - description: What HELLO will say.
    ///   - outbox: Reports that an earlier process of this worker left behind, oldest first.
    ///   - limits: How patient to be and how much to take on.
    ///   - now: The time, on the clock of all later events.
    public init(
        _ description: WorkerDescription, outbox: [AttemptReport] = [], limits: Limits = .standard,
        at now: Instant
    ) {
        self.description = description
        self.limits = limits
        prefetch = Prefetch(limits)
        self.outbox = outbox.map { OutboxEntry(report: $0, sentAt: nil) }
        heartbeatInterval = limits.heartbeatInterval
        heardAt = now
        connectedAt = now
        heartbeatAt = now
        progressAt = now
        startedAt = now
        leaveAt = limits.lifetime.map { now + max(.zero, $0 - limits.leaveGrace) }
        lastEvent = now
    }

    /// Takes one event and returns what is to be done, in order.
    ///
    /// - Precondition: `now` never goes back.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        precondition(now >= lastEvent, "time went from \(lastEvent) back to \(now)")
        guard !hasExited else { return [] }
        let gap = now - lastEvent
        lastEvent = now
        if gap > limits.heartbeatInterval + limits.heartbeatInterval {
            // What the coordinator said meanwhile lies unread in the socket: it was not silent.
            paused += gap
            effects.append(.log(.ownPause(gap)))
        }
        let time = now + (.zero - paused)

        switch event {
        case .connected: connect(at: time)
        case .received(let envelope): receive(envelope, at: time)
        case .receivedUnreadable(let error): receiveUnreadable(error)
        case .refused(let refusal): exit(.refused(refusal))
        case .runEnded: exit(.sweepEnded)
        case .progressed(let assignment, let progress): note(progress, of: assignment, at: time)
        case .ended(let report): end(report, at: time)
        case .checkpointed(let assignment, let seal, let bytes): take(seal, bytes, of: assignment, at: time)
        case .interrupted(let assignment): noteInterrupted(assignment)
        case .tick: tick(at: time, now: now)
        case .command(.drain): drain(at: time)
        case .command(.handBack): handBack(at: time)
        case .command(.stop): leave(.commanded, at: time)
        }
        sendGathered(at: time)
        leaveIfReady(at: time)
        checkInvariants()

        defer { effects = [] }
        return effects
    }

    private mutating func tick(at time: Instant, now: Instant) {
        // The allocation ends on the clock on the wall, whether this process stood still or not.
        if let leaveAt, now >= leaveAt { leave(.commanded, at: time) }
        // A long task begins to leave earlier, for its state has a way to go.
        if let leaveAt, let began = active.first?.startedAt, now >= leaveAt + (.zero - limits.handBackGrace),
            time - began >= limits.handBackGrace
        {
            handBack(at: time)
        }
        if let by = leaving?.handBackBy, time >= by { leave(.commanded, at: time) }
        giveUpFetch(at: time)
        let silence = time - heardAt
        if let limit = limits.orphanLimit, silence >= limit {
            exit(.orphaned)
            return
        }
        switch link {
        case .down: return
        case .greeting(let since):
            if silenceIsTooLong(at: time) { return }
            if time - since >= heartbeatInterval { sayHello(at: time) }
        case .welcomed:
            if silenceIsTooLong(at: time) { return }
            sendReports(at: time)
            sendProgress(at: time)
            offerCheckpoint(at: time)
            fetchCheckpoint(at: time)
            if time - heartbeatAt >= heartbeatInterval { sendHeartbeat(at: time) }
        }
    }

    /// Gives up a connection on which nothing comes.
    private mutating func silenceIsTooLong(at time: Instant) -> Bool {
        guard time - max(heardAt, connectedAt) >= limits.silenceMax else { return false }
        link = .down
        effects.append(.log(.coordinatorSilent))
        effects.append(.reconnect)
        return true
    }

    /// Stops the program where the machine contradicts itself; a few comparisons, after every event.
    private func checkInvariants() {
        precondition(
            active.indices.dropFirst().allSatisfy { active[$0].startedAs == nil },
            "\(description.name) trains two tasks at once")
        precondition(
            active.count <= prefetch.heldMax, "\(description.name) holds \(active.count) tasks")
        precondition(
            hasExited || leaving != nil
                || active.first.map { $0.startedAs != nil || $0.fetch != nil } ?? true,
            "an idle trainer"
        )
    }
}

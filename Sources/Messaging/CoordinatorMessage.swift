public import Sweeps

/// What the coordinator says to a worker.
public enum CoordinatorMessage: Hashable, Sendable {
    /// Answer to HELLO: the intervals to keep, and a verdict for everything the worker holds.
    case welcome(Welcome)
    /// Unknown session or incarnation: say HELLO again.
    case whoAreYou
    /// A task to train. Only sent once its attempt number is durable.
    case task(TaskOrder)
    /// The same for several tasks, at least one, to be trained in this order.
    ///
    /// It takes as many sequence numbers as it has tasks, and bears the last of them.
    case tasks([TaskOrder])
    /// The report of this attempt is durable, or was not needed: it may leave the outbox.
    case resultAck(Assignment, Disposition)
    /// The reports of these attempts are durable: RESULT_ACK with ``Disposition/recorded`` for each of them.
    case resultsAck([Assignment])
    /// This attempt is not the worker's any more: stop it and forget it.
    case revoke(Assignment)
    /// Answer to a heartbeat: the coordinator is alive.
    case ping
    /// Answer to a heartbeat while the sweep drains: give back what has not begun, finish what has.
    case drain
    /// The user wants this worker elsewhere: finish what is in training, give back the rest, leave.
    case leave
    /// Send this piece of the checkpoint that was offered.
    case checkpointWanted(CheckpointRequest)
    /// A piece that the worker asked for.
    case checkpointChunk(CheckpointChunk)
    /// The checkpoint after this epoch is in safety, or is not wanted: it need not be offered again.
    case checkpointTaken(Assignment, epoch: Int, isKept: Bool)
    /// There is no such checkpoint any more, or it is damaged: go on from another, or begin anew.
    case checkpointGone(Assignment, epoch: Int)
    /// The sweep has ended, or was stopped: give everything back and leave.
    case shutdown
    /// The coordinator will not work with this worker.
    case refused(Refusal)
}

/// The coordinator takes a worker on.
public struct Welcome: Hashable, Sendable {
    public let heartbeatInterval: Duration
    /// How long the coordinator trusts a silent worker.
    public let lease: Duration
    /// One verdict for each assignment of the HELLO, in its order: first the active ones, then the ended ones.
    public let verdicts: [HeldVerdict]
    /// The largest checkpoint that the coordinator takes, in bytes; 0 for none at all.
    public let checkpointBytesMax: Int
    /// Whether the coordinator reads messages about several tasks, RESULTS; coordinators of protocol 1.0 do not.
    public let takesSeveral: Bool

    public init(
        heartbeatInterval: Duration, lease: Duration, verdicts: [HeldVerdict], checkpointBytesMax: Int = 0,
        takesSeveral: Bool = true
    ) {
        self.takesSeveral = takesSeveral
        self.checkpointBytesMax = checkpointBytesMax
        self.heartbeatInterval = heartbeatInterval
        self.lease = lease
        self.verdicts = verdicts
    }
}

/// What shall become of one assignment that a worker holds.
public struct HeldVerdict: Hashable, Sendable {
    public let assignment: Assignment
    public let verdict: Verdict

    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        /// Still the worker's: train on.
        case keep
        /// An active attempt that is not the worker's any more: stop it.
        ///
        /// It says nothing about a report: where training ended meanwhile, the report is still to be sent.
        case drop
        /// A report that is durable or not needed: it may leave the outbox.
        case forget
        /// Send the report of it.
        case sendReport = "send_report"
        /// No task of this sweep: stop it if it runs, and keep its report for the sweep it belongs to.
        case foreign
    }

    public init(_ assignment: Assignment, _ verdict: Verdict) {
        self.assignment = assignment
        self.verdict = verdict
    }
}

/// A task with everything a worker needs to train it.
public struct TaskOrder: Hashable, Sendable {
    public let assignment: Assignment
    public let lease: Duration
    /// Everything that decides the result; its hash must give the task's id.
    public let configuration: Setting
    /// What cannot change the result, such as the data set's path.
    public let environment: Setting
    /// After which epochs the coordinator has checkpoints of an earlier attempt, newest first.
    public var checkpoints: [Int]

    public init(
        assignment: Assignment, lease: Duration, configuration: Setting, environment: Setting,
        checkpoints: [Int] = []
    ) {
        self.checkpoints = checkpoints
        self.assignment = assignment
        self.lease = lease
        self.configuration = configuration
        self.environment = environment
    }
}

/// What the coordinator did with a report.
public enum Disposition: String, Hashable, Sendable, CaseIterable {
    /// It is in the store.
    case recorded
    /// The task already had this very result.
    case duplicate
    /// The task already had another result, which stays: training was not deterministic.
    case disagreement
    /// The attempt no longer counted.
    case superseded
}

/// Why the coordinator will not work with a worker.
public struct Refusal: Hashable, Sendable {
    public let code: Code
    /// One sentence for people: what, where, what to do.
    public let message: String

    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The worker speaks another major version of the protocol.
        case version
        /// The worker belongs to another sweep.
        case sweep
        /// A newer process has taken the worker's name.
        case replaced
        /// As many workers as the coordinator serves are already here.
        case full
        /// The worker broke the protocol again and again.
        case misconduct
        /// The worker computes other bits than the sweep's others, which has to be on one profile.
        case numerics
        /// The worker's key was revoked, or does not belong to the worker.
        case key
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

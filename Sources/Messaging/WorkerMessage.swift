public import Sweeps

/// What a worker says to the coordinator.
public enum WorkerMessage: Hashable, Sendable {
    /// First message of a session, and the answer to WHO_ARE_YOU.
    case hello(Hello)
    /// Sent every heartbeat interval and when the worker wants more or fewer tasks: all that it holds.
    case heartbeat(Heartbeat)
    /// The newest counters and errors of the attempt being trained; only the newest matters, so none is resent.
    case progress(Assignment, TaskProgress)
    /// An attempt ended with a result; resent until acknowledged.
    case result(ResultReport)
    /// The same of several attempts, at least one: tasks of a millisecond end faster than messages travel.
    case results([ResultReport])
    /// An attempt ended without a result; resent until acknowledged.
    case failure(FailureReport)
    /// Assignments given back unfinished, which never counts against a task.
    case release([Assignment], FailureClass)
    /// The newest state of an attempt in training, for whoever goes on with the task; said again until the coordinator
    /// has it. It asks for the bytes with CHECKPOINT_WANTED.
    case checkpoint(Assignment, CheckpointSeal)
    /// A piece that the coordinator asked for.
    case checkpointChunk(CheckpointChunk)
    /// Send this piece of the checkpoint that the TASK spoke of.
    case checkpointWanted(CheckpointRequest)
    /// A clean leave: the worker holds nothing any more and says nothing more in this session.
    case goodbye
}

/// A worker introduces itself.
public struct Hello: Hashable, Sendable {
    public let worker: WorkerDescription
    public let holdings: Holdings
    /// How many assignments the worker wants to hold in all, the one in training included; 0 while it drains.
    public let capacity: Int
    /// Counts the sockets this process has opened, from 1: a HELLO that an older socket sent is old news.
    public let connection: Int
    /// How long the worker may stay, from now on; `nil` where nobody will take its machine away.
    ///
    /// A duration, because clocks of two machines disagree.
    public let timeLeft: Duration?
    /// Whether the worker reads messages about several tasks, TASKS; workers of protocol 1.0 do not.
    public let takesSeveral: Bool

    public init(
        worker: WorkerDescription, holdings: Holdings, capacity: Int, connection: Int,
        timeLeft: Duration? = nil, takesSeveral: Bool = true
    ) {
        self.takesSeveral = takesSeveral
        self.timeLeft = timeLeft
        self.worker = worker
        self.holdings = holdings
        self.capacity = capacity
        self.connection = connection
    }
}

/// A worker is alive, and this is all it holds.
public struct Heartbeat: Hashable, Sendable {
    public let holdings: Holdings
    /// How many assignments the worker wants to hold in all, the one in training included; 0 while it drains.
    ///
    /// A total rather than a difference: repeated or lost, it means the same.
    public let capacity: Int
    /// Time since the worker started, on its monotonic clock.
    public let uptime: Duration

    public init(holdings: Holdings, capacity: Int, uptime: Duration) {
        self.holdings = holdings
        self.capacity = capacity
        self.uptime = uptime
    }
}

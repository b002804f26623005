public import Basics
public import Messaging
public import Sweeps

/// One durable change that the coordinator asks for.
///
/// Every write may come twice (after a failed or doubtful commit) and must then change nothing.
public enum StoreWrite: Hashable, Sendable {
    /// The attempt number is taken for good; TASK goes out only after this is durable.
    case attemptStarted(Assignment, worker: WorkerDescription)
    /// The task's one result. It stays, whatever is written later.
    case result(ResultReport, worker: WorkerDescription)
    /// The attempt ended without a result; `isFinal` when the task has thereby failed for good.
    case attemptEnded(FailureReport, worker: WorkerDescription, isFinal: Bool)
    /// Another attempt gave other bytes than the stored result: training was not deterministic.
    case disagreement(Assignment, recorded: ContentHash, received: ContentHash, worker: WorkerDescription)
    /// What the user wants of these tasks, and why; see ``SteeringVerb``.
    case steered(SteeringVerb, [TaskID], reason: String)

    /// The attempt that the write is about; `nil` for a wish of the user.
    public var assignment: Assignment? {
        switch self {
        case .attemptStarted(let assignment, _): assignment
        case .result(let report, _): report.assignment
        case .attemptEnded(let report, _, _): report.assignment
        case .disagreement(let assignment, _, _, _): assignment
        case .steered: nil
        }
    }
}

/// What the store knows of a task when a coordinator starts.
public struct TaskStanding: Hashable, Sendable {
    public let id: TaskID
    /// The highest attempt number that was ever stored; 0 for a task never tried.
    public var attempts: UInt32
    /// Stored failures that count against the task.
    public var failureCount: Int
    public var state: State
    /// What the user has said about it.
    public var hold: Hold?
    /// Its predicted cost in any unit, the same for all tasks; 0 where none is known.
    public var cost: Float
    /// The predicted cost of its longest stretch between two moments at which its state can be kept, in the same unit;
    /// 0 where it must be done in one go.
    public var stretchCost: Float

    public enum State: Hashable, Sendable {
        /// Never tried, or its last attempt ended without a result and shall be repeated.
        case waiting
        /// The last attempt was handed to the worker of this name and nothing is known of its end.
        case running(worker: String)
        case done(ContentHash)
        case failed(FailureClass)
    }

    public init(
        id: TaskID, attempts: UInt32 = 0, failureCount: Int = 0, state: State = .waiting, hold: Hold? = nil,
        cost: Float = 0, stretchCost: Float = 0
    ) {
        self.id = id
        self.hold = hold
        self.cost = cost
        self.stretchCost = stretchCost
        self.attempts = attempts
        self.failureCount = failureCount
        self.state = state
    }
}

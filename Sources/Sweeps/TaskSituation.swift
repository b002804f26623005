/// Where a task stands, in the words that people steer by.
public enum TaskCondition: String, Hashable, Sendable, CaseIterable {
    /// Not handed out.
    case waiting
    /// Handed to a worker.
    case running
    case done
    case failed
    /// Not to be handed out for the time being.
    case paused
    /// Not to be run at all, until it is asked for again.
    case cancelled
}

/// What keeps a task from being handed out.
public enum Hold: String, Hashable, Sendable, CaseIterable {
    case paused
    case cancelled
}

/// Everything about a task that may change while its sweep runs.
public struct TaskSituation: Hashable, Sendable {
    public var condition: TaskCondition
    /// A running task may be paused: it finishes, but would not be handed out again.
    public var hold: Hold?
    /// The highest attempt number; 0 for a task never tried.
    public var attempts: UInt32
    /// Why it failed; `nil` unless it has.
    public var failure: FailureClass?
    /// Who has it; `nil` unless it runs.
    public var worker: String?

    public init(
        _ condition: TaskCondition, hold: Hold? = nil, attempts: UInt32 = 0, failure: FailureClass? = nil,
        worker: String? = nil
    ) {
        self.condition = condition
        self.hold = hold
        self.attempts = attempts
        self.failure = failure
        self.worker = worker
    }
}

/// What people do to many tasks at once.
public enum SteeringVerb: String, Hashable, Sendable, CaseIterable {
    /// Hand them out no more; what runs finishes.
    case pause
    /// Hand them out again.
    case unpause
    /// Stop them, and do not run them.
    case cancel
    /// Let them be tried again with a clean record.
    case retry

    /// Whether the verb would change a task in this situation.
    ///
    /// - Parameters:
    ///   - situation: The task's.
    ///   - namesCondition: The user asked for a state by its name. Cancelled tasks come back only then: who retries
    ///     what failed does not want back what was cancelled on purpose.
    /// - Returns: Whether anything would change.
    public func touches(_ situation: TaskSituation, namesCondition: Bool) -> Bool {
        switch self {
        case .pause:
            situation.hold == nil && (situation.condition == .waiting || situation.condition == .running)
        case .unpause: situation.hold == .paused
        case .cancel: [.waiting, .running, .paused].contains(situation.condition)
        case .retry:
            situation.condition == .failed || situation.condition == .cancelled && namesCondition
        }
    }

    /// `paused`: what the tasks are afterwards, for people.
    public var participle: String {
        switch self {
        case .pause: "paused"
        case .unpause: "released"
        case .cancel: "cancelled"
        case .retry: "set to run again"
        }
    }
}

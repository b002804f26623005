public import Sweeps

extension FailureClass {
    /// True where the task itself may be to blame; what befell the machine never counts.
    public var countsAgainstTask: Bool {
        switch self {
        case .infrastructureLost, .preempted, .drained, .cancelled: false
        case .timeout, .outOfMemory, .crash, .invalidConfiguration, .inputOutput: true
        }
    }

    /// True where the host may be to blame rather than the task.
    public var mayBeOfHost: Bool {
        switch self {
        case .timeout, .outOfMemory, .crash, .inputOutput, .infrastructureLost: true
        case .preempted, .drained, .invalidConfiguration, .cancelled: false
        }
    }

    /// True where another attempt can end otherwise.
    public var isRetryable: Bool { self != .invalidConfiguration }
}

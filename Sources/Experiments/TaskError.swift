public import Sweeps

/// Why a task gave no result.
public enum TaskError: Error, Hashable, CustomStringConvertible {
    /// Its caller asked it to stop.
    case cancelled
    /// It cannot run, here or anywhere; the failure class says which, the message what to do.
    case failed(FailureClass, message: String)

    /// What the coordinator is told; `nil` for a task that was asked to stop.
    public var failure: FailureClass? {
        switch self {
        case .cancelled: nil
        case .failed(let failure, _): failure
        }
    }

    public var description: String {
        switch self {
        case .cancelled: "the task was asked to stop"
        case .failed(_, let message): message
        }
    }
}

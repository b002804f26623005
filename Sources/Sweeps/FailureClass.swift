/// Why an attempt ended without a result.
///
/// A run whose weights stop being finite is not here: it has a result (``TaskResult/divergedAtEpoch``).
public enum FailureClass: String, Hashable, Sendable, Codable, CaseIterable {
    /// The worker or its machine vanished.
    case infrastructureLost = "infra_lost"
    /// The cluster took the worker's allocation back.
    case preempted
    /// The worker was asked to leave.
    case drained
    /// No progress within the stall limit.
    case timeout
    case outOfMemory = "out_of_memory"
    /// The worker process died of a signal or trapped.
    case crash
    /// The task can never run: never retried.
    case invalidConfiguration = "invalid_configuration"
    /// A file or disk of the worker's machine failed; another machine may do better.
    case inputOutput = "io"
    /// The user does not want the task's result any more.
    case cancelled
}

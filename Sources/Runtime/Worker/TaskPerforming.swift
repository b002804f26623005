public import Messaging
public import Sweeps

/// Trains a task: what a worker does between its messages.
///
/// Called on a thread of its own, one task at a time; it may take hours.
public protocol TaskPerforming: Sendable {
    /// Trains and measures one task.
    ///
    /// - Parameters:
    ///   - task: Which one.
    ///   - configuration: Everything that decides the result.
    ///   - environment: What cannot change the result, such as the data set's path.
    ///   - handover: What an earlier attempt left, and who takes what this one keeps.
    ///   - progress: To be told after every epoch; cheap.
    ///   - isCancelled: To be asked every epoch; once it is true, nobody wants the result from here any more, but
    ///     perhaps the state.
    /// - Returns: The same result wherever it runs.
    /// - Throws: ``TaskFailure``, or anything after a cancellation.
    func perform(
        _ task: TaskID, configuration: Setting, environment: Setting, handover: TaskHandover,
        progress: (TaskProgress) -> Void, isCancelled: () -> Bool
    ) throws -> TaskResult
}

/// How a task passes from one worker to the next, whatever disks they have.
public struct TaskHandover {
    /// The state to go on from, where one came from the coordinator; the task's own disk may hold a newer one.
    public let checkpoint: TaskCheckpoint?
    /// Takes a checkpoint that is worth the way to the coordinator; cheap where it needs none.
    public let carry: (TaskCheckpoint) -> Void

    public init(checkpoint: TaskCheckpoint? = nil, carry: @escaping (TaskCheckpoint) -> Void = { _ in }) {
        self.checkpoint = checkpoint
        self.carry = carry
    }
}

/// Why a task could not be trained here.
public struct TaskFailure: Error, Hashable, CustomStringConvertible {
    public let failureClass: FailureClass
    /// One sentence for people.
    public let message: String

    public init(_ failureClass: FailureClass, _ message: String) {
        self.failureClass = failureClass
        self.message = message
    }

    public var description: String { message }
}

public import Basics
public import Sweeps

/// Every assignment a worker has in hands.
///
/// Holdings are the whole truth, not the news: the coordinator compares them with its own books, and losing one
/// report costs a delay and nothing else.
public struct Holdings: Hashable, Sendable {
    /// Taken and not ended: the one being trained and those waiting behind it.
    public var active: [ActiveAttempt]
    /// Ended, and not yet acknowledged by the coordinator.
    public var ended: [EndedAttempt]

    public init(active: [ActiveAttempt] = [], ended: [EndedAttempt] = []) {
        self.active = active
        self.ended = ended
    }
}

/// An attempt that a worker has taken and not ended.
public struct ActiveAttempt: Hashable, Sendable {
    public let assignment: Assignment
    /// How far training is; `nil` while the attempt waits for the one before it.
    public let progress: TaskProgress?

    public init(_ assignment: Assignment, progress: TaskProgress?) {
        self.assignment = assignment
        self.progress = progress
    }
}

/// An attempt whose report lies in a worker's outbox.
public struct EndedAttempt: Hashable, Sendable {
    public let assignment: Assignment
    /// The hash of its result; `nil` where it failed.
    public let contentHash: ContentHash?

    public init(_ assignment: Assignment, contentHash: ContentHash?) {
        self.assignment = assignment
        self.contentHash = contentHash
    }
}

/// How far the training of a task is, for the live picture only: none of it enters a result file.
public struct TaskProgress: Hashable, Sendable {
    /// Passes over the training data so far.
    public let epoch: Int
    /// Passes in all.
    public let epochCount: Int
    /// Fraction of training samples misclassified at the last measured epoch; `nil` before the first.
    public let errorTrain: Double?
    /// Fraction of test samples misclassified at the last measured epoch; `nil` before the first.
    public let errorTest: Double?

    public init(epoch: Int, epochCount: Int, errorTrain: Double? = nil, errorTest: Double? = nil) {
        self.epoch = epoch
        self.epochCount = epochCount
        self.errorTrain = errorTrain
        self.errorTest = errorTest
    }
}

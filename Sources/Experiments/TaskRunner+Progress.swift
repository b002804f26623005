extension TaskRunner {
    /// How far a task is: told after every epoch and, where it is measured, its measurement.
    public struct Progress: Hashable, Sendable {
        /// Passes over the training samples so far.
        public let epoch: Int
        /// Passes in all; the last may end early where the task's length is given in steps.
        public let epochCount: Int
        /// The training error of the latest measurement, in [0, 1]; `nil` before the first.
        public let errorTrain: Double?
        /// The test error of the latest measurement, in [0, 1]; `nil` before the first.
        public let errorTest: Double?
        /// Where the task's time went so far.
        public let times: TaskTimes
    }
}

/// Where a task's time went, by the clock that its runner was given; never part of a result.
public struct TaskTimes: Hashable, Sendable {
    /// Reading the data.
    public var setup = Duration.zero
    public var training = Duration.zero
    /// Losses and errors.
    public var metrics = Duration.zero
    public var probes = Duration.zero

    public init() {}
}

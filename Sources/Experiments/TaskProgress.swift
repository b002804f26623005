/// How far a task is: told after every epoch.
public struct TaskProgress: Hashable, Sendable {
    /// Epochs trained so far.
    public let epoch: Int
    /// Epochs that the task trains in all.
    public let epochs: Int
    /// The training error of the latest measurement, in [0, 1].
    public let trainError: Double?
    /// The test error of the latest measurement, in [0, 1].
    public let testError: Double?
    /// Where the task's time went so far.
    public let times: TaskTimes

    public init(epoch: Int, epochs: Int, trainError: Double?, testError: Double?, times: TaskTimes) {
        self.epoch = epoch
        self.epochs = epochs
        self.trainError = trainError
        self.testError = testError
        self.times = times
    }
}

/// Where a task's time went, by the clock that its runner was given; never part of a result.
public struct TaskTimes: Hashable, Sendable {
    /// Reading the data and making network and probes.
    public var setup = Duration.zero
    public var training = Duration.zero
    /// Losses and errors.
    public var metrics = Duration.zero
    public var probes = Duration.zero

    public init() {}
}

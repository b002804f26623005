/// One training run: one cell of the grid with one seed.
public struct TrainingTask: Hashable, Sendable, Identifiable {
    public let id: TaskID
    /// Everything that decides the result, each key resolved to a value; see `docs/architecture.md`.
    public let configuration: Setting
    /// What cannot change the result but is needed to compute it, such as the data set's path.
    public let environment: Setting
    /// The task's place in the grid, one value an axis, in the order of the sweep's axes.
    public let axisValues: [Setting]

    public init(configuration: Setting, environment: Setting, axisValues: [Setting]) {
        id = TaskID(of: configuration)
        self.configuration = configuration
        self.environment = environment
        self.axisValues = axisValues
    }
}

/// One handing-out of a task: which task, and for the how-manieth time.
///
/// Every message about a task names its assignment. A worker that was given up for dead and comes back speaks of an
/// old attempt, and is not believed.
public struct Assignment: Hashable, Sendable, CustomStringConvertible {
    public let task: TaskID
    /// Counted from 1 for each task.
    public let attempt: UInt32

    public init(task: TaskID, attempt: UInt32) {
        self.task = task
        self.attempt = attempt
    }

    public var description: String { "\(task)#\(attempt)" }
}

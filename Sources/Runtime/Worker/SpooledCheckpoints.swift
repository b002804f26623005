internal import Messaging
internal import Sweeps
internal import Workers

/// The tasks whose checkpoints lie on a worker's own disk and serve nobody once it has left.
struct SpooledCheckpoints {
    /// Whether the coordinator has one too, by task.
    private var isSafe: [TaskID: Bool] = [:]

    /// Notes a task that is about to be trained, unless all its checkpoints shall stay.
    mutating func start(_ order: TaskOrder) {
        guard !CheckpointPolicy(environment: order.environment).keepsAll else { return }
        isSafe[order.assignment.task] = false
    }

    mutating func noteSafe(_ task: TaskID) { if isSafe[task] != nil { isSafe[task] = true } }

    /// Removes what nobody will go on from here: all of it after the sweep, else what the coordinator has.
    ///
    /// A file that cannot be removed harms nobody.
    func clear(_ folder: CheckpointFolder, after exit: Worker.Exit) {
        for (task, isSafe) in isSafe where isSafe || exit == .sweepEnded { try? folder.removeAll(of: task) }
    }
}

import Basics
import Experiments
import Runtime
import Sweeps

/// Keeps the checkpoints of one task as its policy says, and finds those of an earlier attempt.
///
/// A disk that is full costs the checkpoint and not the task.
final class CheckpointKeeper {
    private let folder: CheckpointFolder
    private let task: TaskID
    private let training: TaskID
    /// Another task with the same training, whose checkpoints are still there.
    private let predecessor: TaskID?
    private let policy: CheckpointPolicy
    private let began = SystemClock.now
    private var keptAt = SystemClock.now
    private var hasComplained = false

    /// Work that is worth keeping when somebody asks the task to stop.
    private static let worthKeeping = Duration.seconds(1)

    /// - Parameters:
    ///   - folder: Where checkpoints are.
    ///   - task: Whose they are.
    ///   - configuration: The task's configuration, which tells which other tasks train alike.
    ///   - environment: The task's environment, which holds the policy.
    init(_ folder: CheckpointFolder, _ task: TaskID, configuration: Setting, environment: Setting) {
        self.folder = folder
        self.task = task
        training = TaskID(ofTrainingIn: configuration)
        let keeper = folder.keeper(ofTraining: training)
        predecessor = keeper == task ? nil : keeper
        policy = CheckpointPolicy(environment: environment)
    }

    /// Where the task goes on; what cannot be used is said on standard error.
    var resumption: TaskRunner.Resumption {
        let candidates = folder.newest(of: task)
        if let newest = candidates.first {
            printError("task \(task): found a checkpoint after epoch \(newest.epoch)")
        }
        let earlier = predecessor.map { other in
            EarlierTraining(epochs: folder.epochs(of: other)) { [folder] in
                folder.checkpoint(of: other, epoch: $0)
            }
        }
        if let predecessor { printError("task \(task): was trained as task \(predecessor) already") }
        return TaskRunner.Resumption(candidates, earlier: earlier) { [folder, task] reason in
            printError("\(folder.path)/\(task): \(reason); going on without it")
        }
    }

    /// Keeps a checkpoint where one is due.
    ///
    /// - Parameters:
    ///   - moment: Where the task is.
    ///   - isLeaving: Whether the task is about to be stopped, so that now is the last moment.
    ///   - make: Makes the checkpoint.
    func take(_ moment: CheckpointMoment, isLeaving: Bool = false, make: () -> TaskCheckpoint) {
        let now = SystemClock.now
        let isLast = now - began >= CheckpointKeeper.worthKeeping && isLeaving && !moment.isEnd
        guard isLast || policy.isDue(moment, elapsed: now - keptAt) else { return }
        do {
            try folder.keep(make(), of: task, keepsOlder: policy.keepsAll)
        } catch {
            if !hasComplained { printError("task \(task): no checkpoint could be kept: \(error)") }
            hasComplained = true
        }
        // However long it took to write: a slow disk shall not eat the time for training.
        keptAt = SystemClock.now
    }

    /// The task has its result: what is left serves nobody, unless the sweep asks to keep it for other tasks with the
    /// same training.
    func finish() {
        do {
            guard policy.keepsAll else { return try folder.removeAll(of: task) }
            try folder.setKeeper(task, ofTraining: training)
            // The same weights, with fewer measurements.
            if let predecessor, folder.epochs(of: predecessor).allSatisfy(folder.epochs(of: task).contains) {
                try folder.removeAll(of: predecessor)
            }
        } catch {
            printError("task \(task): its checkpoints stay: \(error)")
        }
    }
}

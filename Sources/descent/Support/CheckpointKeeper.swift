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
    private let handover: TaskHandover
    private let began = SystemClock.now
    private var keptAt = SystemClock.now
    private var carriedAt = SystemClock.now
    private var hasComplained = false

    /// Work that is worth keeping when somebody asks the task to stop.
    private static let worthKeeping = Duration.seconds(1)

    /// - Parameters:
    ///   - folder: Where checkpoints are.
    ///   - task: Whose they are.
    ///   - configuration: The task's configuration, which tells which other tasks train alike.
    ///   - environment: The task's environment, which holds the policy.
    ///   - handover: What came from another worker's disk, and where checkpoints go that shall survive this one.
    init(
        _ folder: CheckpointFolder, _ task: TaskID, configuration: Setting, environment: Setting,
        handover: TaskHandover = TaskHandover()
    ) {
        self.handover = handover
        self.folder = folder
        self.task = task
        training = TaskID(ofTrainingIn: configuration)
        let keeper = folder.keeper(ofTraining: training)
        predecessor = keeper == task ? nil : keeper
        policy = CheckpointPolicy(environment: environment)
    }

    /// Where the task goes on; what cannot be used is said on standard error.
    var resumption: TaskRunner.Resumption {
        let candidates = (folder.newest(of: task) + [handover.checkpoint].compactMap(\.self))
            .sorted { $0.epoch > $1.epoch }
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
        let checkpoint = make()
        do {
            try folder.keep(checkpoint, of: task, keepsOlder: policy.keepsAll)
        } catch {
            if !hasComplained { printError("task \(task): no checkpoint could be kept: \(error)") }
            hasComplained = true
        }
        // Where all stay, most stay here: only what saves work is worth the way.
        var saving = policy
        saving.keepsAll = false
        if isLast || saving.isDue(moment, elapsed: now - carriedAt) {
            handover.carry(checkpoint)
            carriedAt = SystemClock.now
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

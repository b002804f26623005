import Basics
import Experiments
import Messaging
import Runtime
import Sweeps

/// Trains the tasks that messages bring.
struct TaskPerformer: TaskPerforming {
    /// Where long tasks keep their state, and go on from after a crash.
    let checkpoints: CheckpointFolder

    func perform(
        _ task: TaskID, configuration: Setting, environment: Setting, handover: TaskHandover,
        progress: (Messaging.TaskProgress) -> Void, isCancelled: () -> Bool
    ) throws -> TaskResult {
        let keeper = CheckpointKeeper(
            checkpoints, task, configuration: configuration, environment: environment, handover: handover)
        // Asked once an epoch, so that a task that stops has offered its last state before.
        var isLeaving = isCancelled()
        do {
            let memory = MemoryLimit(bytes: Double(Host.memoryBytes))
            let result = try TaskRunner(now: { SystemClock.now }, memory: memory).run(
                configuration: configuration, environment: environment, resuming: keeper.resumption,
                checkpoint: {
                    isLeaving = isCancelled()
                    keeper.take($0, isLeaving: isLeaving, make: $1)
                },
                progress: { latest in
                    progress(
                        Messaging.TaskProgress(
                            epoch: latest.epoch, epochCount: latest.epochCount, errorTrain: latest.errorTrain,
                            errorTest: latest.errorTest))
                }, isCancelled: { isLeaving })
            keeper.finish()
            return result
        } catch {
            guard let failure = error.failure else { throw error }
            throw TaskFailure(failure, error.description)
        }
    }
}

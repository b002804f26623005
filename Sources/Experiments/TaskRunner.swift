public import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Probes
public import Sweeps
internal import Training

/// Computes one task from end to end: data, network, training, probes, result.
///
///     let result = try TaskRunner(now: clock).run(configuration: task.configuration, environment: task.environment)
///
/// The result depends on the configuration alone: same task, same bytes, on whichever worker of one numeric profile.
/// A run blocks its thread for as long as training takes, and so belongs on a thread of its own.
public struct TaskRunner: Sendable {
    /// A clock that only ``TaskTimes`` depends on.
    private let now: @Sendable () -> Instant
    private let memory: MemoryLimit?

    /// - Parameters:
    ///   - now: Read a few times an epoch to tell where the time goes; by default all times are zero.
    ///   - memory: What tasks must fit into; by default they are not asked.
    public init(now: @escaping @Sendable () -> Instant = { .origin }, memory: MemoryLimit? = nil) {
        self.now = now
        self.memory = memory
    }

    /// Weights of a task that its caller may keep, as the bytes of a safetensors file.
    public enum Weights: Hashable, Sendable {
        case initial([UInt8])
        case final([UInt8])
    }

    /// Told at the end of each epoch, with what makes a checkpoint of it where one is wanted.
    public typealias CheckpointTaker = (_ moment: CheckpointMoment, _ make: () -> TaskCheckpoint) -> Void

    /// Checkpoints from which a task may go on.
    public struct Resumption {
        /// The best first; where none can be used, the task starts anew.
        public let candidates: [TaskCheckpoint]
        /// What another task with the same training left; `nil` where there is none.
        public let earlier: EarlierTraining?
        /// Told in one sentence why a checkpoint cannot be used.
        public let refused: (String) -> Void

        public init(
            _ candidates: [TaskCheckpoint], earlier: EarlierTraining? = nil,
            refused: @escaping (String) -> Void = { _ in }
        ) {
            self.candidates = candidates
            self.earlier = earlier
            self.refused = refused
        }
    }

    /// Runs the task.
    ///
    /// Where it goes on from a checkpoint, its result is byte for byte that of a run that was never interrupted. What
    /// another task with the same training left takes the place of training and of measurements.
    ///
    /// - Parameters:
    ///   - configuration: The resolved configuration of a ``Sweeps/TrainingTask``.
    ///   - environment: Where files are; cannot change the result.
    ///   - resuming: Where to go on; by default at the start.
    ///   - keep: Receives the weights before and after training; `nil` spares the work.
    ///   - checkpoint: Offered a checkpoint after each epoch; by default none is made.
    ///   - progress: Told after every epoch.
    ///   - isCancelled: Asked before every epoch.
    /// - Returns: One measurement for each measured epoch; also for a run that diverged.
    /// - Throws: ``TaskError``: cancelled, impossible to run anywhere, or data that this machine cannot read.
    public func run(
        configuration: Setting, environment: Setting, resuming: Resumption? = nil,
        keep: ((Weights) -> Void)? = nil, checkpoint: CheckpointTaker = { _, _ in },
        progress: (Progress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(TaskError) -> TaskResult {
        let plan = try TaskPlan(configuration)
        if let memory { try memory.check(TaskCost.predict(configuration)) }
        switch plan.precision {
        case .float32:
            let run: TaskRun<Float> = try makeRun(plan, environment)
            return try complete(run, resuming, keep, checkpoint, progress, isCancelled)
        case .float64:
            let run: TaskRun<Double> = try makeRun(plan, environment)
            return try complete(run, resuming, keep, checkpoint, progress, isCancelled)
        }
    }

    private func complete<Scalar: Real>(
        _ run: TaskRun<Scalar>, _ resuming: Resumption?, _ keep: ((Weights) -> Void)?,
        _ checkpoint: CheckpointTaker, _ progress: (Progress) -> Void, _ isCancelled: () -> Bool
    ) throws(TaskError) -> TaskResult {
        keep?(.initial(run.storedWeights))
        if let resuming { run.resume(resuming) }
        let result = try run.run(offer: checkpoint, progress: progress, isCancelled: isCancelled)
        keep?(.final(run.storedWeights))
        return result
    }

    func makeRun<Scalar: Real>(
        _ plan: TaskPlan, _ environment: Setting
    ) throws(TaskError) -> TaskRun<Scalar> {
        let start = now()
        _ = try plan.subject()
        let dataset = try plan.loadDataset(environment)
        var times = TaskTimes()
        times.setup = now() - start
        return try TaskRun(plan: plan, dataset: dataset, times: times, now: now)
    }
}

extension TaskRunner {
    /// Measures stored weights as the last epoch of a task would be measured.
    ///
    /// - Parameters:
    ///   - weights: The bytes of a safetensors file with PyTorch's names and shapes.
    ///   - configuration: The resolved configuration of the task: data, network, loss and probes; nothing is trained.
    ///   - environment: Where files are.
    /// - Returns: The columns' names and one measurement, at epoch 0.
    /// - Throws: ``TaskError`` as ``run(configuration:environment:resuming:keep:checkpoint:progress:isCancelled:)`` does, and for weights
    ///   that do not fit the network.
    public func probe(
        weights: [UInt8], configuration: Setting, environment: Setting
    ) throws(TaskError) -> TaskResult {
        let plan = try TaskPlan(configuration)
        return switch plan.precision {
        case .float32: try probe(weights, plan, environment, Float.self)
        case .float64: try probe(weights, plan, environment, Double.self)
        }
    }

    private func probe<Scalar: Real>(
        _ weights: [UInt8], _ plan: TaskPlan, _ environment: Setting, _: Scalar.Type
    ) throws(TaskError) -> TaskResult {
        let run: TaskRun<Scalar> = try makeRun(plan, environment)
        try run.load(weights)
        return TaskResult(columns: plan.columns.map(\.name), measurements: [run.measure()])
    }
}

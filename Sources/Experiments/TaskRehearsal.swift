internal import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Probes
internal import Sweeps
internal import Training

/// The parts of one task, each done a few times on made-up images of its shape, and timed.
///
/// Networks, optimiser, precision, batch and probes are the task's own; there are only fewer samples, so that a rehearsal
/// takes a fraction of a second.
struct TaskRehearsal {
    /// What one part of a task took.
    struct Part {
        let seconds: Double
        /// Predicted floating-point operations of what was timed.
        let operations: Double
    }

    /// Making the network and its memory, in seconds.
    let setupSeconds: Double
    let training: Part
    let metrics: Part
    /// One reading of each probe, by name.
    let probes: [String: Part]

    private static let timeMin = Duration.milliseconds(40)

    /// - Parameters:
    ///   - configuration: Of the task, resolved.
    ///   - samplesMax: Training and test samples that are enough, up to a batch.
    ///   - now: A clock.
    /// - Throws: ``TaskError`` for a task that could never run.
    init(
        _ configuration: Setting, samplesMax: Int = 512, now: @escaping () -> Instant
    ) throws(TaskError) {
        let plan = try TaskPlan(configuration)
        switch plan.precision {
        case .float32: try self.init(plan, samplesMax, now, Float.self)
        case .float64: try self.init(plan, samplesMax, now, Double.self)
        }
    }

    private init<Scalar: Real>(
        _ plan: TaskPlan, _ samplesMax: Int, _ now: @escaping () -> Instant, _: Scalar.Type
    ) throws(TaskError) {
        let whole = try plan.subject()
        let batch = plan.recipe.batch
        // Whole batches, as nearly all of the task's are.
        let trainCount = min(max(1, samplesMax / batch) * batch, whole.trainCount)
        let testCount = min(samplesMax, whole.testCount)
        let dataset = TaskRehearsal.dataset(whole, trainCount: trainCount, testCount: testCount)
        let start = now()
        let run = try TaskRun<Scalar>(plan: plan, dataset: dataset, times: TaskTimes(), now: now)
        setupSeconds = (now() - start).inSeconds
        let subject = ProbeSubject(
            run.trainer.network, trainCount: trainCount, testCount: testCount,
            configuration: plan.configuration)
        let forward = subject.forwardOperations
        training = Part(
            seconds: TaskRehearsal.median(now) { run.trainer.runEpoch() },
            operations: 3 * forward * Double(trainCount))
        metrics = Part(
            seconds: TaskRehearsal.median(now) { run.measureMetrics() },
            operations: forward * Double(trainCount + testCount))
        var probes: [String: Part] = [:]
        for probe in plan.probes where probe.problem(with: subject) == nil {
            probes[type(of: probe).entry.name] = Part(
                seconds: TaskRehearsal.median(now) { run.rehearse(probe) },
                operations: probe.cost(for: subject).floatingPointOperations)
        }
        self.probes = probes
    }

    /// Normal numbers with labels, some of them wrong where the task's are.
    private static func dataset(_ subject: ProbeSubject, trainCount: Int, testCount: Int) -> Dataset {
        var generator = SeededGenerator(seed: 0, stream: "rehearsal")
        func samples(_ count: Int, hasNoise: Bool) -> Samples {
            let labels = (0..<count).map { Int32($0 % subject.classCount) }
            let assigned = labels.map { hasNoise && $0 == 0 ? Int32(subject.classCount - 1) : $0 }
            let inputs = (0..<count * subject.inputCount).map { _ in Float(generator.normal()) }
            return Samples(
                shape: subject.inputShape, inputs: inputs, labelsTrue: labels, labelsAssigned: assigned)
        }
        return Dataset(
            train: samples(trainCount, hasNoise: subject.hasNoise),
            test: samples(testCount, hasNoise: false), classCount: subject.classCount, inputRange: -1...1)
    }

    /// The median time of `body` in seconds, after one that does not count.
    private static func median(_ now: () -> Instant, _ body: () -> Void) -> Double {
        body()
        let start = now()
        var times: [Duration] = []
        // The upper bound is for clocks that stand still.
        while times.count < 3 || now() - start < timeMin && times.count < 10_000 {
            let before = now()
            body()
            times.append(now() - before)
        }
        return times.sorted()[times.count / 2].inSeconds
    }
}

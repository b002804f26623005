public import Basics
internal import Probes
public import Sweeps
internal import Training

/// Measures how long one reading of each probe of a task takes, beside an epoch of its training.
///
/// Made-up images of the task's shape, as many as it has; everything else is the task's own.
public struct ProbeBenchmark: Sendable {
    /// The resolved configuration of a ``Sweeps/TrainingTask``, probes and all.
    public let configuration: Setting

    public init(configuration: Setting) { self.configuration = configuration }

    /// What took how long.
    public struct Timing: Hashable, Sendable {
        /// A probe's name, or `train_epoch`.
        public let name: String
        /// Median over the repetitions.
        public let millisecondsMedian: Double
        /// All readings of the task, as a part of all its training: 0.25 for a quarter.
        public let share: Double
    }

    /// Times an epoch, then each probe that fits in the order of the catalog.
    ///
    /// - Throws: ``TaskError`` for a task that could never run, such as one that its probes do not fit.
    public func measure(now: @escaping () -> Instant) throws(TaskError) -> [Timing] {
        let plan = try TaskPlan(configuration)
        let rehearsal = try TaskRehearsal(configuration, samplesMax: try plan.subject().trainCount, now: now)
        let stepsPerEpoch = try (plan.subject().trainCount + plan.recipe.batch - 1) / plan.recipe.batch
        let epochs = Double(plan.stepCount(stepsPerEpoch: stepsPerEpoch)) / Double(stepsPerEpoch)
        let epoch = rehearsal.training.seconds
        let probes = plan.probes.compactMap { probe -> Timing? in
            let name = type(of: probe).entry.name
            guard let seconds = rehearsal.probes[name]?.seconds else { return nil }
            let training = epochs * epoch
            return Timing(
                name: name, millisecondsMedian: seconds * 1e3,
                share: training > 0 ? Double(plan.measured.count) * seconds / training : 0)
        }
        return [Timing(name: "train_epoch", millisecondsMedian: epoch * 1e3, share: 1)] + probes
    }

    /// The names of the probes that fit a task and say something of it, in the order of the catalog, at the defaults of
    /// their options.
    public static func fitting(_ configuration: Setting) throws(TaskError) -> [String] {
        var bare = configuration
        bare["measure.probes"] = .map([:])
        let subject = try TaskPlan(bare).subject()
        return Probes.Catalog.probes.filter { kind in
            var options = Setting.map([:])
            for option in kind.entry.options { options[option.key] = option.standard }
            let probe = kind.init(options: options)
            return probe.problem(with: subject) == nil
                && !probe.gaps(for: subject).contains(where: \.isRefusedEverywhere)
        }.map { $0.entry.name }
    }
}

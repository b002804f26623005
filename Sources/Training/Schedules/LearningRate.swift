internal import Sweeps

/// The learning rate of every step: a base rate, a schedule, and a linear warm-up before it.
public struct LearningRate: Sendable {
    /// The rate that the schedule scales.
    public let base: Double
    public let schedule: any Schedule
    /// Epochs of warm-up; 0 for none.
    public let warmupEpochs: Int
    /// The rate of the first step when there is a warm-up.
    public let warmupFrom: Double

    /// Options that every schedule takes.
    static let warmupOptions = [
        Option(
            "warmup-epochs", .integer(0...1_000_000), standard: 0, unit: "epochs",
            "Epochs over which the rate rises linearly, step by step, to the schedule's."),
        Option("warmup-from", .number(0...1e30), standard: 0, "Rate of the first step of the warm-up."),
    ]

    public init(
        _ base: Double, schedule: any Schedule = ConstantSchedule(), warmupEpochs: Int = 0,
        warmupFrom: Double = 0
    ) {
        self.base = base
        self.schedule = schedule
        self.warmupEpochs = warmupEpochs
        self.warmupFrom = warmupFrom
    }

    /// The rate at a step, counted from 0.
    ///
    /// During the warm-up it goes in equal steps from ``warmupFrom`` to the base rate, which the first step after it
    /// takes; the schedule then starts from that step, as if there had been none before.
    public func rate(atStep step: Int, stepsPerEpoch: Int) -> Double {
        let warmupSteps = warmupEpochs * stepsPerEpoch
        if step >= warmupSteps { return base * schedule.factor(atStep: step - warmupSteps) }
        return warmupFrom + (base - warmupFrom) * (Double(step) / Double(warmupSteps))
    }
}

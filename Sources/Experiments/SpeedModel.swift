public import Basics
public import Sweeps
internal import Training

/// Predicts seconds from operations: a fixed time a step and a time an operation, both measured on this machine.
///
/// Narrow networks are ruled by the first, wide ones by the second; two measurements give both.
public struct SpeedModel: Hashable, Sendable {
    /// Beside its arithmetic.
    public let secondsPerStep: Double
    public let secondsPerOperation: Double

    public init(secondsPerStep: Double, secondsPerOperation: Double) {
        self.secondsPerStep = secondsPerStep
        self.secondsPerOperation = secondsPerOperation
    }

    /// Measures the cheapest and the dearest network of a sweep, about a tenth of a second each.
    ///
    /// - Parameters:
    ///   - tasks: Tasks of the sweep with their costs; at least one.
    ///   - now: A monotonic clock.
    /// - Throws: ``TaskError`` for a model that the catalog cannot make.
    public init(
        calibratedOn tasks: [(configuration: Setting, cost: TaskCost)], now: () -> Instant
    ) throws(TaskError) {
        let sorted = tasks.sorted { $0.cost.operationsPerStep < $1.cost.operationsPerStep }
        guard let small = sorted.first, let large = sorted.last else {
            preconditionFailure("there is nothing to calibrate on without tasks")
        }
        let low = try SpeedModel.secondsOfStep(small.configuration, now)
        let high = try SpeedModel.secondsOfStep(large.configuration, now)
        let difference = large.cost.operationsPerStep - small.cost.operationsPerStep
        if difference > 0, high > low {
            secondsPerOperation = (high - low) / difference
        } else {
            secondsPerOperation = high / max(large.cost.operationsPerStep, 1)
        }
        secondsPerStep = max(0, low - secondsPerOperation * small.cost.operationsPerStep)
    }

    /// The time that a task takes on one core.
    public func seconds(of cost: TaskCost) -> Double {
        Double(cost.stepCount) * secondsPerStep + cost.operations * secondsPerOperation
    }

    private static func secondsOfStep(_ configuration: Setting, _ now: () -> Instant) throws(TaskError)
        -> Double
    {
        let plan = try TaskPlan(configuration)
        let benchmark = ThroughputBenchmark(
            model: configuration["model"] ?? .null, input: try plan.inputShape(), batch: plan.recipe.batch)
        let timings = try benchmark.measure(timeMin: .milliseconds(60), now: now)
        return (timings.first { $0.kind == "train_step" }?.millisecondsMedian ?? 0) / 1e3
    }
}

public import Sweeps

/// Falls by a constant factor at each of some steps: PyTorch's `MultiStepLR`, counted in steps.
public struct StepSchedule: Schedule {
    public static let entry = CatalogEntry(
        "step", "Multiplied by a factor at each of the given steps.",
        options: [
            Option(
                "milestones", .numbers(1...1e15), unit: "steps",
                "Steps at which the rate changes, counted from 0, or from the end of the warm-up."),
            Option("factor", .number(0...1), standard: 0.1, "What each milestone multiplies the rate by."),
        ] + LearningRate.warmupOptions)

    /// Steps at which the rate changes, in any order.
    public let milestones: [Double]
    /// What each multiplies the rate by, in [0, 1].
    public let factor: Double

    public init(milestones: [Double], factor: Double = 0.1) {
        self.milestones = milestones
        self.factor = factor
    }

    public init(options: Setting) {
        self.init(
            milestones: options["milestones"]?.asList?.compactMap(\.asNumber) ?? [],
            factor: Self.entry.number("factor", in: options))
    }

    public func factor(atStep step: Int) -> Double {
        var product = 1.0
        for milestone in milestones where milestone <= Double(step) { product *= factor }
        return product
    }
}

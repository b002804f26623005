public import Sweeps

/// How the learning rate goes on from step to step: a pure function of the step.
///
/// To add one, write a type in `Sources/Training/Schedules/` and name it in ``Catalog/schedules``.
public protocol Schedule: Sendable {
    /// How sweeps name it, and its options: those of the warm-up last.
    static var entry: CatalogEntry { get }

    /// A schedule with validated options; what is missing takes its default.
    init(options: Setting)

    /// What the learning rate is multiplied by at a step, counted from 0.
    func factor(atStep step: Int) -> Double
}

/// The same learning rate at every step.
public struct ConstantSchedule: Schedule {
    public static let entry = CatalogEntry(
        "constant", "The same learning rate at every step.", options: LearningRate.warmupOptions)

    public init() {}

    public init(options: Setting) {}

    public func factor(atStep step: Int) -> Double { 1 }
}

/// Falls with the root of time: η₀ / √(1 + ⌊t / period⌋) at gradient step t.
///
/// Nakkiran et al. (2019) train their networks with it, with a period of 512 steps.
public struct InverseSquareRootSchedule: Schedule {
    public static let entry = CatalogEntry(
        "inverse-square-root", "Falls as one over the root of 1 + steps / period, the fraction rounded down.",
        options: [
            Option("period", .integer(1...1_000_000_000), standard: 512, unit: "steps", "Steps at one rate.")
        ] + LearningRate.warmupOptions)

    /// Steps at one rate.
    public let period: Int

    public init(period: Int = 512) { self.period = period }

    public init(options: Setting) { self.init(period: Self.entry.integer("period", in: options)) }

    public func factor(atStep step: Int) -> Double { 1 / Double(1 + step / period).squareRoot() }
}

public import Basics

/// Tells from the tasks that have ended how long the others will take.
///
/// Tasks of a sweep differ: a network of width 64 costs more than one of width 1. Each task therefore has a *weight*,
/// its predicted cost, and what is estimated is the time for a unit of weight.
public struct ProgressEstimate: Sendable {
    /// The newest completions, at most ``windowSize``; speed changes when workers come and go.
    private var window: [Completion] = []
    private var last: Instant
    private static let windowSize = 400

    private struct Completion {
        /// Since the completion before it.
        let seconds: Double
        let weight: Double
    }

    public init(startedAt now: Instant) { last = now }

    /// A task has ended.
    ///
    /// - Parameters:
    ///   - weight: Its predicted cost in any unit; 1 where none is known.
    ///   - now: When.
    public mutating func completed(weight: Double = 1, at now: Instant) {
        let seconds = max(0, (now - last).inSeconds)
        window.append(Completion(seconds: seconds, weight: max(weight, .leastNormalMagnitude)))
        if window.count > ProgressEstimate.windowSize { window.removeFirst() }
        last = now
    }

    /// Tasks a second over the window; `nil` before the second completion.
    public var tasksPerSecond: Double? {
        let seconds = window.reduce(0) { $0 + $1.seconds }
        return window.count >= 2 && seconds > 0 ? Double(window.count) / seconds : nil
    }

    /// The time that remains, and an interval around it that should hold it nineteen times out of twenty.
    public struct Remaining: Hashable, Sendable {
        public let expected: Duration
        public let low: Duration
        public let high: Duration

        public init(expected: Duration, low: Duration, high: Duration) {
            self.expected = expected
            self.low = low
            self.high = high
        }
    }

    /// What remains after now.
    ///
    /// Completions are taken for independent draws whose time is proportional to their weight: with k of them seen and
    /// r to come, the sum to come has the variance σ²(r + r²/k), the first term for the draws and the second for the
    /// mean that we do not know. σ² is not known either, hence Student's distribution and not the normal one.
    ///
    /// - Parameters:
    ///   - weight: The predicted cost of all tasks that have not ended.
    ///   - count: How many they are.
    ///   - now: The time.
    /// - Returns: `nil` while fewer than three tasks have ended.
    public func remaining(weight: Double, count: Int, at now: Instant) -> Remaining? {
        let seenWeight = window.reduce(0) { $0 + $1.weight }
        let seenSeconds = window.reduce(0) { $0 + $1.seconds }
        guard window.count >= 3, seenSeconds > 0, count > 0 else {
            return count == 0 ? Remaining(expected: .zero, low: .zero, high: .zero) : nil
        }
        let (seen, left) = (Double(window.count), Double(count))
        let secondsPerWeight = seenSeconds / seenWeight
        let variance =
            window.reduce(0) { sum, completion in
                let deviation = completion.seconds - completion.weight * secondsPerWeight
                return sum + deviation * deviation
            } / (seen - 1)
        let expected = max(0, weight * secondsPerWeight - (now - last).inSeconds)
        let margin =
            Self.quantile(freedom: seen - 1) * (variance * (left + left * left / seen)).squareRoot()
        return Remaining(
            expected: .seconds(expected), low: .seconds(max(0, expected - margin)),
            high: .seconds(expected + margin))
    }

    /// What Student's t exceeds once in forty times, by Cornish and Fisher's expansion: 3 % low with two degrees of
    /// freedom, and exact to three digits from five on.
    private static func quantile(freedom: Double) -> Double {
        let z = 1.959964
        let (z3, z5, z7) = (z * z * z, z * z * z * z * z, z * z * z * z * z * z * z)
        return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom)
            + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * freedom * freedom * freedom)
    }
}

import Basics
import Messaging
import Sweeps

extension Coordinator {
    /// The time that remains, with an interval that should hold it nineteen times out of twenty.
    public struct Forecast: Hashable, Sendable {
        public let expected: Duration
        public let low: Duration
        public let high: Duration

        public init(expected: Duration, low: Duration, high: Duration) {
            self.expected = expected
            self.low = low
            self.high = high
        }
    }

    /// Learns from a result how fast its worker is.
    mutating func noteSpeed(of report: ResultReport, _ index: Int, _ place: Int) {
        let cost = tasks[index].cost
        workers[place].speed.note(cost: cost, took: report.elapsed)
        fleetSpeed.note(cost: cost, took: report.elapsed)
        recentResults.note(lastEvent)
    }

    /// Predicted cost a second at a place: the worker's own speed once it has shown one, before that the fleet's.
    func secondsPerCost(_ place: Int) -> Double? {
        workers[place].speed.secondsPerCost ?? fleetSpeed.secondsPerCost
    }

    /// How long the task would take there; `nil` before anything was measured.
    func predictedSeconds(_ cost: Float, at place: Int) -> Double? {
        secondsPerCost(place).map { $0 * MeasuredSpeed.counted(cost) }
    }

    /// When everything will be done, if the workers that are here stay.
    ///
    /// With relative spread σ of single tasks, costs c of the n that remain and k seen, the sum has the relative
    /// variance σ²(Σc²/(Σc)² + 1/k): the first term for the draws to come, the second for the mean that we only
    /// estimate.
    var forecast: Forecast? {
        let counts = tasks.counts
        guard counts.waiting + counts.held > 0 else {
            return Forecast(expected: .zero, low: .zero, high: .zero)
        }
        guard fleetSpeed.isTelling else { return nil }
        var left = tasks.costWaiting
        var costPerSecond = 0.0
        var longest = 0.0
        for place in workers.places where workers[place].session != nil {
            guard let secondsPerCost = secondsPerCost(place), secondsPerCost > 0 else { continue }
            if !workers[place].isDismissed { costPerSecond += 1 / secondsPerCost }
            for held in workers[place].holding {
                let cost = tasks[held.taskIndex].cost
                let share = 1 - (held.progress?.share ?? 0)
                left.add(Float(Double(cost.asCounted) * share), 1)
                longest = max(longest, cost.asCounted * share * secondsPerCost)
            }
        }
        guard costPerSecond > 0, left.sum > 0 else { return nil }
        let expected = max(left.sum / costPerSecond, longest)
        let variance = left.sumOfSquares / (left.sum * left.sum) + 1 / fleetSpeed.count
        let margin = 1.96 * expected * fleetSpeed.spread * variance.squareRoot()
        return Forecast(
            expected: .seconds(expected), low: .seconds(max(0, expected - margin)),
            high: .seconds(expected + margin))
    }
}

extension Float {
    var asCounted: Double { MeasuredSpeed.counted(self) }
}

extension TaskProgress {
    /// How much of the task is done, in [0, 1].
    fileprivate var share: Double {
        epochCount > 0 ? min(1, max(0, Double(epoch) / Double(epochCount))) : 0
    }
}

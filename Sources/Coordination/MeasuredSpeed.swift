import Basics

/// How long tasks take for their predicted cost, learned from those that have ended.
struct MeasuredSpeed: Sendable {
    /// Tasks seen, old ones fading.
    private(set) var count = 0.0
    private var cost = 0.0
    private var seconds = 0.0
    /// Sums over tasks of the ratio of seconds to cost, and of its square.
    private var ratio = 0.0
    private var ratioSquared = 0.0

    /// What a task counts for when another has ended: the last fifty or so decide.
    private static let fading = 0.98

    /// A task of this cost took this long.
    mutating func note(cost: Float, took duration: Duration) {
        let cost = MeasuredSpeed.counted(cost)
        let seconds = max(0, duration.inSeconds)
        let fading = MeasuredSpeed.fading
        count = count * fading + 1
        self.cost = self.cost * fading + cost
        self.seconds = self.seconds * fading + seconds
        ratio = ratio * fading + seconds / cost
        ratioSquared = ratioSquared * fading + seconds / cost * (seconds / cost)
    }

    /// Tasks without a predicted cost are all alike.
    static func counted(_ cost: Float) -> Double { cost > 0 ? Double(cost) : 1 }

    /// `nil` before the first task.
    var secondsPerCost: Double? { cost > 0 ? seconds / cost : nil }

    /// Three tasks or more were seen: fewer have no spread to speak of.
    var isTelling: Bool { count > 2.9 }

    /// The standard deviation of a task's time for its cost, relative to the mean.
    var spread: Double {
        guard count > 1, ratio > 0 else { return 0 }
        let mean = ratio / count
        return max(0, ratioSquared / count - mean * mean).squareRoot() / mean
    }
}

/// Costs of many tasks, added and taken away one by one.
struct CostSum: Hashable, Sendable {
    private(set) var sum = 0.0
    private(set) var sumOfSquares = 0.0

    mutating func add(_ cost: Float, _ times: Int) {
        let cost = MeasuredSpeed.counted(cost)
        sum += cost * Double(times)
        sumOfSquares += cost * cost * Double(times)
    }

    /// Equal but for what rounding leaves when many are added and taken away.
    static func == (a: CostSum, b: CostSum) -> Bool { abs(a.sum - b.sum) <= 1e-6 * max(a.sum, b.sum, 1) }
}

/// When the newest results came, to tell the throughput.
struct RecentEnds: Sendable {
    private var times: [Instant] = []
    private var next = 0
    private static let countMax = 256

    mutating func note(_ now: Instant) {
        if times.count < RecentEnds.countMax {
            times.append(now)
        } else {
            times[next] = now
            next = (next + 1) % RecentEnds.countMax
        }
    }

    /// Results a second, up to now; `nil` before the second one.
    func perSecond(at now: Instant) -> Double? {
        guard times.count > 1 else { return nil }
        let first = times.count < RecentEnds.countMax ? times[0] : times[next]
        let seconds = (now - first).inSeconds
        return seconds > 0 ? Double(times.count - 1) / seconds : nil
    }
}

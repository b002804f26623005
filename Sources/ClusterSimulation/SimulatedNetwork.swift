import Basics

/// Decides for each message whether, when and how often it arrives.
package struct SimulatedNetwork: Sendable {
    /// One direction of one worker's connection.
    struct Link: Sendable {
        var cutUntil = Instant.origin
        var lastArrival = Instant.origin
    }

    package enum Direction: Int, Hashable, Sendable, CaseIterable {
        case toCoordinator
        case toWorker
    }

    var faults: Faults
    /// Messages lost on order, for scripted stories.
    var lossesOrdered: [@Sendable (Traffic) -> Bool] = []
    private var links: [[Link]]
    private var generator: SeededGenerator

    init(workerCount: Int, faults: Faults, seed: UInt64) {
        self.faults = faults
        generator = SeededGenerator(seed: seed, stream: "network")
        links = Array(repeating: [Link(), Link()], count: workerCount)
    }

    mutating func cut(_ worker: Int, _ direction: Direction, until time: Instant) {
        links[worker][direction.rawValue].cutUntil = max(links[worker][direction.rawValue].cutUntil, time)
    }

    mutating func heal() {
        faults = Faults()
        for worker in links.indices {
            for direction in Direction.allCases { links[worker][direction.rawValue].cutUntil = .origin }
        }
    }

    /// When the message arrives: never, once, or twice.
    mutating func arrivals(_ traffic: Traffic, _ worker: Int, _ direction: Direction, at now: Instant)
        -> [Instant]
    {
        if let index = lossesOrdered.firstIndex(where: { $0(traffic) }) {
            lossesOrdered.remove(at: index)
            return []
        }
        guard links[worker][direction.rawValue].cutUntil <= now else { return [] }
        guard faults.loss == 0 || generator.uniform() >= faults.loss else { return [] }
        var arrivals = [arrival(worker, direction, at: now)]
        if faults.duplication > 0, generator.uniform() < faults.duplication {
            arrivals.append(arrival(worker, direction, at: now))
        }
        return arrivals
    }

    private mutating func arrival(_ worker: Int, _ direction: Direction, at now: Instant) -> Instant {
        // Most messages are quick even on a bad day: the square makes long delays rare.
        let share = generator.uniform()
        let delay = Duration.nanoseconds(Int64(share * share * Double(faults.delayMax.wholeNanoseconds)))
        var time = now + .microseconds(100) + delay
        guard !faults.reorders else { return time }
        time = max(time, links[worker][direction.rawValue].lastArrival)
        links[worker][direction.rawValue].lastArrival = time
        return time
    }
}

import Basics
import Experiments
import Sweeps
import Synchronization
import Testing

/// A task that was trained before is measured on the checkpoints of then, to the bytes of one that trains.
@Suite("Earlier training")
struct EarlierTrainingTests {
    private static let before: [(String, Setting?)] = [
        ("training.epochs", 6), ("measure.at", [1, 3, 4]), ("measure.probes", ["jacobian-norm"]),
    ]
    private static let after = before + [("measure.probes", ["local-complexity", "jacobian-norm"])]

    /// The checkpoints of the first task, at every epoch that `isKept`.
    private func checkpoints(where isKept: (CheckpointMoment) -> Bool) throws -> EarlierTraining {
        var kept: [Int: TaskCheckpoint] = [:]
        let settings = try resolved(Self.before)
        _ = try TaskRunner().run(
            configuration: settings.configuration, environment: settings.environment,
            checkpoint: { moment, make in if isKept(moment) { kept[moment.epoch] = make() } })
        return EarlierTraining(epochs: Array(kept.keys)) { kept[$0] }
    }

    /// The second task, helped by the first, with what was said and how often the clock was read to time training.
    private func measure(
        _ changes: [(String, Setting?)], with earlier: EarlierTraining
    ) throws -> (bytes: [UInt8], refusals: [String], times: TaskTimes?) {
        let clock = CountingClock()
        let settings = try resolved(changes)
        var (refusals, times): ([String], TaskTimes?) = ([], nil)
        let result = try TaskRunner(now: { clock.next() }).run(
            configuration: settings.configuration, environment: settings.environment,
            resuming: TaskRunner.Resumption([], earlier: earlier) { refusals.append($0) },
            progress: { times = $0.times })
        return (result.encoded(), refusals, times)
    }

    @Test("trains nothing where every measured epoch has a checkpoint, and reads no probe a second time")
    func complete() throws {
        let earlier = try checkpoints { $0.isMeasured }
        #expect(earlier.epochs == [1, 3, 4, 6])
        let helped = try measure(Self.after, with: earlier)
        #expect(helped.refusals == [])
        #expect(helped.times?.training == .zero)
        #expect(helped.times?.metrics == .zero)
        // Five moments with the first, and one reading at each: that of the new probe.
        #expect(helped.times?.probes == .nanoseconds(5))
        let isSame = helped.bytes == (try run(Self.after).encoded())
        #expect(isSame)
    }

    @Test("trains between the checkpoints that there are", arguments: [[2], [3], [1, 6], [5]])
    func gaps(epochs: [Int]) throws {
        let helped = try measure(Self.after, with: try checkpoints { epochs.contains($0.epoch) })
        #expect((helped.times?.training ?? .zero) > .zero)
        let isSame = helped.bytes == (try run(Self.after).encoded())
        #expect(isSame, "\(epochs)")
    }

    @Test("measures losses itself where they were measured otherwise, and at epochs that were not")
    func otherMoments() throws {
        let otherwise = Self.after + [("measure.at", [2, 4]), ("measure.batch-norm", "batch")]
        let helped = try measure(otherwise, with: try checkpoints { $0.isMeasured })
        #expect((helped.times?.metrics ?? .zero) > .zero)
        let isSame = helped.bytes == (try run(otherwise).encoded())
        #expect(isSame)
    }

    @Test("takes nothing from a training with another seed, and says so")
    func otherTraining() throws {
        let helped = try measure(Self.after + [("seed", 6)], with: try checkpoints { $0.isMeasured })
        #expect(helped.refusals.count == 4)
        let isSame = helped.bytes == (try run(Self.after + [("seed", 6)]).encoded())
        #expect(isSame)
    }
}

/// Every reading is a nanosecond after the one before: times count how often something was timed.
private final class CountingClock: Sendable {
    private let readings = Atomic<Int>(0)

    func next() -> Instant {
        .origin + .nanoseconds(readings.add(1, ordering: .relaxed).newValue)
    }
}

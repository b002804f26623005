import Basics
import Experiments
import Probes
import Sweeps
import Testing
import Training

@Suite("TaskRunner")
struct TaskRunnerTests {
    /// Every probe that is built, with its standard options.
    private static func everyProbe() throws -> Setting { .list(try fittingProbes()) }

    @Test("gives the same bytes for the same task, in either precision", arguments: ["float32", "float64"])
    func sameBytes(precision: String) throws {
        let changes: [(String, Setting)] = [
            ("training.precision", .text(precision)), ("measure.probes", try Self.everyProbe()),
        ]
        let (first, second) = (try run(changes), try run(changes))
        #expect(first.contentHash == second.contentHash)
        let other = try run(changes + [("seed", 6)])
        #expect(first.contentHash != other.contentHash)
    }

    @Test("measures the epochs of the schedule, the first and the last always")
    func measuredEpochs() throws {
        let result = try run()
        #expect(result.measurements.map(\.epoch) == [0, 1, 2, 4])
        // 60 samples in batches of 25, 25 and 10.
        #expect(result.measurements.map(\.step) == [0, 3, 6, 12])
        #expect(result.divergedAtEpoch == nil)
        #expect(result.columns == Metrics.columns.map(\.name))
    }

    @Test("a length in steps is measured in steps, in the middle of epochs too")
    func steps() throws {
        // 60 samples in batches of 25, 25 and 10: 3 steps an epoch.
        let result = try run([
            ("training.epochs", nil), ("training.steps", 8), ("measure.at", [1, 3, 4, 6]),
        ])
        #expect(result.measurements.map(\.step) == [0, 1, 3, 4, 6, 8])
        #expect(result.measurements.map(\.epoch) == [0, 0, 1, 1, 2, 2])
        let passes = [0, 1, 3, 4, 6, 8].map { Double($0) / 3 }
        #expect(result.measurements.map(\.passes) == passes)
        let epochs = try run([("training.epochs", 2), ("measure.at", [1])])
        for measurement in epochs.measurements {
            let same = result.measurements.first { $0.step == measurement.step }
            #expect(same?.scalars == measurement.scalars, "step \(measurement.step)")
        }
    }

    @Test("a run that diverges within an epoch says in which, and has rows to the end")
    func divergenceInSteps() throws {
        let result = try run([
            ("training.epochs", nil), ("training.steps", 8), ("measure.at", ["every": 1]),
            ("optimizer.learning-rate", 1e30), ("model.depth", 3),
        ])
        let diverged = try #require(result.divergedAtEpoch)
        #expect(result.measurements.map(\.step) == Array(0...8))
        let first = try #require(result.measurements.first { $0.scalars[0]?.isNaN == true })
        #expect(diverged == (first.step + 2) / 3)
    }

    @Test("epochs and steps exclude each other, and a file that gives both is told so")
    func epochsOrSteps() throws {
        let error = #expect(throws: InvalidSettings.self) { try resolved([("training.steps", 8)]) }
        #expect(
            error?.description.contains("training.steps: stands in for training.epochs, which is given too")
                == true)
        let steps = try resolved([("training.epochs", nil), ("training.steps", 8)]).configuration
        #expect(steps["training.epochs"] == nil)
        #expect(steps["training.steps"] == 8)
        #expect(try resolved().configuration["training.steps"] == nil)
    }

    @Test("a sweep counted in steps is frozen without epochs, and means the same tasks when it is read again")
    func frozenSteps() throws {
        for include in [[SettingMap](), [["training.steps": 9]]] {
            var spec = SweepSpec(
                name: "steps",
                base: ["dataset": "digits", "model": ["family": "mlp", "width": 4], "optimizer": "adam"],
                axes: [Axis("seed", [0, 1])], include: include)
            if include.isEmpty { spec.base["training.steps"] = 8 }
            let grid = try Grid(spec, schema: Vocabulary.schema)
            let again = try Grid(grid.frozen, schema: Vocabulary.schema)
            #expect(again.map(\.id) == grid.map(\.id))
            #expect(grid.frozen.base["training.epochs"] == nil)
        }
    }

    @Test("the statistics behind losses are a matter of measuring, not of training")
    func batchStatistics() throws {
        let normalized: [(String, Setting)] = [("model.batch-norm", true), ("model.depth", 2)]
        let silent = try run(normalized)
        #expect(try run(normalized + [("measure.batch-norm", "running")]) == silent)
        let batch = try run(normalized + [("measure.batch-norm", "batch")])
        #expect(batch != silent)
        #expect(try run([("measure.batch-norm", "batch")]) == run(), "without batch normalisation")
    }

    @Test("precision changes bits, not the story")
    func precisions() throws {
        let single = try run([("training.precision", "float32")])
        let double = try run([("training.precision", "float64")])
        #expect(single != double)
        for (a, b) in zip(single.measurements, double.measurements) {
            let (lossSingle, lossDouble) = (try #require(a.scalars[0]), try #require(b.scalars[0]))
            #expect(abs(lossSingle - lossDouble) < 1e-3)
        }
    }

    @Test("a probe changes no other number")
    func probesOnlyRead() throws {
        let bare = try run()
        for probe in try fittingProbes() {
            let probed = try run([("measure.probes", .list([probe]))])
            #expect(probed.encoded() != bare.encoded(), "\(probe.canonicalText)")
            let shared = probed.measurements.map { Array($0.scalars[..<bare.columns.count]) }
            #expect(shared == bare.measurements.map(\.scalars), "\(probe.canonicalText)")
        }
    }

    @Test("every probe fills its columns with finite numbers")
    func everyProbe() throws {
        let result = try run([("measure.probes", try Self.everyProbe())])
        for measurement in result.measurements {
            for (column, value) in zip(result.columns, measurement.scalars) {
                // A basin has no size before the network fits anything, nor a group of no samples a mean.
                let isOptional = column.hasPrefix("basin_") || column.hasPrefix("similarity_")
                let isFinite = value?.isFinite == true || isOptional
                #expect(isFinite, "\(column) at epoch \(measurement.epoch)")
            }
        }
        #expect(Set(result.columns).count == result.columns.count)
    }

    @Test("leaves the clean and noisy columns empty in a task without noise, in every row")
    func withoutNoise() throws {
        let result = try run([("dataset.noise", "none")])
        for measurement in result.measurements {
            for (column, value) in zip(result.columns, measurement.scalars) {
                let isPart =
                    column.hasPrefix("noisy") || column.hasPrefix("clean") || column.hasSuffix("_clean")
                    || column.hasSuffix("_noisy")
                #expect((value == nil) == isPart, "\(column)")
            }
        }
    }

    @Test("a run that diverges is a result: NaN from that epoch on, a row for every measured epoch")
    func divergence() throws {
        let result = try run([
            ("optimizer.learning-rate", 1e30), ("training.epochs", 20), ("measure.at", [1, 10]),
            ("measure.probes", try Self.everyProbe()),
        ])
        let diverged = try #require(result.divergedAtEpoch)
        #expect(diverged > 0)
        #expect(result.measurements.map(\.epoch) == [0, 1, 10, 20])
        #expect(result.measurements.map(\.step) == [0, 3, 30, 60])
        for measurement in result.measurements {
            let isDiverged = measurement.epoch >= diverged
            for (column, value) in zip(result.columns, measurement.scalars)
            where isDiverged || !column.hasPrefix("basin_") {
                let isUndefined = value?.isNaN == true
                #expect(isUndefined == isDiverged, "\(column) at epoch \(measurement.epoch)")
            }
        }
    }

    @Test("stops within an epoch of being cancelled")
    func cancellation() throws {
        let settings = try resolved([("training.epochs", 1_000_000)])
        var epochs = 0
        #expect(throws: TaskError.cancelled) {
            try TaskRunner().run(
                configuration: settings.configuration, environment: settings.environment,
                progress: { epochs = $0.epoch }, isCancelled: { epochs >= 3 })
        }
        #expect(epochs == 3)
    }

    @Test("tells its progress after every epoch, with the latest errors")
    func progress() throws {
        let settings = try resolved()
        var told: [TaskRunner.Progress] = []
        let result = try TaskRunner().run(
            configuration: settings.configuration, environment: settings.environment,
            progress: { told.append($0) })
        #expect(told.map(\.epoch) == [0, 1, 2, 3, 4])
        let epochs = told.map(\.epochCount)
        #expect(epochs == [4, 4, 4, 4, 4])
        #expect(told.last?.errorTrain == result.measurements.last?.scalars[1])
        #expect(told.last?.errorTest == result.measurements.last?.scalars[3])
    }

    @Test("tells where the time goes by the clock it is given, and no result depends on it")
    func times() throws {
        let settings = try resolved([("measure.probes", try Self.everyProbe())])
        let clock = SteppingClock()
        var times = TaskTimes()
        let result = try TaskRunner(now: { clock.next() }).run(
            configuration: settings.configuration, environment: settings.environment,
            progress: { times = $0.times })
        // The clock moves a second each time it is read: one for each span.
        #expect(times.training == .seconds(4))
        #expect(times.metrics == .seconds(4))
        #expect(times.probes == .seconds(4 * (try fittingProbes().count)))
        #expect(result.encoded() == (try run([("measure.probes", try Self.everyProbe())])).encoded())
    }
}

/// A clock that moves one second at each reading.
private final class SteppingClock: @unchecked Sendable {
    private var reading = Instant.origin

    func next() -> Instant {
        reading = reading + .seconds(1)
        return reading
    }
}

import Basics
import Datasets
import Experiments
import Networks
import Probes
import Sweeps
import TestSupport
import Testing
import Training

/// A task that is stopped and goes on gives the bytes of one that was never stopped.
@Suite("Resumption")
struct ResumptionTests {
    /// The result, with the checkpoints that were offered after the given epochs, or after all.
    private func runKeeping(
        _ settings: ResolvedSettings
    ) throws -> (bytes: [UInt8], checkpoints: [TaskCheckpoint]) {
        var checkpoints: [TaskCheckpoint] = []
        let result = try TaskRunner().run(
            configuration: settings.configuration, environment: settings.environment,
            checkpoint: { moment, make in if !moment.isEnd { checkpoints.append(make()) } })
        return (result.encoded(), checkpoints)
    }

    /// The result of going on from `checkpoints`, with what was said of those that cannot be used.
    private func resume(
        _ settings: ResolvedSettings, from checkpoints: [TaskCheckpoint]
    ) throws -> (bytes: [UInt8], refusals: [String], epochs: [Int]) {
        var refusals: [String] = []
        var epochs: [Int] = []
        let result = try TaskRunner().run(
            configuration: settings.configuration, environment: settings.environment,
            resuming: TaskRunner.Resumption(checkpoints) { refusals.append($0) },
            progress: { epochs.append($0.epoch) })
        return (result.encoded(), refusals, epochs)
    }

    /// Cuts a task at the end of each of its epochs.
    private func check(_ changes: [(String, Setting?)]) throws {
        let title = changes.map { "\($0.0)=\($0.1?.canonicalText ?? "")" }.joined(separator: " ")
        let settings = try resolved([("training.epochs", 3)] + changes)
        let whole = try runKeeping(settings)
        #expect(whole.checkpoints.map(\.epoch) == [1, 2], "\(title)")
        #expect(whole.bytes == (try run([("training.epochs", 3)] + changes).encoded()), "\(title)")
        for checkpoint in whole.checkpoints {
            let resumed = try resume(settings, from: [checkpoint])
            #expect(resumed.refusals == [], "\(title)")
            #expect(resumed.epochs.first == checkpoint.epoch + 1, "\(title)")
            let isSame = resumed.bytes == whole.bytes
            #expect(isSame, "\(title) cut after epoch \(checkpoint.epoch)")
        }
    }

    /// An entry with a value for each option that has no default.
    private static func section(_ entry: CatalogEntry) -> Setting {
        var section: Setting = ["name": .text(entry.name)]
        for option in entry.options where option.standard == nil { section[option.key] = [2] }
        return section
    }

    @Test("is bitwise for every optimiser, schedule, loss and precision")
    func recipes() throws {
        for optimizer in Training.Catalog.optimizers {
            for schedule in Training.Catalog.schedules {
                for loss in Networks.Catalog.losses where loss.isBuilt {
                    for precision in ["float32", "float64"] {
                        var section: Setting = ["name": .text(optimizer.entry.name), "weight-decay": 0.001]
                        if optimizer.entry.options.contains(where: { $0.key == "momentum" }) {
                            section["momentum"] = 0.9
                        }
                        var schedule = Self.section(schedule.entry)
                        schedule["warmup-epochs"] = 2
                        try check([
                            ("optimizer", section), ("optimizer.schedule", schedule),
                            ("training.loss", .text(loss.name)), ("training.precision", .text(precision)),
                        ])
                    }
                }
            }
        }
    }

    @Test("is bitwise for every family of models, with and without batch norm, under every probe that fits")
    func models() throws {
        // Presets are the same networks with millions of parameters.
        let families = Networks.Catalog.families.filter { family in
            family.isBuilt && family.options.contains { $0.key == "width" }
        }
        try #require(!families.isEmpty)
        for family in families {
            for batchNorm in [false, true] {
                var changes: [(String, Setting)] = [
                    ("model", ["family": .text(family.name)]), ("dataset.train", 20), ("training.batch", 10),
                    ("dataset.test", 20), ("model.width", 3),
                ]
                if batchNorm { changes.append(("model.batch-norm", true)) }
                // A family that has no batch norm says so.
                guard (try? resolved(changes)) != nil else { continue }
                changes.append(("measure.probes", .list(try fittingProbes(changes, points: 4))))
                try check(changes)
            }
        }
    }

    @Test("is bitwise for every augmentation and every label noise")
    func data() throws {
        for augmentation in Datasets.Catalog.augmentations where augmentation.isBuilt {
            try check([("dataset.augmentation", .text(augmentation.name))])
        }
        for noise in Datasets.Catalog.noises where noise.isBuilt {
            try check([("dataset.noise", ["kind": .text(noise.name)])])
        }
    }

    @Test(
        "is bitwise for any combination of model, optimiser, schedule, loss, augmentation and noise",
        arguments: seeds(24))
    func combinations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: "combinations")
        func any<Entry>(_ entries: [Entry]) throws -> Entry {
            try #require(entries.isEmpty ? nil : entries[generator.index(below: entries.count)])
        }
        let family = try any(
            Networks.Catalog.families.filter { family in family.options.contains { $0.key == "width" } })
        let optimizer = try any(Training.Catalog.optimizers).entry
        var changes: [(String, Setting)] = [
            ("model", ["family": .text(family.name)]), ("model.width", 2),
            ("training.batch", .integer(try any([7, 25, 60]))),
            ("optimizer", ["name": .text(optimizer.name), "weight-decay": 0.001]),
            ("optimizer.schedule", Self.section(try any(Training.Catalog.schedules).entry)),
            ("training.loss", .text(try any(Networks.Catalog.losses).name)),
            ("training.precision", .text(try any(["float32", "float64"]))),
            ("dataset.augmentation", .text(try any(Datasets.Catalog.augmentations).name)),
            ("dataset.noise", ["kind": .text(try any(Datasets.Catalog.noises).name)]),
        ]
        let normalized = changes + [("model.batch-norm", true)]
        if try any([true, false]), (try? resolved(normalized)) != nil { changes = normalized }
        try check(changes)
    }

    /// Runs until the end of an epoch; `nil` with the checkpoint made there where the task is not done by then.
    private static func interrupted(
        _ settings: ResolvedSettings, after stop: Int, from newest: [TaskCheckpoint]
    ) -> (TaskResult?, [TaskCheckpoint]) {
        var made: [TaskCheckpoint] = []
        let result = try? TaskRunner().run(
            configuration: settings.configuration, environment: settings.environment,
            resuming: TaskRunner.Resumption(newest),
            checkpoint: { moment, make in if moment.epoch == stop { made = [make()] } },
            isCancelled: { !made.isEmpty })
        return (result, made)
    }

    @Test("is bitwise after any number of interruptions, one after the other", arguments: seeds(5))
    func manyTimes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: "interruptions")
        let settings = try resolved([("training.epochs", 12), ("measure.at", [1, 5, 6])])
        let whole = try runKeeping(settings)
        var newest: [TaskCheckpoint] = []
        var result: TaskResult?
        while result == nil {
            let stop = (newest.first?.epoch ?? 0) + 1 + generator.index(below: 4)
            (result, newest) = Self.interrupted(settings, after: stop, from: newest)
            let goesOn = result != nil || newest.first?.epoch == stop
            try #require(goesOn, "SEED=\(seed)")
        }
        let isSame = result?.encoded() == whole.bytes
        #expect(isSame, "SEED=\(seed)")
    }

    @Test("a checkpoint of a run that diverges later diverges at the same epoch")
    func divergence() throws {
        let settings = try resolved([
            ("optimizer", ["name": "sgd", "learning-rate": 30]), ("training.loss", "mse"),
            ("training.epochs", 40), ("measure.at", [1, 10]),
        ])
        let whole = try runKeeping(settings)
        let first = try #require(whole.checkpoints.first, "the run diverges in its first epoch")
        #expect(whole.checkpoints.count < 39)
        let isSame = try resume(settings, from: [first]).bytes == whole.bytes
        #expect(isSame)
    }

    @Test("a damaged checkpoint gives way to an older one, and that to the start, and both are said")
    func damage() throws {
        let settings = try resolved()
        let whole = try runKeeping(settings)
        let (older, newer) = (whole.checkpoints[0], whole.checkpoints[1])
        let cut = TaskCheckpoint(epoch: newer.epoch, weights: newer.weights, state: newer.state.dropLast(3))
        let resumed = try resume(settings, from: [cut, older])
        #expect(resumed.bytes == whole.bytes)
        #expect(resumed.refusals == ["damaged checkpoint: the state has another hash than it claims"])
        #expect(resumed.epochs.first == 2)
        let anew = try resume(settings, from: [cut, cut])
        #expect(anew.bytes == whole.bytes)
        #expect(anew.refusals.count == 2)
        #expect(anew.epochs.first == 0)
    }

    @Test("not one flipped bit goes unnoticed", arguments: seeds(2))
    func flippedBits(seed: UInt64) throws {
        let settings = try resolved()
        let checkpoint = try #require(try runKeeping(settings).checkpoints.first)
        var generator = SeededGenerator(seed: seed, stream: "flips")
        for _ in 0..<40 {
            var (weights, state) = (checkpoint.weights, checkpoint.state)
            let place = generator.index(below: weights.count + state.count)
            let bit = UInt8(1) << UInt8(generator.index(below: 8))
            if place < weights.count { weights[place] ^= bit } else { state[place - weights.count] ^= bit }
            let damaged = TaskCheckpoint(epoch: checkpoint.epoch, weights: weights, state: state)
            let refusals = try resume(settings, from: [damaged]).refusals
            #expect(refusals.count == 1, "bit \(bit) of byte \(place), SEED=\(seed)")
        }
    }

    @Test("a checkpoint of another task is refused before training, and named")
    func otherTask() throws {
        let foreign = try #require(try runKeeping(try resolved([("seed", 6)])).checkpoints.first)
        let resumed = try resume(try resolved(), from: [foreign])
        let refusal = try #require(resumed.refusals.first)
        #expect(refusal.hasPrefix("checkpoint of another model: it belongs to task "))
        #expect(resumed.bytes == (try run().encoded()))
    }

    @Test("the weights of a checkpoint can be probed as they are")
    func probing() throws {
        let settings = try resolved([("measure.at", [1, 2])])
        let checkpoint = try #require(try runKeeping(settings).checkpoints.first)
        let probed = try TaskRunner().probe(
            weights: checkpoint.weights, configuration: settings.configuration,
            environment: settings.environment)
        let whole = try run([("measure.at", [1, 2])])
        #expect(probed.measurements[0].scalars == whole.measurements[1].scalars)
    }
}

public import Sweeps

/// What a sweep file may say under `optimizer` and `training`.
public enum Catalog {
    public static let optimizers: [any Optimizer.Type] = [
        StochasticGradientDescent.self, Adam.self, AdamW.self,
    ]

    public static let schedules: [any Schedule.Type] = [
        ConstantSchedule.self, InverseSquareRootSchedule.self, StepSchedule.self,
    ]

    /// The keys under `training` beside `loss`, which `Networks` names.
    public static let trainingOptions = [
        Option(
            "batch", .integer(1...10_000_000), standard: 128, unit: "samples",
            "Samples of one optimiser step; the last batch of an epoch may be smaller."),
        Option(
            "epochs", .integer(0...100_000_000), standard: 100, unit: "epochs",
            "Passes over the training samples."),
        Option(
            "steps", .integer(1...1_000_000_000_000), standard: .null, unit: "steps",
            "Optimiser steps, in place of epochs; measure.at then counts steps.", replaces: "epochs"),
        Option(
            "precision", .choice(["float32", "float64"]), standard: "float32",
            "Numbers of parameters, activations and gradients."),
    ]

    /// The keys under `measure` beside the schedule and the probes.
    public static let measureOptions = [
        Option(
            "batch-norm", .choice(["running", "batch"]), standard: .null,
            "Statistics behind losses and errors: the running ones, or those of batches of the training's size; "
                + "running where silent.")
    ]
}

extension TrainingRecipe {
    /// The recipe that the sections `optimizer` and `training` of a task's configuration describe.
    ///
    /// - Throws: ``TrainingError`` for a name that is in no catalog and for a key without a value.
    public init(configuration: Setting) throws(TrainingError) {
        let options = configuration["optimizer"] ?? .null
        let optimizer = try Self.named(
            options["name"], key: "optimizer.name", in: Catalog.optimizers, entry: { $0.entry })
        let scheduleOptions = options["schedule"] ?? .null
        let schedule = try Self.named(
            scheduleOptions["name"] ?? .text(ConstantSchedule.entry.name), key: "optimizer.schedule.name",
            in: Catalog.schedules, entry: { $0.entry })
        guard let rate = options["learning-rate"]?.asNumber else {
            throw .missing(key: "optimizer.learning-rate")
        }
        guard let batch = configuration["training.batch"]?.asInteger, batch > 0 else {
            throw .missing(key: "training.batch")
        }
        let learningRate = LearningRate(
            rate, schedule: schedule.init(options: scheduleOptions),
            warmupEpochs: scheduleOptions["warmup-epochs"]?.asInteger ?? 0,
            warmupFrom: scheduleOptions["warmup-from"]?.asNumber ?? 0)
        self.init(
            optimizer: optimizer.init(options: options), learningRate: learningRate, batch: batch,
            cropsAndFlips: configuration["dataset.augmentation"]?.asText == "crop-flip")
    }

    private static func named<Kind>(
        _ name: Setting?, key: String, in kinds: [Kind], entry: (Kind) -> CatalogEntry
    ) throws(TrainingError) -> Kind {
        guard let name = name?.asText else { throw .missing(key: key) }
        guard let kind = kinds.first(where: { entry($0).name == name }) else {
            throw .unknownName(name, key: key, known: kinds.map { entry($0).name })
        }
        return kind
    }
}

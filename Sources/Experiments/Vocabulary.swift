internal import Datasets
internal import Networks
internal import Probes
public import Sweeps
internal import Training

/// Everything that a sweep file may say about a task, collected from the catalogs of the modules below.
public enum Vocabulary {
    /// Validates the description of a task and fills in what it leaves out.
    public static let schema = Schema(
        datasets: Datasets.Catalog.datasets, noises: Datasets.Catalog.noises,
        augmentations: Datasets.Catalog.augmentations, models: Networks.Catalog.families,
        initialization: Networks.Catalog.initializationOptions, optimizers: optimizers, schedules: schedules,
        training: [loss] + Training.Catalog.trainingOptions, probes: Probes.Catalog.entries,
        measure: Training.Catalog.measureOptions, checkpoints: CheckpointPolicy.options)

    /// The scalar metrics of a task, in the order of `measurements.csv`.
    ///
    /// - Parameter configuration: The resolved configuration.
    /// - Returns: Losses and errors, then the columns of each probe.
    /// - Throws: ``TaskError`` of class `invalidConfiguration`, naming the key.
    public static func columns(of configuration: Setting) throws(TaskError) -> [Column] {
        try TaskPlan(configuration).columns
    }

    /// The metrics per layer of a task, in the order of its probes.
    ///
    /// - Parameter configuration: The resolved configuration.
    /// - Returns: What each is called, and what its coordinates count.
    /// - Throws: ``TaskError`` of class `invalidConfiguration`, naming the key.
    public static func layerMetrics(of configuration: Setting) throws(TaskError) -> [LayerMetric] {
        try TaskPlan(configuration).probes.flatMap(\.layerMetrics)
    }

    /// What the probes of a task draw of themselves, in their order.
    ///
    /// - Parameter configuration: The resolved configuration.
    /// - Returns: Curves, profiles and partitions.
    /// - Throws: ``TaskError`` of class `invalidConfiguration`, naming the key.
    public static func figures(of configuration: Setting) throws(TaskError) -> ReportSpec {
        let figures = try TaskPlan(configuration).probes.map(\.figures)
        return ReportSpec(
            curves: figures.flatMap(\.curves), profiles: figures.flatMap(\.profiles),
            partitions: figures.flatMap(\.partitions))
    }

    /// The catalogs by kind, with the key of a sweep file under which their names stand.
    public static var sections: [(kind: String, key: String, entries: [CatalogEntry])] {
        [
            ("data-sets", "dataset.name", Datasets.Catalog.datasets),
            ("noises", "dataset.noise.kind", Datasets.Catalog.noises),
            ("augmentations", "dataset.augmentation", Datasets.Catalog.augmentations),
            ("models", "model.family", Networks.Catalog.families),
            ("initializations", "model.init.scheme", Networks.Catalog.initializations),
            ("optimizers", "optimizer.name", optimizers),
            ("schedules", "optimizer.schedule.name", schedules),
            ("losses", "training.loss", Networks.Catalog.losses),
            ("probes", "measure.probes", Probes.Catalog.entries),
        ]
    }

    /// The options of a model family; none of one that is not known.
    public static func modelKeys(of family: String) -> [String] {
        Networks.Catalog.families.first { $0.name == family }?.options.map(\.key) ?? []
    }

    /// The options of a probe; none of one that is not known.
    public static func probeKeys(of name: String) -> [String] {
        Probes.Catalog.entries.first { $0.name == name }?.options.map(\.key) ?? []
    }

    /// The resolved section `model` of a family, every other option at its default.
    ///
    /// - Parameters:
    ///   - family: A name of the catalog.
    ///   - width: Units of each hidden layer, where the family takes it.
    ///   - depth: Hidden layers, where the family takes it; `nil` leaves it at its default.
    ///   - hasBatchNorm: Whether the model normalises batches.
    /// - Returns: The section as tasks hold it.
    /// - Throws: `InvalidSettings` for a family that is unknown or not built, or a value out of range.
    public static func modelSettings(
        family: String, width: Int, depth: Int?, hasBatchNorm: Bool = false
    ) throws(InvalidSettings) -> Setting {
        var model: Setting = ["family": .text(family)]
        let keys = modelKeys(of: family)
        if keys.contains("width") { model["width"] = .integer(width) }
        if let depth, keys.contains("depth") { model["depth"] = .integer(depth) }
        if hasBatchNorm { model["batch-norm"] = true }
        let resolved = try schema.resolve(["dataset": "digits", "model": model, "optimizer": "adam"])
        return resolved.configuration["model"] ?? .null
    }

    private static var optimizers: [CatalogEntry] { Training.Catalog.optimizers.map { $0.entry } }

    private static var schedules: [CatalogEntry] {
        Training.Catalog.schedules.map { $0.entry }
    }

    private static var loss: Option {
        Option(
            "loss", .choice(Networks.Catalog.losses.map(\.name)), standard: "cross-entropy",
            "What is minimised, against the assigned labels.",
            planned: Networks.Catalog.losses.filter { !$0.isBuilt }.map(\.name))
    }
}

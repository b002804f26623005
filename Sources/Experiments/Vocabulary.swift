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
        training: [loss] + Training.Catalog.trainingOptions, probes: Probes.Catalog.entries)

    /// The scalar metrics of a task, in the order of `measurements.csv`.
    ///
    /// - Parameter configuration: The resolved configuration.
    /// - Returns: Losses and errors, then the columns of each probe.
    /// - Throws: ``TaskError`` of class `invalidConfiguration`, naming the key.
    public static func columns(of configuration: Setting) throws(TaskError) -> [Column] {
        try TaskPlan(configuration).columns
    }

    private static var optimizers: [CatalogEntry] { Training.Catalog.optimizers.map { $0.entry } }

    private static var schedules: [CatalogEntry] {
        Training.Catalog.schedules.map { $0.entry } + Training.Catalog.schedulesPlanned
    }

    private static var loss: Option {
        Option(
            "loss", .choice(Networks.Catalog.losses.map(\.name)), standard: "cross-entropy",
            "What is minimised, against the assigned labels.",
            planned: Networks.Catalog.losses.filter { !$0.isBuilt }.map(\.name))
    }
}

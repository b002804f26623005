internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Probes
internal import Sweeps
internal import Training

/// What a task's configuration asks for, looked up in the catalogs: everything that needs no file.
struct TaskPlan {
    let configuration: Setting
    let seed: UInt64
    let recipe: TrainingRecipe
    /// Passes over the training samples.
    let epochs: Int
    /// Ascending, from 0 to ``epochs``.
    let measuredEpochs: [Int]
    let precision: Precision
    /// Whether losses and errors are measured with the statistics of batches instead of the running ones.
    let measuresWithBatchStatistics: Bool
    /// In the order of the catalog, whatever the order in the sweep file.
    let probes: [any Probe]

    enum Precision: String {
        case float32
        case float64
    }

    /// The scalar metrics of the task's result.
    var columns: [Column] { Metrics.columns + probes.flatMap(\.columns) }
}

extension TaskPlan {
    /// - Throws: ``TaskError`` of class `invalidConfiguration`, naming the key.
    init(_ configuration: Setting) throws(TaskError) {
        self.configuration = configuration
        do {
            recipe = try TrainingRecipe(configuration: configuration)
        } catch {
            throw .invalid(error.description)
        }
        seed = UInt64(bitPattern: Int64(try configuration.integer("seed", atLeast: 0)))
        epochs = try configuration.integer("training.epochs", atLeast: 0)
        let at = try configuration.required("measure.at")
        guard let schedule = EpochSchedule(at) else {
            throw .invalid(
                "measure.at is \(at.canonicalText); take 'logarithmic', {every: N} or a list of epochs")
        }
        measuredEpochs = schedule.epochs(through: epochs)
        let precisionName = configuration["training.precision"]?.asText ?? Precision.float32.rawValue
        guard let precision = Precision(rawValue: precisionName) else {
            throw .invalid("training.precision is \(precisionName); take float32 or float64")
        }
        self.precision = precision
        measuresWithBatchStatistics = configuration["measure.batch-norm"]?.asText == "batch"
        probes = try TaskPlan.probes(configuration["measure.probes"])
    }

    private static func probes(_ setting: Setting?) throws(TaskError) -> [any Probe] {
        let wanted = setting?.asMap ?? SettingMap()
        for name in wanted.keys where !Probes.Catalog.probes.contains(where: { $0.entry.name == name }) {
            throw .invalid("measure.probes names \(name), which is not known")
        }
        return Probes.Catalog.probes.compactMap { kind in
            wanted[kind.entry.name].map { kind.init(options: $0) }
        }
    }
}

extension TaskError {
    static func invalid(_ message: String) -> TaskError { .failed(.invalidConfiguration, message: message) }
}

extension Setting {
    /// The setting at a path that every resolved configuration has.
    func required(_ path: String) throws(TaskError) -> Setting {
        guard let setting = self[path] else { throw .invalid("\(path) is missing; give it a value") }
        return setting
    }

    func integer(_ path: String, atLeast least: Int) throws(TaskError) -> Int {
        let setting = try required(path)
        guard let value = setting.asWholeNumber, value >= least else {
            throw .invalid("\(path) is \(setting.canonicalText); take a whole number of at least \(least)")
        }
        return value
    }
}

internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Probes
internal import Sweeps
internal import Training

/// What a task's configuration asks for, looked up in the catalogs: everything that needs no file.
struct TaskPlan {
    let configuration: Setting
    /// Whose checkpoints this task can go on from.
    var owner: CheckpointOwner {
        CheckpointOwner(task: TaskID(of: configuration), training: TaskID(ofTrainingIn: configuration))
    }
    let seed: UInt64
    let recipe: TrainingRecipe
    let length: Length
    /// Epochs or steps, as ``length`` counts them: ascending, from 0 to the last.
    let measured: [Int]
    let precision: Precision
    /// Whether losses and errors are measured with the statistics of batches instead of the running ones.
    let measuresWithBatchStatistics: Bool
    /// In the order of the catalog, whatever the order in the sweep file.
    let probes: [any Probe]

    enum Precision: String {
        case float32
        case float64
    }

    /// How long a task trains.
    enum Length: Hashable {
        /// Passes over the training samples.
        case epochs(Int)
        /// Optimiser steps; the last may be in the middle of an epoch.
        case steps(Int)
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
        let last: Int
        if configuration["training.steps"] != nil {
            last = try configuration.integer("training.steps", atLeast: 1)
            length = .steps(last)
        } else {
            last = try configuration.integer("training.epochs", atLeast: 0)
            length = .epochs(last)
        }
        let at = try configuration.required("measure.at")
        guard let schedule = EpochSchedule(at) else {
            throw .invalid(
                "measure.at is \(at.canonicalText); take 'logarithmic', 'piecewise', {every: N} or a list of epochs"
            )
        }
        measured = schedule.epochs(through: last)
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

extension TaskPlan {
    /// The optimiser steps after which the task is measured, ascending.
    func measuredSteps(stepsPerEpoch: Int) -> [Int] {
        switch length {
        case .epochs: measured.map { $0 * stepsPerEpoch }
        case .steps: measured
        }
    }

    /// Optimiser steps in all.
    func stepCount(stepsPerEpoch: Int) -> Int {
        switch length {
        case .epochs(let count): count * stepsPerEpoch
        case .steps(let count): count
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

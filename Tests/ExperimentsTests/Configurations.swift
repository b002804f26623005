import Experiments
import Probes
import Sweeps

/// A small task on the embedded digits, with `changes` by path, resolved as a sweep file's would be.
func resolved(_ changes: [(String, Setting?)] = []) throws -> ResolvedSettings {
    var raw: Setting = [
        "dataset": [
            "name": "digits", "train": 60, "test": 40, "noise": ["kind": "exact-other", "rate": 0.2],
        ],
        "model": ["family": "mlp", "width": 6, "depth": 1],
        "optimizer": ["name": "adam", "learning-rate": 0.01],
        "training": ["batch": 25, "epochs": 4],
        "measure": ["at": [1, 2]],
        "seed": 5,
    ]
    for (path, setting) in changes { raw[path] = setting }
    return try Vocabulary.schema.resolve(raw)
}

/// The result of that task.
func run(_ changes: [(String, Setting?)] = []) throws -> TaskResult {
    let settings = try resolved(changes)
    return try TaskRunner().run(configuration: settings.configuration, environment: settings.environment)
}

/// Every probe of the catalog that fits the task and has something to say of it, as `measure.probes` lists them.
///
/// With `points`, it is what they count them by, and they draw noise once.
func fittingProbes(_ changes: [(String, Setting)] = [], points: Int? = nil) throws -> [Setting] {
    try Catalog.probes.compactMap { probe in
        var options: Setting = [:]
        if let points {
            for option in probe.entry.options {
                if option.key == "points" { options["points"] = .integer(points) }
                if option.unit == "draws" { options[option.key] = 1 }
                // Pictures of wide networks are given up early.
                if option.key == "rows" { options["rows"] = 1000 }
            }
        }
        let listed = Setting.map([probe.entry.name: options])
        let configuration = try resolved(changes + [("measure.probes", .list([listed]))]).configuration
        guard let cost = try? TaskCost.predict(configuration) else { return nil }
        let isUseless = cost.probes.contains { $0.gaps.contains(where: \.isRefusedEverywhere) }
        return isUseless ? nil : listed
    }
}

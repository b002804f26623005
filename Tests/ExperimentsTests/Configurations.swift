import Experiments
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

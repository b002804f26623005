internal import Basics
internal import Sweeps

/// A small computation whose bits tell numeric profiles apart.
///
/// A worker says its hash in HELLO. Two machines whose libraries call themselves alike may still round otherwise; two
/// machines with one hash have multiplied, trained and probed to the same last bit at least once.
public enum Canary {
    /// One network of odd shape, so that kernels meet whole vectors and rests, trained and probed for a moment.
    private static let settings: Setting = [
        "dataset": ["name": "digits", "train": ["first": 97], "test": ["first": 31]],
        "model": ["family": "mlp", "width": 19, "depth": 2],
        "optimizer": ["name": "adam", "learning-rate": 0.01],
        "training": ["batch": 32, "epochs": 3],
        "measure": ["at": [3], "probes": [["jacobian-norm": ["points": 33]]]],
        "seed": 1,
    ]

    /// The first 16 hexadecimal digits of the result's hash.
    ///
    /// - Throws: ``TaskError`` or `InvalidSettings` only where this build cannot train at all.
    public static func hash() throws -> String {
        let task = try Vocabulary.schema.resolve(settings)
        let result = try TaskRunner().run(configuration: task.configuration, environment: task.environment)
        return String(result.contentHash.hexadecimal.prefix(16))
    }
}

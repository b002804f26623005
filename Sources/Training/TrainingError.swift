/// A task whose training cannot start as it was asked for.
public enum TrainingError: Error, Hashable, CustomStringConvertible {
    /// A batch may hold all training samples but not more.
    case batchExceedsSamples(batch: Int, samples: Int)
    /// Batch normalisation would take the statistics of a batch of too few samples, at the end of every epoch.
    case batchTooSmall(batch: Int, last: Int, least: Int)
    case noSamples
    /// Images that cannot be augmented; the text says why and what to do.
    case augmentation(String)
    /// A name that no entry of a catalog bears.
    case unknownName(String, key: String, known: [String])
    /// A key without which there is no recipe.
    case missing(key: String)

    public var description: String {
        switch self {
        case .batchExceedsSamples(let batch, let samples):
            "training.batch is \(batch) but there are only \(samples) training samples; "
                + "take a batch of at most \(samples) or more samples"
        case .batchTooSmall(let batch, let last, let least):
            "training.batch is \(batch), so that an epoch ends with a batch of \(last); with model.batch-norm no batch "
                + "may hold fewer than \(least) samples: take another batch or number of samples"
        case .noSamples: "there are no training samples; dataset.train must be at least 1"
        case .augmentation(let problem): "dataset.augmentation: \(problem)"
        case .unknownName(let name, let key, let known):
            "\(key) is \(name), which is not known; take one of \(known.joined(separator: ", "))"
        case .missing(let key): "\(key) is missing; give it a value"
        }
    }
}

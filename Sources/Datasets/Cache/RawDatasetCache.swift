internal import Synchronization

/// Keeps what was read, so that a process decodes or maps each data set once however many tasks it runs.
final class RawDatasetCache: Sendable {
    static let shared = RawDatasetCache()

    /// What a data set is kept under.
    enum Key: Hashable {
        case digits
        case synthetic(SyntheticImages)
        case files(SourceFingerprint)
    }

    private let kept = Mutex<[(key: Key, dataset: RawDataset)]>([])

    /// Two data sets at most: sweeps rarely mix more, and a large one should not stay for ever.
    private static let countMax = 2

    /// The data set kept under `key`, read on first use.
    func value(_ key: Key, read: () throws(DatasetError) -> RawDataset) throws(DatasetError) -> RawDataset {
        if let found = kept.withLock({ kept in kept.first { $0.key == key }?.dataset }) { return found }
        let dataset = try read()
        kept.withLock { kept in
            if kept.count >= Self.countMax { kept.removeFirst() }
            kept.append((key, dataset))
        }
        return dataset
    }
}

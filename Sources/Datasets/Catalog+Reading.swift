public import Sweeps

extension Catalog {
    /// What is known of a data set without its files.
    ///
    /// - Parameter section: The `dataset` section of a configuration; only its name and what shapes images count.
    /// - Returns: `nil` for a name that is not known.
    /// - Throws: ``DatasetError/impossible(_:)`` for made-up images that would not fit.
    public static func facts(of section: Setting) throws(DatasetError) -> DatasetFacts? {
        switch section["name"]?.asText ?? section.asText {
        case "digits":
            return DatasetFacts(
                shape: Digits.shape, classCount: Digits.classCount, trainCount: Digits.count, testCount: nil)
        case "mnist", "fashion-mnist":
            return DatasetFacts(
                shape: MNISTFiles.shape, classCount: MNISTFiles.classCount, trainCount: 60_000,
                testCount: 10_000)
        case "cifar10": return facts(of: .cifar10)
        case "cifar100": return facts(of: .cifar100)
        case "synthetic":
            let images = try SyntheticImages(section)
            return DatasetFacts(
                shape: images.shape, classCount: images.classCount, trainCount: images.trainCount,
                testCount: images.testCount)
        default: return nil
        }
    }

    private static func facts(of format: CIFARFiles.Format) -> DatasetFacts {
        DatasetFacts(
            shape: CIFARFiles.shape, classCount: format.classCount,
            trainCount: format.trainCount, testCount: format.testImages)
    }

    /// Reads a data set's files and judges them; what was read is kept for later tasks of this process.
    ///
    /// - Throws: ``DatasetError``: files that are missing or damaged.
    public static func checkFiles(of name: String, environment: Setting) throws(DatasetError) {
        guard hasFiles(name) else { return }
        _ = try read(["name": .text(name)], environment: environment)
    }

    /// Whether a data set is read from files.
    static func hasFiles(_ name: String) -> Bool {
        datasets.first { $0.name == name }?.options.contains { $0.key == "path" } ?? false
    }

    /// Reads a data set; once a process, and where the node has a cache once a node.
    static func read(
        _ section: Setting, environment: Setting, cache: SharedImageCache = .standard
    ) throws(DatasetError) -> RawDataset {
        let name = section["name"]?.asText ?? ""
        switch name {
        case "digits": return try RawDatasetCache.shared.value(.digits) { () in Digits.read() }
        case "synthetic":
            let images = try SyntheticImages(section)
            return try RawDatasetCache.shared.value(.synthetic(images)) { () in images.make() }
        default:
            let files = try files(
                of: name, in: try DataFolder.find(name, path: environment["dataset.path"]?.asText))
            return try read(files, cache)
        }
    }

    private static func read(
        _ files: some ImageFiles, _ cache: SharedImageCache
    ) throws(DatasetError) -> RawDataset {
        try RawDatasetCache.shared.value(.files(try SourceFingerprint(files))) { () throws(DatasetError) in
            try cache.dataset(files)
        }
    }

    /// The files of a data set in a folder.
    static func files(of name: String, in folder: String) throws(DatasetError) -> any ImageFiles {
        switch name {
        case "cifar10": try CIFARFiles(.cifar10, in: folder)
        case "cifar100": try CIFARFiles(.cifar100, in: folder)
        default: try MNISTFiles(name: name, in: folder)
        }
    }

    /// The published mean and deviation of each channel, where sweeps take those instead of their samples' own.
    static func publishedScaling(of name: String) -> [ChannelScaling]? {
        // Of all training images, as most papers round them (Gamba's released code, core/data.py).
        let (means, deviations): ([Double], [Double])
        switch name {
        case "cifar10": (means, deviations) = ([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010])
        case "cifar100": (means, deviations) = ([0.5071, 0.4865, 0.4409], [0.2009, 0.1984, 0.2023])
        default: return nil
        }
        return zip(means, deviations).map { ChannelScaling(mean: $0, deviation: $1) }
    }

    /// The noise of a resolved `dataset.noise` section.
    static func noise(_ section: Setting?, classCount: Int) throws(DatasetError) -> LabelNoise {
        let rate = section?["rate"]?.asNumber ?? 0
        switch section?["kind"]?.asText ?? "none" {
        case "none": return .none
        case "bernoulli-other": return .bernoulliOther(rate: rate)
        case "exact-other": return .exactOther(rate: rate)
        case "random-all": return .randomAll
        case "asymmetric-classes":
            let classes = Int(section?["classes"]?.asNumber ?? 1)
            if classes > classCount {
                throw .impossible(
                    "dataset.noise.classes is \(classes), but there are \(classCount) classes; take at most those"
                )
            }
            return .asymmetricClasses(classes: classes, fraction: section?["fraction"]?.asNumber ?? 0)
        case let other: throw .impossible("dataset.noise.kind is \(other), which is not known")
        }
    }
}

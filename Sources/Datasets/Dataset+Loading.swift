internal import Basics
public import Sweeps

extension Catalog {
    /// Loads what a task trains and tests on.
    ///
    /// - Parameters:
    ///   - section: The resolved `dataset` section of the task's configuration, with `noise`.
    ///   - environment: Where files are: may hold `dataset.path`.
    ///   - seed: The task's seed: subsets and noise come from named streams of it.
    /// - Returns: Both sets, scaled, with the noise applied to the training labels.
    /// - Throws: ``DatasetError``: files that are missing or damaged, or a request that cannot be met.
    public static func load(
        _ section: Setting, environment: Setting, seed: UInt64
    ) throws(DatasetError) -> Dataset {
        try load(section, environment: environment, seed: seed, cache: .standard)
    }

    /// Loads with a cache of the caller's, such as none at all.
    package static func load(
        _ section: Setting, environment: Setting, seed: UInt64, cache: SharedImageCache
    ) throws(DatasetError) -> Dataset {
        guard let facts = try facts(of: section) else {
            throw .impossible(
                "dataset.name is \(section["name"]?.canonicalText ?? "missing"); take one of "
                    + datasets.filter(\.isBuilt).map(\.name).joined(separator: ", "))
        }
        let raw = try read(section, environment: environment, cache: cache)
        let subsets = try Subsets(section, of: raw, seed: seed)
        let scaling = section["scaling"]?.asText.flatMap(Scaling.init(rawValue:)) ?? .unit
        let maps = scaling.maps(
            for: raw.train, subsets.train, published: publishedScaling(of: section["name"]?.asText ?? ""))
        let noise = try noise(section["noise"], classCount: facts.classCount)
        let labels = subsets.train.map { Int32(raw.train.labels[$0]) }
        let assigned = try noise.assigned(labels, classCount: facts.classCount, seed: seed)
        let testImages = raw.test ?? raw.train
        let testLabels = subsets.test.map { Int32(testImages.labels[$0]) }
        return Dataset(
            train: Samples(raw.train, rows: subsets.train, maps: maps, labelsAssigned: assigned),
            test: Samples(testImages, rows: subsets.test, maps: maps, labelsAssigned: testLabels),
            classCount: facts.classCount, inputRange: range(of: maps, pixelMax: Double(raw.train.pixelMax)))
    }

    /// From the least to the greatest value that a scaled pixel of any channel can take.
    private static func range(of maps: [Scaling.Map], pixelMax: Double) -> ClosedRange<Double> {
        let lows = maps.map(\.shift)
        let highs = maps.map { $0.gain * pixelMax + $0.shift }
        return (lows.min() ?? 0)...(highs.max() ?? 1)
    }
}

/// Which images of a data set a task trains and tests on.
private struct Subsets {
    let train: [Int]
    let test: [Int]

    init(_ section: Setting, of raw: RawDataset, seed: UInt64) throws(DatasetError) {
        let trainDraw = try Draw(section["train"], key: "dataset.train", available: raw.train.count)
        let trainOrder = Subsets.order(
            trainDraw, count: raw.train.count, seed: seed, stream: "training subset")
        train = Array(trainOrder.prefix(trainDraw.count))
        if let testImages = raw.test {
            let testDraw = try Draw(section["test"], key: "dataset.test", available: testImages.count)
            let order = Subsets.order(testDraw, count: testImages.count, seed: seed, stream: "test subset")
            test = Array(order.prefix(testDraw.count))
        } else {
            // No split by its authors: what does not train may test, in the same order.
            let rest = trainOrder.dropFirst(trainDraw.count)
            let testDraw = try Draw(section["test"], key: "dataset.test", available: rest.count)
            test = Array(rest.prefix(testDraw.count))
        }
    }

    private static func order(_ draw: Draw, count: Int, seed: UInt64, stream: String) -> [Int] {
        if draw.takesFirst { return Array(0..<count) }
        var generator = SeededGenerator(seed: seed, stream: stream)
        return generator.permutation(of: count)
    }
}

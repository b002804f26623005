internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// How alike a layer's mean signals are for clean and noisy, right and wrong samples of a class: Kubo, figures 3 to 5.
///
/// S(g, c) is the mean of a layer's activations over the samples of group g that truly show class c; the groups are
/// clean and noisy training samples, and test samples that the network gets right or wrong at this epoch. Reported is
/// the cosine of S(g, c) and S(h, c), as mean and standard deviation over the classes for which neither group is empty.
public struct GroupSimilarity: Probe {
    public static let entry = CatalogEntry(
        "group-similarity",
        "Cosine similarity of the mean signals of clean, noisy, right and wrong samples (Kubo).",
        options: [
            .points(
                60_000,
                "Samples looked at, of the training and of the test set each; all where there are fewer."),
            Option(
                "per-class", .boolean, standard: false,
                "Whether `layers.csv` also gets the similarity of every class."),
        ])

    /// Groups of samples.
    enum Group: Int, CaseIterable {
        case clean
        case noisy
        case testCorrect
        case testWrong
    }

    /// The pairs of figures 3 (the first), 4 and 5, as metrics call them.
    static let pairs: [(name: String, title: String, first: Group, second: Group)] = [
        ("clean_noisy", "clean and noisy", .clean, .noisy),
        ("correct_clean", "right test and clean", .testCorrect, .clean),
        ("correct_noisy", "right test and noisy", .testCorrect, .noisy),
        ("wrong_clean", "wrong test and clean", .testWrong, .clean),
        ("wrong_noisy", "wrong test and noisy", .testWrong, .noisy),
    ]

    private static let stream = "group-similarity"
    private let pointCount: Int
    private let reportsClasses: Bool

    public init(options: Setting) {
        pointCount = options.integer("points", default: 60_000)
        reportsClasses = options["per-class"]?.asBoolean ?? false
    }

    public var columns: [Column] {
        Self.pairs.map {
            Column("similarity_\($0.name)", title: "similarity of \($0.title) samples, last hidden layer")
        }
    }

    public var layerMetrics: [LayerMetric] {
        Self.pairs.flatMap { pair in
            let title = "similarity of \(pair.title) samples"
            return [
                LayerMetric("layer_similarity_\(pair.name)", title: title),
                LayerMetric("layer_similarity_\(pair.name)_spread", title: title + ", spread over classes"),
            ]
                + (reportsClasses
                    ? [LayerMetric("class_similarity_\(pair.name)", title: title, by: "class")] : [])
        }
    }

    public var figures: ReportSpec {
        ReportSpec(profiles: [ReportSpec.Profile(values: ["layer-similarity-clean-noisy"], x: "epoch")])
    }

    public func gaps(for subject: ProbeSubject) -> [ProbeGap] {
        subject.gapsWithoutNoise("similarities with noisy samples", isRefusedEverywhere: true)
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount) + min(pointCount, subject.testCount))
        let signals = Double(subject.hiddenLayers.reduce(0) { $0 + $1.activationCount })
        let sums = signals * Double(Group.allCases.count * subject.classCount)
        return Cost(
            floatingPointOperations: points * (subject.forwardOperations + signals),
            memoryBytes: 8 * sums + subject.workspaceBytes(batch: SignalReader<Float>.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let network = snapshot.network
        let classCount = network.classCount
        guard snapshot.isFinite else {
            return ProbeReading(scalars: Self.pairs.map { _ in .nan })
        }
        let sums = Sums(
            network.hiddenLayers.map {
                GroupMeans(
                    groupCount: Group.allCases.count, classCount: classCount, unitCount: $0.activationCount)
            })
        let train = snapshot.trainIndices(pointCount, stream: Self.stream)
        let trainPlaces = train.map { index in
            let group = snapshot.dataset.train.isNoisy(index) ? Group.noisy : .clean
            return group.rawValue * classCount + Int(snapshot.dataset.train.labelsTrue[index])
        }
        add(snapshot.dataset.train, train, snapshot, to: sums) { _ in trainPlaces }
        // Right and wrong are known after the pass whose signals they sort: the signals of a batch wait for its logits.
        let test = snapshot.testIndices(pointCount, stream: Self.stream)
        let labels = test.map { snapshot.dataset.test.labelsTrue[$0] }
        let testPlaces = predictions(snapshot, test).enumerated().map { place, prediction in
            let group = prediction == labels[place] ? Group.testCorrect : .testWrong
            return group.rawValue * classCount + Int(labels[place])
        }
        add(snapshot.dataset.test, test, snapshot, to: sums) { _ in testPlaces }
        return reading(sums.layers, hasNoise: trainPlaces.contains { $0 >= classCount })
    }

    /// Sums of all layers; a class because an observer changes it while the network is at work.
    private final class Sums {
        var layers: [GroupMeans]
        init(_ layers: [GroupMeans]) { self.layers = layers }
    }

    private func predictions<Scalar: Real>(_ snapshot: Snapshot<Scalar>, _ indices: [Int]) -> [Int32] {
        var predictions: [Int32] = []
        SignalReader.shared(snapshot).read(
            snapshot.dataset.test, at: indices, snapshot,
            logits: { _, logits in predictions += logits.largestRows() })
        return predictions
    }

    private func add<Scalar: Real>(
        _ samples: Samples, _ indices: [Int], _ snapshot: Snapshot<Scalar>, to sums: Sums,
        places: @escaping (Int) -> [Int]
    ) {
        SignalReader.shared(snapshot).read(
            samples, at: indices, snapshot, signals: [.activation],
            see: { _, layer, start, window in
                let batch = Array(places(start)[start..<start + window.columns])
                sums.layers[layer].add(window, places: batch)
            })
    }

    private func reading(_ layers: [GroupMeans], hasNoise: Bool) -> ProbeReading {
        var scalars: [Double?] = []
        var values: [LayerValue] = []
        for pair in Self.pairs {
            var last: Double?
            let applies = hasNoise || (pair.first != .noisy && pair.second != .noisy)
            for (index, means) in layers.enumerated() where applies {
                let layer = index + 1
                let cosines = (0..<means.classCount).map {
                    means.cosine(pair.first.rawValue, pair.second.rawValue, class: $0)
                }
                let known = cosines.compactMap(\.self)
                let mean = known.isEmpty ? .nan : known.reduce(0, +) / Double(known.count)
                let spread = (known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count))
                    .squareRoot()
                values.append(
                    LayerValue(metric: "layer_similarity_\(pair.name)", layer: layer, index: 0, value: mean))
                values.append(
                    LayerValue(
                        metric: "layer_similarity_\(pair.name)_spread", layer: layer, index: 0, value: spread)
                )
                last = mean
                guard reportsClasses else { continue }
                for (label, cosine) in cosines.enumerated() {
                    guard let cosine else { continue }
                    values.append(
                        LayerValue(
                            metric: "class_similarity_\(pair.name)", layer: layer, index: label, value: cosine
                        ))
                }
            }
            scalars.append(last)
        }
        return ProbeReading(scalars: scalars, layers: values)
    }
}

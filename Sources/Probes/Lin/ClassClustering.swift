internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// How samples of a class gather, layer by layer, and how far the classes' centres stand apart: Lin, figure 3.
///
/// The centre of a class is the mean activation of its training samples, by their assigned label. Reported are the mean
/// cosine similarity of the centres over all pairs of classes, and the similarity of single samples of one class to
/// its centre.
public struct ClassClustering: Probe {
    public static let entry = CatalogEntry(
        "class-clustering", "Cosine similarity of classes' centres, and of samples to their centre (Lin).",
        options: [
            .points(60_000, "Training samples looked at; all where there are fewer."),
            Option(
                "class", .integer(0...999), standard: 5, "The class whose samples are looked at one by one."),
            Option("samples", .integer(0...100_000), standard: 100, unit: "samples", "How many of them."),
        ])

    private static let stream = "class-clustering"
    private let pointCount: Int
    private let label: Int
    private let sampleCount: Int

    public init(options: Setting) {
        pointCount = options.integer("points", default: 60_000)
        label = options.integer("class", default: 5)
        sampleCount = options.integer("samples", default: 100)
    }

    public var columns: [Column] {
        [
            Column("centre_similarity", title: "similarity of the classes' centres, last hidden layer"),
            Column(
                "sample_similarity", title: "similarity of samples to their class's centre, last hidden layer"
            ),
        ]
    }

    public var layerMetrics: [LayerMetric] {
        [
            LayerMetric("layer_centre_similarity", title: "similarity of the classes' centres"),
            LayerMetric(
                "layer_sample_similarity", title: "similarity of samples to their class's centre",
                by: "sample"),
        ]
    }

    public func problem(with subject: ProbeSubject) -> String? {
        label < subject.classCount
            ? nil : "class is \(label), but there are only \(subject.classCount) classes, counted from 0"
    }

    public var figures: ReportSpec {
        ReportSpec(profiles: [ReportSpec.Profile(values: ["layer-centre-similarity"], x: "layer")])
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        let signals = Double(subject.hiddenLayers.reduce(0) { $0 + $1.activationCount })
        return Cost(
            floatingPointOperations: points * (subject.forwardOperations + signals),
            memoryBytes: 8 * signals * Double(subject.classCount + sampleCount)
                + subject.workspaceBytes(batch: SignalReader<Float>.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        guard snapshot.isFinite else { return ProbeReading(scalars: [.nan, .nan]) }
        let samples = snapshot.dataset.train
        let indices = snapshot.trainIndices(pointCount, stream: Self.stream)
        let labels = indices.map { Int(samples.labelsAssigned[$0]) }
        let chosen = Array(labels.indices.filter { labels[$0] == label }.prefix(sampleCount))
        // Every chosen sample is a group of its own, behind the one that holds all samples.
        let layers = snapshot.network.hiddenLayers
        let signals = Signals(layers, classCount: snapshot.network.classCount, chosenCount: chosen.count)
        let places = Dictionary(uniqueKeysWithValues: chosen.enumerated().map { ($1, $0) })
        SignalReader.shared(snapshot).read(
            samples, at: indices, snapshot, signals: [.activation],
            see: { _, layer, start, window in
                let columns = start..<start + window.columns
                signals.means[layer].add(window, places: columns.map { labels[$0] })
                for column in columns {
                    guard let place = places[column] else { continue }
                    for unit in 0..<window.rows {
                        signals.chosen[layer][place * window.rows + unit] = Double(
                            window[unit, column - start])
                    }
                }
            })
        var values: [LayerValue] = []
        var last: [Double?] = [nil, nil]
        for (index, means) in signals.means.enumerated() {
            let centres = means.meanCosineOfClasses
            values.append(
                LayerValue(metric: "layer_centre_similarity", layer: index + 1, index: 0, value: centres))
            let similarities = chosen.indices.map { place in
                means.cosine(
                    class: label,
                    with: Array(
                        signals.chosen[index][place * means.unitCount..<(place + 1) * means.unitCount]))
            }
            values += similarities.enumerated().map {
                LayerValue(metric: "layer_sample_similarity", layer: index + 1, index: $0, value: $1)
            }
            last = [
                centres, similarities.isEmpty ? nil : similarities.reduce(0, +) / Double(similarities.count),
            ]
        }
        return ProbeReading(scalars: last, layers: values)
    }

    private final class Signals {
        var means: [GroupMeans]
        /// [layer][sample × unit].
        var chosen: [[Double]]

        init(_ layers: [HiddenLayer], classCount: Int, chosenCount: Int) {
            means = layers.map {
                GroupMeans(groupCount: 1, classCount: classCount, unitCount: $0.activationCount)
            }
            chosen = layers.map { [Double](repeating: 0, count: chosenCount * $0.activationCount) }
        }
    }
}

extension GroupMeans {
    /// The mean cosine over all pairs of classes of the first group that have samples; NaN where there are no two.
    fileprivate var meanCosineOfClasses: Double {
        var (sum, count) = (0.0, 0)
        for first in 0..<classCount where counts[first] > 0 {
            for second in 0..<first where counts[second] > 0 {
                sum += cosine(class: first, with: Array(sums[second * unitCount..<(second + 1) * unitCount]))
                count += 1
            }
        }
        return sum / Double(count)
    }

    /// The cosine of the mean of a class of the first group with a signal [U].
    fileprivate func cosine(class label: Int, with signal: [Double]) -> Double {
        let centre = sums[label * unitCount..<(label + 1) * unitCount]
        var (dot, aa, bb) = (0.0, 0.0, 0.0)
        for (a, b) in zip(centre, signal) {
            dot += a * b
            aa += a * a
            bb += b * b
        }
        return dot / (aa.squareRoot() * bb.squareRoot())
    }
}

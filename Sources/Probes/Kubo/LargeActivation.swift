internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// How far one neuron's mean activation stands out from its layer: Kubo, figures 6 to 8.
///
/// A is the mean activation of each neuron over the training set. The neuron i* that is largest after the last epoch
/// is followed through all epochs: r = A[i*] / root mean square of the other neurons. A layer has a large activation
/// where r exceeds 10 at any epoch. Which neuron that is, only the end tells: all of A is carried until then.
public struct LargeActivation: Probe {
    public static let entry = CatalogEntry(
        "large-activation", "Ratio of the finally largest mean activation to the layer's rest (Kubo).",
        options: [
            .points(
                60_000,
                "Samples looked at, of the training and of the test set each; all where there are fewer."),
            Option(
                "spikes", .boolean, standard: true,
                "Whether `layers.csv` gets the mean activation of every neuron at the last epoch."),
        ])

    private static let stream = "large-activation"
    private let pointCount: Int
    private let reportsSpikes: Bool

    public init(options: Setting) {
        pointCount = options.integer("points", default: 60_000)
        reportsSpikes = options["spikes"]?.asBoolean ?? true
    }

    public var columns: [Column] {
        [
            Column(
                "large_activation_ratio", title: "largest ratio of a neuron's mean activation to its layer's")
        ]
    }

    public var layerMetrics: [LayerMetric] {
        [
            LayerMetric(
                "activation_ratio", title: "ratio of the largest mean activation to its layer's", by: "neuron"
            ),
            LayerMetric("mean_activation", by: "neuron"),
        ]
            + ClassActivations.Group.allCases.flatMap { group in
                ["", "_spread"].map { LayerMetric("class_activation_\(group)\($0)", by: "class") }
            }
    }

    public var figures: ReportSpec {
        ReportSpec(profiles: [ReportSpec.Profile(values: ["activation-ratio"], x: "epoch")])
    }

    public func gaps(for subject: ProbeSubject) -> [ProbeGap] {
        let single = subject.hiddenLayers.filter { $0.activationCount == 1 }.map(\.name)
        let alone =
            single.isEmpty
            ? []
            : [
                ProbeGap(
                    "activation_ratio is nan in \(single.joined(separator: ", ")), because a single neuron has no "
                        + "others to stand out from; take at least 2 units")
            ]
        return subject.gapsWithoutNoise("rows of class_activation_noisy_true and _assigned") + alone
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount) * 2 + min(pointCount, subject.testCount))
        let signals = Double(subject.hiddenLayers.reduce(0) { $0 + $1.activationCount })
        return Cost(
            floatingPointOperations: points * (subject.forwardOperations + signals),
            memoryBytes: 16 * signals + subject.workspaceBytes(batch: SignalReader<Float>.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let unitCounts = snapshot.network.hiddenLayers.map(\.activationCount)
        guard snapshot.isFinite else { return ProbeReading(scalars: [.nan]) }
        let train = snapshot.trainIndices(pointCount, stream: Self.stream)
        let sums = Sums(unitCounts)
        SignalReader.shared(snapshot).read(
            snapshot.dataset.train, at: train, snapshot, signals: [.activation],
            see: { _, layer, _, window in
                for unit in 0..<window.rows {
                    let row = window.pointer + unit * window.stride
                    sums.layers[layer][unit] += Scalar.sum(row, count: window.columns)
                }
            })
        let means = sums.layers.map { $0.map { $0 / Double(train.count) } }
        let neurons = means.map(largest)
        let test = snapshot.testIndices(pointCount, stream: Self.stream)
        let classes = ClassActivations(snapshot, neurons: neurons, train: train, test: test)
        // The sizes lead the carried numbers, so that the end can tell the layers apart.
        let carried = [Double(unitCounts.count)] + unitCounts.map(Double.init) + means.flatMap { $0 }
        // The ratio is known at the end.
        return ProbeReading(scalars: [.nan], layers: classes.values, carried: carried)
    }

    private final class Sums {
        var layers: [[Double]]
        init(_ unitCounts: [Int]) { layers = unitCounts.map { [Double](repeating: 0, count: $0) } }
    }

    public func conclude(_ readings: [ProbeReading]) -> [ProbeReading] {
        let means = readings.map { LargeActivation.layers(of: $0.carried) }
        guard let final = means.last(where: { $0 != nil }) ?? nil else { return readings }
        let neurons = final.map(largest)
        return zip(readings, means).enumerated().map { place, pair in
            let (reading, means) = pair
            guard let means else { return reading }
            let ratios = zip(means, neurons).map { ratio(of: $0, neuron: $1) }
            var layers = ratios.enumerated().map { index, ratio in
                LayerValue(metric: "activation_ratio", layer: index + 1, index: neurons[index], value: ratio)
            }
            layers += reading.layers
            if reportsSpikes, place == readings.count - 1 {
                for (index, means) in means.enumerated() {
                    layers += means.enumerated().map {
                        LayerValue(metric: "mean_activation", layer: index + 1, index: $0, value: $1)
                    }
                }
            }
            return ProbeReading(scalars: [ratios.max()], layers: layers)
        }
    }

    /// The mean activations layer by layer; `nil` for the reading of a network that had diverged.
    private static func layers(of carried: [Double]) -> [[Double]]? {
        guard let layerCount = carried.first.map({ Int($0) }) else { return nil }
        var start = 1 + layerCount
        return carried[1...layerCount].map { count in
            defer { start += Int(count) }
            return Array(carried[start..<start + Int(count)])
        }
    }
}

/// The index of the first greatest number.
private func largest(_ means: [Double]) -> Int { means.indices.max { means[$0] < means[$1] } ?? 0 }

/// A neuron's mean activation over the root mean square of the others'; infinite where only it is active.
private func ratio(of means: [Double], neuron: Int) -> Double {
    guard means.count > 1 else { return .nan }
    let squares = means.reduce(0) { $0 + $1 * $1 } - means[neuron] * means[neuron]
    return means[neuron] / (max(squares, 0) / Double(means.count - 1)).squareRoot()
}

internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// The accuracy of the network with all activations left out from a layer on: Lin's L-map, figures 2, 3, 9 and 10.
///
/// Weights, folded batch normalisation and skip connections stay; pooling by maximum stays as well, so that the tail
/// of a network that has it is not linear. The map from layer 1 on is the whole network made linear; behind the last
/// hidden layer it would be the network itself.
public struct LinearMap: Probe {
    public static let entry = CatalogEntry(
        "linear-map", "Accuracy without activations from every layer on (Lin).",
        options: [
            .points(
                60_000,
                "Samples looked at, of the training and of the test set each; all where there are fewer.")
        ])

    private static let stream = "linear-map"
    private let pointCount: Int

    public init(options: Setting) { pointCount = options.integer("points", default: 60_000) }

    public var columns: [Column] {
        ["train", "test"].map {
            Column(
                "linear_map_accuracy_\($0)", title: "accuracy without any activation, \($0) points",
                unit: "fraction")
        }
    }

    public var layerMetrics: [LayerMetric] {
        ["train", "test"].map {
            LayerMetric(
                "linear_map_layer_accuracy_\($0)", title: "linear map accuracy, \($0) points",
                unit: "fraction")
        }
    }

    public var figures: ReportSpec {
        ReportSpec(profiles: [ReportSpec.Profile(values: ["linear-map-layer-accuracy"], x: "layer")])
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount) + min(pointCount, subject.testCount))
        return Cost(
            floatingPointOperations: points * subject.forwardOperations * Double(subject.hiddenLayers.count),
            memoryBytes: subject.workspaceBytes(batch: SignalReader<Float>.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        guard snapshot.isFinite else { return ProbeReading(scalars: [.nan, .nan]) }
        let (train, test) = (snapshot.dataset.train, snapshot.dataset.test)
        let trainIndices = snapshot.trainIndices(pointCount, stream: Self.stream)
        let testIndices = snapshot.testIndices(pointCount, stream: Self.stream)
        let accuracies = snapshot.network.hiddenLayers.indices.map { layer in
            [
                accuracy(from: layer, train, trainIndices, labels: train.labelsAssigned, snapshot),
                accuracy(from: layer, test, testIndices, labels: test.labelsTrue, snapshot),
            ]
        }
        let layers = layerMetrics.map(\.name).enumerated().flatMap { set, metric in
            accuracies.enumerated().map {
                LayerValue(metric: metric, layer: $0 + 1, index: 0, value: $1[set])
            }
        }
        return ProbeReading(scalars: accuracies.first?.map { $0 } ?? [nil, nil], layers: layers)
    }

    private func accuracy<Scalar: Real>(
        from layer: Int, _ samples: Samples, _ indices: [Int], labels: [Int32], _ snapshot: Snapshot<Scalar>
    ) -> Double {
        var correct = 0
        SignalReader.shared(snapshot).read(
            samples, at: indices, snapshot, pass: ForwardPass(linearFrom: layer),
            logits: { start, logits in
                correct += logits.correctCount(indices[start..<start + logits.columns].map { labels[$0] })
            })
        return Double(correct) / Double(indices.count)
    }
}

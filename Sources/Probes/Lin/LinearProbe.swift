internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// How well a linear map from each layer stands in for the rest of the network: Lin's LP, figures 2 and 3.
///
/// For the input and every hidden layer, the affine map of the layer's activations that comes closest to the network's
/// logits on the training points is found by least squares; its accuracy is measured on training and test points.
public struct LinearProbe: Probe {
    public static let entry = CatalogEntry(
        "linear-probe", "Accuracy of a least-squares map from every layer to the logits (Lin).",
        options: [
            .points(
                60_000,
                "Samples looked at, of the training and of the test set each; all where there are fewer."),
            Option(
                "ridge", .number(0...1), standard: 1e-6,
                "Added to the mean squares of the features, so that dependent ones do no harm."),
        ])

    private static let stream = "linear-probe"
    private let pointCount: Int
    private let ridge: Double

    public init(options: Setting) {
        pointCount = options.integer("points", default: 60_000)
        ridge = options.number("ridge", default: 1e-6)
    }

    public var columns: [Column] {
        ["train", "test"].map {
            Column(
                "linear_probe_accuracy_\($0)", title: "accuracy of a linear map of the input, \($0) points",
                unit: "fraction")
        }
    }

    public var layerMetrics: [LayerMetric] {
        ["train", "test"].map {
            LayerMetric(
                "linear_probe_layer_accuracy_\($0)", title: "linear probe accuracy, \($0) points",
                unit: "fraction")
        }
    }

    public func problem(with subject: ProbeSubject) -> String? {
        let points = min(pointCount, subject.trainCount)
        let widest = max(subject.inputCount, subject.hiddenLayers.map(\.activationCount).max() ?? 0)
        guard points < widest + 1 else { return nil }
        return
            "points gives \(points) training samples for \(widest) features and a constant, so that any labels could be "
            + "met; take at least \(widest + 1) samples, or narrower layers"
    }

    public var figures: ReportSpec {
        ReportSpec(profiles: [ReportSpec.Profile(values: ["linear-probe-layer-accuracy"], x: "layer")])
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let train = Double(min(pointCount, subject.trainCount))
        let points = 2 * train + Double(min(pointCount, subject.testCount))
        let features = [subject.inputCount] + subject.hiddenLayers.map(\.activationCount)
        let solving = features.reduce(0.0) { sum, count in
            let size = Double(count + 1)
            return sum + 2 * train * size * (size + Double(subject.classCount)) + size * size * size / 3
        }
        let squares = features.reduce(0.0) { $0 + Double($1 + 1) * Double($1 + 1) }
        return Cost(
            floatingPointOperations: points * subject.forwardOperations + solving,
            memoryBytes: 8 * squares + subject.workspaceBytes(batch: SignalReader<Float>.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let maps = snapshot.isFinite ? fittedMaps(snapshot) : nil
        guard let maps else { return ProbeReading(scalars: [.nan, .nan]) }
        let (train, test) = (snapshot.dataset.train, snapshot.dataset.test)
        let trainIndices = snapshot.trainIndices(pointCount, stream: Self.stream)
        let testIndices = snapshot.testIndices(pointCount, stream: Self.stream)
        let accuracies = [
            accuracies(of: maps, train, trainIndices, labels: train.labelsAssigned, snapshot),
            accuracies(of: maps, test, testIndices, labels: test.labelsTrue, snapshot),
        ]
        let layers = zip(layerMetrics.map(\.name), accuracies).flatMap { metric, accuracies in
            accuracies.enumerated().map { LayerValue(metric: metric, layer: $0, index: 0, value: $1) }
        }
        return ProbeReading(scalars: accuracies.map { $0[0] }, layers: layers)
    }

    /// The map of every layer, input first; `nil` where one could not be found.
    private func fittedMaps<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> [Matrix<Scalar>]? {
        let network = snapshot.network
        let featureCounts = [network.inputShape.count] + network.hiddenLayers.map(\.activationCount)
        let reader = SignalReader.shared(snapshot)
        let batchMax = SignalReader<Scalar>.batchMax
        // The targets are the logits of the same pass, which come last: activations wait in copies.
        let kept = featureCounts.map { SamplePoints<Scalar>(inputCount: $0, count: batchMax) }
        let fits = featureCounts.map {
            LeastSquares(featureCount: $0, targetCount: network.classCount, batchMax: batchMax, ridge: ridge)
        }
        reader.read(
            snapshot.dataset.train, at: snapshot.trainIndices(pointCount, stream: Self.stream), snapshot,
            signals: [.activation],
            see: { _, layer, _, window in
                kept[layer + 1].inputs.firstColumns(window.columns).copy(from: window)
            },
            logits: { _, logits in
                fits[0].add(reader.workspace.input.firstColumns(logits.columns), targets: logits)
                for (fit, points) in zip(fits, kept).dropFirst() {
                    fit.add(points.inputs.firstColumns(logits.columns), targets: logits)
                }
            })
        var maps: [Matrix<Scalar>] = []
        for (index, (fit, featureCount)) in zip(fits, featureCounts).enumerated() {
            guard let solution = fit.solve() else { return nil }
            let storage = snapshot.scratch.value("linear-probe map \(index)") {
                SamplePoints<Scalar>(inputCount: network.classCount, count: featureCount + 1)
            }
            for (place, value) in solution.enumerated() { storage.inputs.pointer[place] = Scalar(value) }
            maps.append(storage.inputs)
        }
        return maps
    }

    private func accuracies<Scalar: Real>(
        of maps: [Matrix<Scalar>], _ samples: Samples, _ indices: [Int], labels: [Int32],
        _ snapshot: Snapshot<Scalar>
    ) -> [Double] {
        let counts = Counts(maps.count)
        let reader = SignalReader.shared(snapshot)
        let outputs = SamplePoints<Scalar>(
            inputCount: snapshot.network.classCount, count: SignalReader<Scalar>.batchMax)
        func count(_ map: Int, _ features: Matrix<Scalar>, from start: Int) {
            let predicted = outputs.inputs.firstColumns(features.columns)
            maps[map].apply(to: features, into: predicted)
            let wanted = indices[start..<start + features.columns].map { labels[$0] }
            counts.correct[map] += predicted.correctCount(wanted)
        }
        reader.read(
            samples, at: indices, snapshot, signals: [.activation],
            see: { _, layer, start, window in
                if layer == 0 { count(0, reader.workspace.input.firstColumns(window.columns), from: start) }
                count(layer + 1, window, from: start)
            })
        return counts.correct.map { Double($0) / Double(indices.count) }
    }

    private final class Counts {
        var correct: [Int]
        init(_ count: Int) { correct = [Int](repeating: 0, count: count) }
    }
}

extension Matrix where Scalar: Real {
    /// `outputs` [T × B] ← this map [T × (F + 1)] of features [F × B] and a constant one.
    fileprivate func apply(to features: Matrix, into outputs: Matrix) {
        let constant = columns - 1
        for row in 0..<rows {
            let value = self[row, constant]
            for column in 0..<outputs.columns { outputs[row, column] = value }
        }
        Scalar.multiply(
            firstColumns(constant), transposed: false, features, transposed: false, into: outputs, alpha: 1,
            beta: 1)
    }
}

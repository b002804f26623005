internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// Two logits of single samples of a few classes, for a picture of how they gather: Lin, figures 7 and 8.
public struct LogitProjection: Probe {
    public static let entry = CatalogEntry(
        "logit-projection", "Two logits of single samples of a few classes, for scatter plots (Lin).",
        options: [
            Option("logits", .numbers(0...999), standard: [0, 1], "The two logits: across and up."),
            Option(
                "classes", .numbers(0...999), standard: [0, 1, 5], "The classes that samples truly show."),
            Option(
                "samples", .integer(1...100_000), standard: 100, unit: "samples",
                "Samples of each class, of the training and of the test set each."),
        ])

    private let logits: [Int]
    private let classes: [Int]
    private let sampleCount: Int

    public init(options: Setting) {
        func list(_ key: String, _ standard: [Int]) -> [Int] {
            let numbers = options[key]?.asList?.compactMap(\.asNumber) ?? options[key]?.asNumber.map { [$0] }
            return numbers?.map { Int($0) } ?? standard
        }
        logits = list("logits", [0, 1])
        classes = list("classes", [0, 1, 5])
        sampleCount = options.integer("samples", default: 100)
    }

    public var columns: [Column] { [] }

    public var layerMetrics: [LayerMetric] {
        ["train", "test"].flatMap { set in
            zip(["x", "y"], logits).map { axis, logit in
                LayerMetric(
                    "projection_\(set)_\(axis)", title: "logit of class \(logit), \(set) samples",
                    layer: "class",
                    by: "sample")
            }
        }
    }

    public var figures: ReportSpec {
        ReportSpec(
            profiles: ["train", "test"].map {
                ReportSpec.Profile(values: ["projection-\($0)-y"], x: "projection-\($0)-x", drawing: .points)
            })
    }

    public func problem(with subject: ProbeSubject) -> String? {
        if logits.count != 2 { return "logits lists \(logits.count) of them; take two, such as [0, 1]" }
        guard let label = (logits + classes).first(where: { $0 >= subject.classCount }) else { return nil }
        return
            "classes or logits name \(label), but there are only \(subject.classCount) classes, counted from 0"
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(
            min(subject.trainCount, sampleCount * classes.count)
                + min(subject.testCount, sampleCount * classes.count))
        return Cost(
            floatingPointOperations: points * subject.forwardOperations,
            memoryBytes: subject.workspaceBytes(batch: SignalReader<Float>.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let sets = [("train", snapshot.dataset.train), ("test", snapshot.dataset.test)]
        let values = sets.flatMap { name, samples in
            classes.flatMap { label in
                let indices = (0..<samples.count).filter { Int(samples.labelsTrue[$0]) == label }
                return rows(name, samples, Array(indices.prefix(sampleCount)), label, snapshot)
            }
        }
        return ProbeReading(scalars: [], layers: values)
    }

    private func rows<Scalar: Real>(
        _ set: String, _ samples: Samples, _ indices: [Int], _ label: Int, _ snapshot: Snapshot<Scalar>
    ) -> [LayerValue] {
        var values: [LayerValue] = []
        SignalReader.shared(snapshot).read(
            samples, at: indices, snapshot,
            logits: { start, window in
                for column in 0..<window.columns {
                    for (axis, logit) in zip(["x", "y"], logits) {
                        values.append(
                            LayerValue(
                                metric: "projection_\(set)_\(axis)", layer: label, index: start + column,
                                value: Double(window[logit, column])))
                    }
                }
            })
        return values
    }
}

internal import Basics
internal import Datasets
internal import Foundation
public import LinearAlgebra
internal import Networks
public import Sweeps

/// How much noise on samples, and on weights, the fit of the training points survives: Lin's attraction basins.
///
/// In sample space a training point x becomes x + A·ξ with ξ normal in every pixel; in weight space every weight matrix
/// W becomes W + A·ξ at once, biases and normalisation untouched (`relative` scales ξ with the matrix's root mean
/// square). ξ is drawn once a task and used for all amplitudes A and epochs. A basin's size is the A at which the
/// accuracy falls to one half, and the first at which it falls below 0.99, interpolated over log A; NaN where the
/// accuracy without noise is below that already, infinite where the largest A does not bring it down.
public struct AttractionBasins: Probe {
    public static let entry = CatalogEntry(
        "attraction-basins",
        "Accuracy under noise on samples and on weights, and the sizes of the basins (Lin).",
        options: [
            .points(300, "Training samples looked at; all where there are fewer."),
            Option(
                "amplitudes", .numbers(1e-9...1e9), standard: .list(standardAmplitudes.map { .number($0) }),
                "Amplitudes of the noise, ascending."),
            Option(
                "sample-draws", .integer(1...1000), standard: 3, unit: "draws", "Draws of noise on samples."),
            Option(
                "weight-draws", .integer(1...1000), standard: 5, unit: "draws", "Draws of noise on weights."),
            Option(
                "relative", .boolean, standard: false,
                "Whether noise on weights is in units of each matrix's root mean square."),
        ])

    /// 10⁻⁴ to 10 in equal factors, with three digits.
    static let standardAmplitudes: [Double] = [
        0.0001, 0.000178, 0.000316, 0.000562, 0.001, 0.00178, 0.00316, 0.00562, 0.01, 0.0178, 0.0316, 0.0562,
        0.1,
        0.178, 0.316, 0.562, 1, 1.78, 3.16, 5.62, 10,
    ]

    private let pointCount: Int
    private let amplitudes: [Double]
    private let sampleDraws: Int
    private let weightDraws: Int
    private let isRelative: Bool

    public init(options: Setting) {
        pointCount = options.integer("points", default: 300)
        let listed =
            options["amplitudes"]?.asList?.compactMap(\.asNumber)
            ?? options["amplitudes"]?.asNumber.map { [$0] }
        amplitudes = (listed ?? Self.standardAmplitudes).sorted()
        sampleDraws = options.integer("sample-draws", default: 3)
        weightDraws = options.integer("weight-draws", default: 5)
        isRelative = options["relative"]?.asBoolean ?? false
    }

    /// What the noise is added to, as metrics call it.
    private static let spaces = ["sample", "weight"]
    /// Accuracies whose amplitudes are the sizes of a basin.
    private static let levels: [(name: String, title: String, accuracy: Double)] = [
        ("half", "halves", 0.5), ("99", "brings below 99 %", 0.99),
    ]

    public var columns: [Column] {
        Self.spaces.flatMap { space in
            Self.levels.map {
                Column(
                    "basin_\(space)_\($0.name)",
                    title: "noise on \(space)s that \($0.title) the train accuracy")
            }
        }
    }

    public var layerMetrics: [LayerMetric] {
        Self.spaces.map {
            LayerMetric(
                "basin_\($0)_accuracy", title: "train accuracy under noise on \($0)s", unit: "fraction",
                by: "amplitude")
        } + [LayerMetric("basin_amplitude", title: "amplitude of the noise", by: "amplitude")]
    }

    public var figures: ReportSpec {
        ReportSpec(profiles: [
            ReportSpec.Profile(
                values: Self.spaces.map { "basin-\($0)-accuracy" }, x: "basin-amplitude", by: .nothing)
        ])
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        let passes = Double(amplitudes.count * (sampleDraws + weightDraws) + 1)
        return Cost(
            floatingPointOperations: passes * points * subject.forwardOperations
                + Double(amplitudes.count * weightDraws * 2 * subject.parameterCount),
            memoryBytes: subject.workspaceBytes(batch: SignalReader<Float>.batchMax)
                + 4
                * (Double(subject.inputCount) * points * Double(sampleDraws + 1)
                    + Double(subject.parameterCount * (weightDraws + 1))))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        guard snapshot.isFinite else { return ProbeReading(scalars: columns.map { _ in .nan }) }
        let ground = snapshot.scratch.value("attraction-basins") {
            NoisyGround(
                snapshot, pointCount: pointCount, sampleDraws: sampleDraws, weightDraws: weightDraws)
        }
        let still = ground.accuracy(snapshot)
        let curves = [
            amplitudes.map { ground.accuracy(snapshot, noiseOnSamples: $0) },
            amplitudes.map { ground.accuracy(snapshot, noiseOnWeights: $0, isRelative: isRelative) },
        ]
        let values = zip(layerMetrics.map(\.name), curves).flatMap { metric, curve in
            curve.enumerated().map { LayerValue(metric: metric, layer: 0, index: $0, value: $1) }
        }
        // The amplitudes stand beside what they do, for plots.
        let places = amplitudes.enumerated().map {
            LayerValue(metric: "basin_amplitude", layer: 0, index: $0, value: $1)
        }
        let sizes = curves.flatMap { curve in
            Self.levels.map { size(of: curve, still: still, at: $0.accuracy) }
        }
        return ProbeReading(scalars: sizes, layers: values + places)
    }

    /// The amplitude at which a curve first falls below `level`, interpolated over the logarithm of the amplitude.
    package func size(of curve: [Double], still: Double, at level: Double) -> Double {
        guard still >= level else { return .nan }
        guard let below = curve.firstIndex(where: { $0 < level }) else { return .infinity }
        guard below > 0 else { return amplitudes[0] }
        let (high, low) = (curve[below - 1], curve[below])
        let share = (high - level) / (high - low)
        return exp(log(amplitudes[below - 1]) * (1 - share) + log(amplitudes[below]) * share)
    }
}

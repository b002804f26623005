internal import Datasets
internal import Foundation
public import LinearAlgebra
internal import Networks
public import Sweeps

/// Where each unit's contribution to a sample's own class ranks among its contributions to all samples: Lin's RPD.
///
/// With M = ∂ logits / ∂ h in the network whose activations are left out from the layer on, unit i contributes
/// c = h[i] · M[y, i] to the logit of sample v's class y. Its rank among h[i](μ) · M[y, i] over all samples μ, scaled
/// to [0, 1] with 1 for the largest, has a density over all samples and units. M does not depend on the sample, so one
/// sort a unit gives all ranks: that of h where M is positive, one minus it where M is negative; where M is zero the
/// pair is left out. Equal signals share the mean of their ranks.
public struct RankDistribution: Probe {
    public static let entry = CatalogEntry(
        "rank-distribution",
        "Rank of each unit's contribution to its sample's class: slope and top share (Lin).",
        options: [
            .points(60_000, "Training samples looked at; all where there are fewer."),
            Option("bins", .integer(2...1000), standard: 50, "Bins of the density."),
            Option(
                "densities", .boolean, standard: false, "Whether `layers.csv` gets the density of every bin."),
        ])

    private static let stream = "rank-distribution"
    private let pointCount: Int
    private let binCount: Int
    private let reportsDensities: Bool

    public init(options: Setting) {
        pointCount = options.integer("points", default: 60_000)
        binCount = options.integer("bins", default: 50)
        reportsDensities = options["densities"]?.asBoolean ?? false
    }

    public var columns: [Column] {
        [
            Column("rank_slope", title: "slope of the rank density, first hidden layer"),
            Column("rank_slope_last", title: "slope of the rank density, last hidden layer"),
        ]
    }

    public var layerMetrics: [LayerMetric] {
        [
            LayerMetric("rank_layer_slope", title: "slope of the rank density"),
            LayerMetric("rank_top_density", title: "density of the highest ranks"),
            LayerMetric("rank_slope_rate", title: "rate of change of the slope"),
        ] + (reportsDensities ? [LayerMetric("rank_density", by: "rank (bin)")] : [])
    }

    public func problem(with subject: ProbeSubject) -> String? {
        subject.configuration["model.family"]?.asText == "convnet"
            ? "points cannot be ranked behind pooling by maximum, which makes the tail depend on the sample; "
                + "take model.family mlp, cnn or resnet18"
            : nil
    }

    public var figures: ReportSpec {
        ReportSpec(
            profiles: [ReportSpec.Profile(values: ["rank-layer-slope"], x: "epoch")]
                + (reportsDensities ? [ReportSpec.Profile(values: ["rank-density"])] : []))
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        let units = Double(subject.hiddenUnitCounts.reduce(0, +))
        return Cost(
            // A comparison of a sort takes about as long as a dozen multiply-adds of a product.
            floatingPointOperations: points * (subject.forwardOperations + 24 * units * log2(max(points, 2))),
            memoryBytes: 4 * points * units + subject.workspaceBytes(batch: SignalReader<Float>.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        guard snapshot.isFinite else { return ProbeReading(scalars: [.nan, .nan]) }
        let indices = snapshot.trainIndices(pointCount, stream: Self.stream)
        let labels = indices.map { Int(snapshot.dataset.train.labelsAssigned[$0]) }
        let tails = TailJacobian(snapshot).layers
        let signals = snapshot.network.hiddenLayers.map {
            SamplePoints<Scalar>(inputCount: $0.unitCount, count: indices.count)
        }
        SignalReader.shared(snapshot).read(
            snapshot.dataset.train, at: indices, snapshot, signals: [.preActivation],
            see: { _, layer, start, window in
                let kept = signals[layer].inputs
                Matrix(kept.pointer + start, rows: kept.rows, columns: window.columns, stride: kept.stride)
                    .copy(from: window)
            })
        var values: [LayerValue] = []
        var slopes: [Double] = []
        for (index, (signals, tail)) in zip(signals, tails).enumerated() {
            let histogram = RankHistogram(
                signals.inputs, tail: tail, classCount: snapshot.network.classCount, labels: labels,
                binCount: binCount)
            slopes.append(histogram.slope)
            let layer = index + 1
            values.append(
                LayerValue(metric: "rank_layer_slope", layer: layer, index: 0, value: histogram.slope))
            values.append(
                LayerValue(metric: "rank_top_density", layer: layer, index: 0, value: histogram.topDensity))
            guard reportsDensities else { continue }
            values += histogram.densities.enumerated().map {
                LayerValue(metric: "rank_density", layer: layer, index: $0, value: $1)
            }
        }
        return ProbeReading(
            scalars: [slopes.first, slopes.last], layers: values, carried: [Double(snapshot.step)] + slopes)
    }

    /// Adds the rate of change of every slope with the logarithm of the step since the reading before.
    public func conclude(_ readings: [ProbeReading]) -> [ProbeReading] {
        var before: [Double] = []
        return readings.map { reading in
            defer { if (reading.carried.first ?? 0) > 0 { before = reading.carried } }
            guard before.count == reading.carried.count, let step = reading.carried.first, step > before[0]
            else {
                return reading
            }
            let time = log(step / before[0])
            let rates = zip(reading.carried, before).dropFirst().enumerated().map { index, slopes in
                LayerValue(
                    metric: "rank_slope_rate", layer: index + 1, index: 0, value: (slopes.0 - slopes.1) / time
                )
            }
            return ProbeReading(scalars: reading.scalars, layers: reading.layers + rates)
        }
    }
}

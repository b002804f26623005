internal import Basics
internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// The training loss along a random direction in weight space, unit by unit as long as the weights.
///
/// The direction d is normal in every weight, and each unit's (or filter's) part is scaled to the norm of that unit's
/// weights (Li et al. 2018); biases and normalisation stay. The loss of w + t·d is the mean over the chosen training
/// points; the column is the mean increase at t = ±`amplitude`, averaged over the directions.
public struct Flatness: Probe {
    public static let entry = CatalogEntry(
        "flatness", "Training loss along random filter-normalised directions of weight space (Lin).",
        options: [
            .points(1000, "Training samples looked at; all where there are fewer."),
            Option(
                "amplitude", .number(1e-6...100), standard: 0.1, "t of the column, in norms of each filter."),
            Option("reach", .number(1e-6...100), standard: 1, "Largest |t| of the curve."),
            Option("steps", .integer(1...1000), standard: 10, "Points of the curve on either side of 0."),
            Option("directions", .integer(1...1000), standard: 1, "Random directions."),
        ])

    private let pointCount: Int
    private let amplitude: Double
    private let reach: Double
    private let stepCount: Int
    private let directionCount: Int

    public init(options: Setting) {
        pointCount = options.integer("points", default: 1000)
        amplitude = options.number("amplitude", default: 0.1)
        reach = options.number("reach", default: 1)
        stepCount = options.integer("steps", default: 10)
        directionCount = options.integer("directions", default: 1)
    }

    public var columns: [Column] {
        [Column("loss_increase", title: "increase of the train loss along a random direction")]
    }

    public var layerMetrics: [LayerMetric] {
        [
            LayerMetric(
                "loss_along_direction", title: "train loss along a direction", by: "step along the direction")
        ]
    }

    public var figures: ReportSpec {
        ReportSpec(profiles: [ReportSpec.Profile(values: ["loss-along-direction"], by: .nothing)])
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        let passes = Double(directionCount * (2 * stepCount + 3) + 1)
        return Cost(
            floatingPointOperations: passes
                * (points * subject.forwardOperations + Double(subject.parameterCount)),
            memoryBytes: subject.workspaceBytes(batch: SignalReader<Float>.batchMax)
                + 4 * Double(subject.parameterCount * (directionCount + 1)))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        guard snapshot.isFinite else { return ProbeReading(scalars: [.nan]) }
        let moved = snapshot.scratch.value("flatness parameters") {
            ParameterBlock<Scalar>(snapshot.network.layout)
        }
        let still = loss(snapshot, snapshot.parameters)
        let places = (-stepCount...stepCount).map { reach * Double($0) / Double(stepCount) }
        var curve = [Double](repeating: 0, count: places.count)
        var increase = 0.0
        for direction in 0..<directionCount {
            let noise = snapshot.scratch.value("flatness direction \(direction)") {
                FilterDirection(snapshot, draw: direction)
            }
            func loss(at place: Double) -> Double {
                noise.move(snapshot.parameters, by: place, into: moved)
                return self.loss(snapshot, moved)
            }
            for (index, place) in places.enumerated() {
                curve[index] += (place == 0 ? still : loss(at: place)) / Double(directionCount)
            }
            increase += (loss(at: amplitude) + loss(at: -amplitude)) / 2 - still
        }
        let values = curve.enumerated().map {
            LayerValue(metric: "loss_along_direction", layer: 0, index: $0 - stepCount, value: $1)
        }
        return ProbeReading(scalars: [increase / Double(directionCount)], layers: values)
    }

    /// The mean loss of the points.
    private func loss<Scalar: Real>(
        _ snapshot: Snapshot<Scalar>, _ parameters: ParameterBlock<Scalar>
    ) -> Double {
        let samples = snapshot.dataset.train
        let indices = snapshot.trainIndices(pointCount, stream: "flatness")
        let losses = Buffer<Scalar>(count: SignalReader<Scalar>.batchMax)
        let workspace = SignalReader.shared(snapshot).workspace
        var (start, sum) = (0, 0.0)
        while start < indices.count {
            let batch = Array(indices[start..<min(start + SignalReader<Scalar>.batchMax, indices.count)])
            samples.gather(batch, into: workspace.input.firstColumns(batch.count))
            snapshot.network.forward(parameters, workspace, batch: batch.count)
            let labels = batch.map { samples.labelsAssigned[$0] }
            snapshot.loss.values(
                workspace.logits.firstColumns(batch.count), labels: labels, into: losses.pointer)
            sum += Scalar.sum(losses.pointer, count: batch.count)
            start += batch.count
        }
        return sum / Double(indices.count)
    }
}

/// A random direction whose filters take the norms of the network's own at every move.
private final class FilterDirection<Scalar: Real> {
    private let noise: ParameterBlock<Scalar>

    init(_ snapshot: Snapshot<Scalar>, draw: Int) {
        noise = ParameterBlock(snapshot.network.layout)
        var generator = SeededGenerator(seed: snapshot.seed, stream: "flatness direction \(draw)")
        for window in noise.layout.windows where window.isWeightMatrix {
            for index in 0..<window.count {
                noise.buffer.pointer[window.offset + index] = Scalar(generator.normal())
            }
        }
    }

    /// `moved` ← the parameters, and `place` times the direction on top.
    func move(_ parameters: ParameterBlock<Scalar>, by place: Double, into moved: ParameterBlock<Scalar>) {
        moved.buffer.pointer.update(from: parameters.buffer.pointer, count: parameters.count)
        for window in noise.layout.windows where window.isWeightMatrix {
            let filterCount = window.shape[0]
            let size = window.count / filterCount
            for filter in 0..<filterCount {
                let offset = window.offset + filter * size
                let (own, drawn) = (parameters.buffer.pointer + offset, noise.buffer.pointer + offset)
                let norm = Scalar.sumOfSquares(own, count: size).squareRoot()
                let factor = place * norm / Scalar.sumOfSquares(drawn, count: size).squareRoot()
                let target = moved.buffer.pointer + offset
                for index in 0..<size { target[index] += Scalar(factor) * drawn[index] }
            }
        }
    }
}

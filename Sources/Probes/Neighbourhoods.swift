internal import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// The points, the frame and the memory with which one task counts sign changes.
///
/// One vertex of many points at a time goes through the network: points are columns, so that the signs that a unit
/// shows are gathered by whole vectors, in whatever layout the network keeps. Where the first hidden layer can be had
/// on its own, ``AffineOpening`` counts there in closed form, and the vertices start behind it.
final class Neighbourhoods<Scalar: Real> {
    private let probe: LocalComplexity
    private let points: [LocalComplexity.PointSet: SamplePoints<Scalar>]
    /// [D × (P + 1)]: the frame, and a column of zeros.
    private let frame: SamplePoints<Scalar>
    private let opening: AffineOpening<Scalar>?
    private let workspace: Workspace<Scalar>
    /// One a layer that counts: the hidden ones, then the logits where they do.
    private let signs: [SignRecord<Scalar>]
    private let needsPasses: Bool

    init(_ snapshot: Snapshot<Scalar>, frame directions: [Double], probe: LocalComplexity) {
        self.probe = probe
        let network = snapshot.network
        let inputCount = network.inputShape.count
        let dataset = snapshot.dataset
        let seed = snapshot.seed
        points = [
            .train: SamplePoints(
                dataset.train,
                at: dataset.train.stratifiedIndices(
                    count: probe.pointCount, seed: seed, stream: "local-complexity train points")),
            .test: SamplePoints(
                dataset.test,
                at: dataset.test.stratifiedIndices(
                    count: probe.pointCount, seed: seed, stream: "local-complexity test points")),
            .random: SamplePoints(
                uniformIn: dataset.inputRange, inputCount: inputCount, count: probe.pointCount, seed: seed,
                stream: "local-complexity random points"),
        ]
        let directionCount = probe.directionCount
        let frame = SamplePoints<Scalar>(inputCount: inputCount, count: directionCount + 1)
        for row in 0..<inputCount {
            for column in 0..<directionCount {
                frame.inputs[row, column] = Scalar(directions[row * directionCount + column])
            }
        }
        self.frame = frame
        let pointCountMax = points.values.map(\.count).max() ?? 1
        opening = (network as? any AffineFirstLayer<Scalar>).map {
            AffineOpening($0, frame: frame.inputs, pointCountMax: pointCountMax)
        }
        let layerCount = network.hiddenLayers.count + (probe.includesOutput ? 1 : 0)
        signs = (0..<layerCount).map { _ in SignRecord() }
        needsPasses = opening == nil || layerCount > 1
        let batchMax = min(
            LocalComplexity.batchMax(hasAffineFirstLayer: opening != nil), 2 * directionCount * pointCountMax)
        workspace = network.makeWorkspace(batchMax: needsPasses ? batchMax : 1)
    }

    /// Recomputes what depends on the parameters alone.
    func follow(_ snapshot: Snapshot<Scalar>) { opening?.follow(snapshot.parameters) }

    /// The mean number of units that change sign, [radius][layer].
    func counts(_ set: LocalComplexity.PointSet, _ snapshot: Snapshot<Scalar>) -> [[Double]] {
        guard let points = points[set] else { return [] }
        opening?.visit(points.inputs, snapshot.parameters)
        return probe.radii.map { radius in
            var totals = [Int](repeating: 0, count: signs.count)
            if let opening { totals[0] = opening.signChanges(radius: Scalar(radius)) }
            if needsPasses { addCounts(of: points.inputs, radius: Scalar(radius), snapshot, to: &totals) }
            return totals.map { Double($0) / Double(points.count) }
        }
    }

    /// Sends the vertices of all points through the network and counts in every layer that is not counted yet.
    private func addCounts(
        of points: Matrix<Scalar>, radius: Scalar, _ snapshot: Snapshot<Scalar>, to totals: inout [Int]
    ) {
        let vertexCount = 2 * probe.directionCount
        for start in stride(from: 0, to: points.columns, by: workspace.batchMax) {
            let count = min(workspace.batchMax, points.columns - start)
            // Where few points leave room, several vertices of each go together; the last ones go with the first again.
            let together = min(workspace.batchMax / count, vertexCount)
            for first in stride(from: 0, to: vertexCount, by: together) {
                for place in 0..<together {
                    let vertex = (first + place) % vertexCount
                    placeVertices(
                        vertex / 2, step: vertex.isMultiple(of: 2) ? radius : -radius, around: points,
                        from: start, count: count, column: place * count)
                }
                gatherSigns(snapshot, batch: together * count)
            }
            for layer in signs.indices {
                totals[layer] += signs[layer].takeMixedCount(columns: count, groups: together)
            }
        }
    }

    /// Fills some columns with points moved by `step` along one direction.
    private func placeVertices(
        _ direction: Int, step: Scalar, around points: Matrix<Scalar>, from start: Int, count: Int,
        column: Int
    ) {
        let (moves, centres, target) =
            if let opening {
                (opening.moves.inputs, opening.visited, workspace.firstPreActivation)
            } else {
                (frame.inputs, points, workspace.input)
            }
        for row in 0..<centres.rows {
            let move = step * moves.pointer[row * moves.stride + direction]
            let centre = centres.pointer + row * centres.stride + start
            let vertex = target.pointer + row * target.stride + column
            for point in 0..<count { vertex[point] = centre[point] + move }
        }
    }

    /// Sends a batch of vertices through the network and takes down the signs that all layers show.
    private func gatherSigns(_ snapshot: Snapshot<Scalar>, batch: Int) {
        let isFirstCounted = opening != nil
        let observer = LayerObserver<Scalar>([.preActivation], takesBlocks: true) {
            [signs] _, layer, window in
            if layer > 0 || !isFirstCounted { signs[layer].add(window) }
        }
        if let opening {
            opening.goOn(snapshot.parameters, workspace, batch: batch, observer: observer)
        } else {
            snapshot.network.forward(
                snapshot.parameters, workspace, batch: batch, pass: ForwardPass(observer: observer))
        }
        if probe.includesOutput { signs[signs.count - 1].add(workspace.logits.firstColumns(batch)) }
    }
}

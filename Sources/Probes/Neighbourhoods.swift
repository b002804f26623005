internal import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// The points, the frame and the memory with which one task counts sign changes.
///
/// Vertices go through the network in batches of whole points. Where the first hidden layer can be had on its own,
/// ``AffineOpening`` counts there in closed form, and the vertices start behind it.
final class Neighbourhoods<Scalar: Real> {
    private let probe: LocalComplexity
    private let points: [LocalComplexity.PointSet: SamplePoints<Scalar>]
    /// [D × (P + 1)]: the frame, and a column of zeros.
    private let frame: SamplePoints<Scalar>
    private let opening: AffineOpening<Scalar>?
    private let workspace: Workspace<Scalar>
    private let layerCount: Int
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
        layerCount = network.hiddenLayers.count + (probe.includesOutput ? 1 : 0)
        needsPasses = opening == nil || layerCount > 1
        workspace = network.makeWorkspace(batchMax: needsPasses ? probe.batchMax : 1)
    }

    /// Recomputes what depends on the parameters alone.
    func follow(_ snapshot: Snapshot<Scalar>) { opening?.follow(snapshot.parameters) }

    /// The mean number of units that change sign, [radius][layer].
    func counts(_ set: LocalComplexity.PointSet, _ snapshot: Snapshot<Scalar>) -> [[Double]] {
        guard let points = points[set] else { return [] }
        opening?.visit(points.inputs, snapshot.parameters)
        return probe.radii.map { radius in
            var totals = [Int](repeating: 0, count: layerCount)
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
        let pointsPerBatch = workspace.batchMax / vertexCount
        var counted = totals
        let isFirstCounted = opening != nil
        let observer = LayerObserver<Scalar>.preActivations { layer, window in
            guard layer > 0 || !isFirstCounted else { return }
            counted[layer] += mixedGroups(window, groupSize: vertexCount)
        }
        var start = 0
        while start < points.columns {
            let count = min(pointsPerBatch, points.columns - start)
            let batch = count * vertexCount
            if let opening {
                opening.placeVertices(from: start, count: count, radius: radius, in: workspace)
                opening.goOn(snapshot.parameters, workspace, batch: batch, observer: observer)
            } else {
                frame.inputs.firstColumns(probe.directionCount).placeVertices(
                    around: points, from: start, count: count, radius: radius, into: workspace.input)
                snapshot.network.forward(
                    snapshot.parameters, workspace, batch: batch, pass: ForwardPass(observer: observer))
            }
            if probe.includesOutput {
                let logits = workspace.logits.firstColumns(batch)
                counted[layerCount - 1] += mixedGroups(logits, groupSize: vertexCount)
            }
            start += count
        }
        totals = counted
    }
}

extension Matrix where Scalar: Real {
    /// Fills `target` with c + r·m and c − r·m for every column m of this matrix, point by point.
    ///
    /// - Parameters:
    ///   - centres: The points' columns c.
    ///   - start: The first point.
    ///   - count: How many points.
    ///   - radius: r.
    ///   - target: 2P columns a point, all +r·m before all −r·m.
    func placeVertices(
        around centres: Matrix, from start: Int, count: Int, radius: Scalar, into target: Matrix
    ) {
        for row in 0..<centres.rows {
            let moves = pointer + row * stride
            let centre = centres.pointer + row * centres.stride + start
            var column = target.pointer + row * target.stride
            for point in 0..<count {
                let value = centre[point]
                for direction in 0..<columns {
                    let move = radius * moves[direction]
                    column[direction] = value + move
                    column[columns + direction] = value - move
                }
                column += 2 * columns
            }
        }
    }
}

/// How many groups of neighbouring columns, over all rows, hold numbers of more than one sign.
///
/// A zero is a sign of its own. Counts instead of early exits: without branches the compiler uses whole vectors.
private func mixedGroups<Scalar: Real>(_ window: Matrix<Scalar>, groupSize: Int) -> Int {
    var total = 0
    let size = Int32(groupSize)
    for row in 0..<window.rows {
        var group = UnsafePointer(window.pointer + row * window.stride)
        for _ in 0..<window.columns / groupSize {
            var positives: Int32 = 0
            var negatives: Int32 = 0
            for index in 0..<groupSize {
                positives &+= group[index] > 0 ? 1 : 0
                negatives &+= group[index] < 0 ? 1 : 0
            }
            let isOneSided = positives == size || negatives == size || (positives == 0 && negatives == 0)
            total += isOneSided ? 0 : 1
            group += groupSize
        }
    }
    return total
}

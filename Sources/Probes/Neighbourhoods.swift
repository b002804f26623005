internal import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// The points, the frame and the memory with which one task counts sign changes.
///
/// The first hidden layer is affine in the input, so its pre-activations at the vertices are h(x) ± r·m with m = W·v:
/// one product with the frame serves all points and radii, and there a unit changes sign exactly when h − r·max|m| and
/// h + r·max|m| differ in sign. Deeper layers go through the network, one batch of vertices after the other.
final class Neighbourhoods<Scalar: Real> {
    private let probe: LocalComplexity
    private let points: [LocalComplexity.PointSet: SamplePoints<Scalar>]
    /// [D × (P + 1)]: the frame, and a column of zeros.
    private let frame: SamplePoints<Scalar>
    /// [U₁ × (P + 1)]: what a step of length 1 along each direction adds to the first layer; the last column is used up.
    private let moves: SamplePoints<Scalar>
    /// [U₁]: the largest magnitude in each row of ``moves``.
    private var largestMoves: [Scalar]
    /// [U₁ × n]: the first layer at the points themselves.
    private let centres: SamplePoints<Scalar>
    private let workspace: Workspace<Scalar>
    private let layerCount: Int
    private let needsTail: Bool

    init(_ snapshot: Snapshot<Scalar>, frame directions: [Double], probe: LocalComplexity) {
        self.probe = probe
        let network = snapshot.network
        let (inputCount, firstCount) = (network.inputShape.count, network.hiddenLayers[0].unitCount)
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
        frame = SamplePoints(inputCount: inputCount, count: directionCount + 1)
        for row in 0..<inputCount {
            for column in 0..<directionCount {
                frame.inputs[row, column] = Scalar(directions[row * directionCount + column])
            }
        }
        moves = SamplePoints(inputCount: firstCount, count: directionCount + 1)
        largestMoves = [Scalar](repeating: 0, count: firstCount)
        centres = SamplePoints(inputCount: firstCount, count: points.values.map(\.count).max() ?? 1)
        layerCount = network.hiddenLayers.count + (probe.includesOutput ? 1 : 0)
        needsTail = layerCount > 1
        workspace = network.makeWorkspace(batchMax: needsTail ? probe.batchMax : 1)
    }

    /// Recomputes what depends on the parameters alone.
    func follow(_ snapshot: Snapshot<Scalar>) {
        snapshot.network.firstPreActivation(snapshot.parameters, input: frame.inputs, into: moves.inputs)
        let window = moves.inputs
        let last = window.columns - 1
        for unit in 0..<window.rows {
            let row = window.pointer + unit * window.stride
            var largest: Scalar = 0
            for direction in 0..<last {
                row[direction] -= row[last]
                largest = max(largest, abs(row[direction]))
            }
            largestMoves[unit] = largest
        }
    }

    /// The mean number of units that change sign, [radius][layer].
    func counts(_ set: LocalComplexity.PointSet, _ snapshot: Snapshot<Scalar>) -> [[Double]] {
        guard let points = points[set] else { return [] }
        let centres = centres.inputs.firstColumns(points.count)
        snapshot.network.firstPreActivation(snapshot.parameters, input: points.inputs, into: centres)
        return probe.radii.map { radius in
            var totals = [Int](repeating: 0, count: layerCount)
            totals[0] = firstLayerCount(centres, radius: Scalar(radius))
            if needsTail { totals = addingTailCounts(centres, radius: Scalar(radius), snapshot, to: totals) }
            return totals.map { Double($0) / Double(points.count) }
        }
    }

    private func firstLayerCount(_ centres: Matrix<Scalar>, radius: Scalar) -> Int {
        var total = 0
        for unit in 0..<centres.rows {
            let reach = radius * largestMoves[unit]
            total += crossings(centres.pointer + unit * centres.stride, count: centres.columns, reach: reach)
        }
        return total
    }

    /// Sends the vertices of all points through the layers behind the first and counts there.
    private func addingTailCounts(
        _ centres: Matrix<Scalar>, radius: Scalar, _ snapshot: Snapshot<Scalar>, to counted: [Int]
    ) -> [Int] {
        var totals = counted
        let vertexCount = 2 * probe.directionCount
        let pointsPerBatch = workspace.batchMax / vertexCount
        let hiddenCount = snapshot.network.hiddenLayers.count
        var start = 0
        while start < centres.columns {
            let count = min(pointsPerBatch, centres.columns - start)
            placeVertices(centres, from: start, count: count, radius: radius)
            let batch = count * vertexCount
            snapshot.network.forwardFromFirst(snapshot.parameters, workspace, batch: batch) { layer, window in
                if layer > 0 { totals[layer] += mixedGroups(window, groupSize: vertexCount) }
            }
            if probe.includesOutput {
                totals[hiddenCount] += mixedGroups(
                    workspace.logits.firstColumns(batch), groupSize: vertexCount)
            }
            start += count
        }
        return totals
    }

    /// Fills the first pre-activations with h + r·m and h − r·m, direction by direction, point by point.
    private func placeVertices(_ centres: Matrix<Scalar>, from start: Int, count: Int, radius: Scalar) {
        let target = workspace.firstPreActivation
        let directionCount = probe.directionCount
        for unit in 0..<centres.rows {
            let moves = moves.inputs.pointer + unit * moves.inputs.stride
            let centre = centres.pointer + unit * centres.stride + start
            var column = target.pointer + unit * target.stride
            for point in 0..<count {
                let h = centre[point]
                for direction in 0..<directionCount {
                    let move = radius * moves[direction]
                    column[direction] = h + move
                    column[directionCount + direction] = h - move
                }
                column += 2 * directionCount
            }
        }
    }
}

/// How many of the numbers change sign within `reach`: those of at most its magnitude.
///
/// Exact: h − reach rounds to zero or past it only where it is zero, so comparing magnitudes sees the same signs as
/// adding and subtracting would.
private func crossings<Scalar: Real>(_ row: UnsafePointer<Scalar>, count: Int, reach: Scalar) -> Int {
    // Nothing moves, so nothing changes sign, not even a zero.
    if reach == 0 { return 0 }
    var total: Int32 = 0
    for index in 0..<count { total &+= abs(row[index]) <= reach ? 1 : 0 }
    return Int(total)
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

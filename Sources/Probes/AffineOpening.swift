internal import LinearAlgebra
internal import Networks

/// Sign changes in the first hidden layer in closed form, and vertices that start behind it.
///
/// That layer is affine in the input, so its pre-activations at the vertices are h(x) ± r·m with m = W·v: one product
/// with the frame serves all points and radii, and there a unit changes sign exactly when h − r·max|m| and
/// h + r·max|m| differ in sign.
final class AffineOpening<Scalar: Real> {
    private let network: any AffineFirstLayer<Scalar>
    private let frame: Matrix<Scalar>
    /// [U₁ × (P + 1)]: what a step of length 1 along each direction adds to the layer; the last column is used up.
    let moves: SamplePoints<Scalar>
    /// [U₁]: the largest magnitude in each row of ``moves``.
    private var largestMoves: [Scalar]
    /// [U₁ × n]: the layer at the points themselves.
    private let centres: SamplePoints<Scalar>
    /// [U₁ × n]: those of the set that is visited.
    private(set) var visited: Matrix<Scalar>

    /// - Parameters:
    ///   - network: Its first layer is looked at.
    ///   - frame: [D × (P + 1)]: the directions, and a column of zeros.
    ///   - pointCountMax: The most points of a set.
    init(_ network: any AffineFirstLayer<Scalar>, frame: Matrix<Scalar>, pointCountMax: Int) {
        self.network = network
        self.frame = frame
        let unitCount = network.hiddenLayers[0].unitCount
        moves = SamplePoints(inputCount: unitCount, count: frame.columns)
        largestMoves = [Scalar](repeating: 0, count: unitCount)
        centres = SamplePoints(inputCount: unitCount, count: pointCountMax)
        visited = centres.inputs
    }

    /// Recomputes what depends on the parameters alone.
    func follow(_ parameters: ParameterBlock<Scalar>) {
        network.firstPreActivation(parameters, input: frame, into: moves.inputs)
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

    /// Takes the points [D × n] of a set as centres.
    func visit(_ points: Matrix<Scalar>, _ parameters: ParameterBlock<Scalar>) {
        visited = centres.inputs.firstColumns(points.columns)
        network.firstPreActivation(parameters, input: points, into: visited)
    }

    /// Units of the layer that change sign within `radius`, summed over the points.
    func signChanges(radius: Scalar) -> Int {
        var total = 0
        for unit in 0..<visited.rows {
            let reach = radius * largestMoves[unit]
            total += crossings(visited.pointer + unit * visited.stride, count: visited.columns, reach: reach)
        }
        return total
    }

    /// Goes through the layers behind the first.
    func goOn(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        observer: LayerObserver<Scalar>
    ) {
        network.forwardFromFirst(parameters, workspace, batch: batch, observer: observer)
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

internal import LinearAlgebra
package import Networks

/// The pieces of a square in input space on which a piecewise linear network is linear, exactly.
///
/// The square is cut layer by layer. On a piece where all earlier layers are linear, so are a layer's pre-activations:
/// their values at the piece's corners tell which units change sign inside, and where, without a look at any weight.
/// Everything is in double precision. (The idea of SplineCAM: Humayun et al., 2023.)
package struct PlanePartition {
    /// A convex piece: its corners in order, in coordinates along the two directions.
    package typealias Piece = [(x: Double, y: Double)]

    /// Corners that go through the network at once.
    private static let batchMax = 256

    private let network: any Network<Double>
    private let parameters: ParameterBlock<Double>
    private let workspace: Workspace<Double>
    private let across: [Double]
    private let up: [Double]

    /// - Parameters:
    ///   - network: Piecewise linear in evaluation: ReLU, leaky ReLU or no activation, no maximum over places.
    ///   - parameters: Its own.
    ///   - across: [D] the first direction.
    ///   - up: [D] the second.
    package init(
        _ network: any Network<Double>, _ parameters: ParameterBlock<Double>, across: [Double], up: [Double]
    ) {
        self.network = network
        self.parameters = parameters
        self.across = across
        self.up = up
        workspace = network.makeWorkspace(batchMax: Self.batchMax)
    }

    /// The pieces of the square of half-side `radius` around `centre` [D].
    ///
    /// - Complexity: A forward pass for each layer and corner.
    package func pieces(around centre: [Double], radius: Double) -> [Piece] {
        var pieces: [Piece] = [
            [(-radius, -radius), (radius, -radius), (radius, radius), (-radius, radius)]
        ]
        for layer in network.hiddenLayers.indices {
            let unitCount = network.hiddenLayers[layer].unitCount
            let values = values(of: layer, unitCount: unitCount, at: pieces.flatMap { $0 }, around: centre)
            // A line through a corner, up to rounding, cuts nothing off; nor does the noise around units that are
            // zero all over a piece because nothing reaches them.
            let tolerance = 1e-12 * values.reduce(0) { max($0, abs($1)) }
            var start = 0
            var finer: [Piece] = []
            values.withUnsafeBufferPointer { values in
                for piece in pieces {
                    let end = start + piece.count * unitCount
                    var cut = PieceCutter(
                        piece, values: UnsafeBufferPointer(rebasing: values[start..<end]),
                        unitCount: unitCount, tolerance: tolerance)
                    finer += cut.pieces()
                    start = end
                }
            }
            pieces = finer
        }
        return pieces
    }

    /// The logits at places in the plane: [place × class].
    func logits(at places: Piece, around centre: [Double]) -> [Double] {
        values(of: nil, unitCount: network.classCount, at: places, around: centre)
    }

    /// The pre-activations of one layer, or the logits, at the corners: [corner × unit].
    private func values(
        of layer: Int?, unitCount: Int, at corners: Piece, around centre: [Double]
    ) -> [Double] {
        var values = [Double](repeating: 0, count: corners.count * unitCount)
        var start = 0
        while start < corners.count {
            let batch = min(Self.batchMax, corners.count - start)
            let input = workspace.input
            for pixel in centre.indices {
                let row = input.pointer + pixel * input.stride
                for column in 0..<batch {
                    let corner = corners[start + column]
                    row[column] = centre[pixel] + corner.x * across[pixel] + corner.y * up[pixel]
                }
            }
            func take(_ window: Matrix<Double>) {
                for row in 0..<window.rows {
                    for column in 0..<batch {
                        values[(start + column) * unitCount + row] = window[row, column]
                    }
                }
            }
            let observer = LayerObserver<Double>.preActivations { if $0 == layer { take($1) } }
            network.forward(
                parameters, workspace, batch: batch,
                pass: ForwardPass(observer: layer == nil ? nil : observer))
            if layer == nil { take(workspace.logits) }
            start += batch
        }
        return values
    }
}

/// Cuts one convex piece along the zero lines of functions that are linear on it.
private struct PieceCutter {
    /// Corners of all pieces made so far.
    private var corners: PlanePartition.Piece
    /// [corner][function]: the values of the functions that change sign on the piece.
    private var values: [[Double]]
    private let tolerance: Double

    /// - Parameters:
    ///   - piece: What is cut.
    ///   - values: Of all functions at its corners, [corner × unit].
    ///   - unitCount: How many functions there are.
    ///   - tolerance: What counts as zero.
    init(
        _ piece: PlanePartition.Piece, values: UnsafeBufferPointer<Double>, unitCount: Int, tolerance: Double
    ) {
        corners = piece
        self.tolerance = tolerance
        let changing = (0..<unitCount).filter { unit in
            var (least, greatest) = (values[unit], values[unit])
            for corner in 1..<piece.count {
                least = min(least, values[corner * unitCount + unit])
                greatest = max(greatest, values[corner * unitCount + unit])
            }
            return least < -tolerance && greatest > tolerance
        }
        self.values = piece.indices.map { corner in changing.map { values[corner * unitCount + $0] } }
    }

    mutating func pieces() -> [PlanePartition.Piece] {
        var pieces = [Array(corners.indices)]
        for function in values[0].indices {
            var finer: [[Int]] = []
            for piece in pieces {
                let isAbove = piece.contains { values[$0][function] > tolerance }
                let isBelow = piece.contains { values[$0][function] < -tolerance }
                if isAbove && isBelow {
                    let (above, below) = cut(piece, function)
                    finer += [above, below]
                } else {
                    finer.append(piece)
                }
            }
            pieces = finer
        }
        return pieces.map { $0.map { corners[$0] } }
    }

    /// The two sides of a piece; corners on the line belong to both.
    private mutating func cut(_ piece: [Int], _ function: Int) -> ([Int], [Int]) {
        var (above, below): ([Int], [Int]) = ([], [])
        for (place, corner) in piece.enumerated() {
            let next = piece[(place + 1) % piece.count]
            let (here, there) = (values[corner][function], values[next][function])
            if here >= -tolerance { above.append(corner) }
            if here <= tolerance { below.append(corner) }
            if here > tolerance && there < -tolerance || here < -tolerance && there > tolerance {
                let crossing = addCrossing(corner, next, share: here / (here - there), function)
                above.append(crossing)
                below.append(crossing)
            }
        }
        return (above, below)
    }

    /// A new corner on an edge, with every function's value there.
    private mutating func addCrossing(_ one: Int, _ other: Int, share: Double, _ function: Int) -> Int {
        let (from, to) = (corners[one], corners[other])
        corners.append((from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)))
        var between = zip(values[one], values[other]).map { $0 + share * ($1 - $0) }
        between[function] = 0
        values.append(between)
        return corners.count - 1
    }
}

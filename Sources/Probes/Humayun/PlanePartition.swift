internal import LinearAlgebra
package import Networks

/// The pieces of a square in input space on which a piecewise linear network is linear, exactly.
///
/// The square is cut layer by layer. On a piece where all earlier layers are linear, so are a layer's pre-activations:
/// their values at the piece's corners tell which units change sign inside, and where, without a look at any weight.
/// Max-pooling cuts once more, where another unit of its window becomes the greatest. Everything is in double precision. (The idea of SplineCAM: Humayun et al., 2023.)
package struct PlanePartition {
    /// A convex piece: its corners in order, in coordinates along the two directions.
    package typealias Piece = [(x: Double, y: Double)]

    /// Corners that go through the network at once: 256 where it is small.
    static func batchMax(_ unitCounts: [Int]) -> Int {
        max(16, min(256, (1 << 22) / max(1, unitCounts.reduce(0, +))))
    }

    /// Numbers that are kept in mind of all corners together: half a gigabyte.
    static let valuesMax = 1 << 26

    private let network: any PiecewiseLinear<Double>
    private let batchMax: Int
    private let parameters: ParameterBlock<Double>
    private let workspace: Workspace<Double>
    private let across: [Double]
    private let up: [Double]

    /// - Parameters:
    ///   - network: Piecewise linear in evaluation: ReLU, leaky ReLU or no activation.
    ///   - parameters: Its own.
    ///   - across: [D] the first direction.
    ///   - up: [D] the second.
    package init(
        _ network: any PiecewiseLinear<Double>, _ parameters: ParameterBlock<Double>, across: [Double],
        up: [Double]
    ) {
        self.network = network
        self.parameters = parameters
        self.across = across
        self.up = up
        batchMax = Self.batchMax(network.hiddenLayers.map(\.unitCount))
        workspace = network.makeWorkspace(batchMax: batchMax)
    }

    /// The pieces of the square of half-side `radius` around `centre` [D]; `nil` where they have too many corners.
    ///
    /// - Complexity: A forward pass for each corner of the final pieces.
    package func pieces(around centre: [Double], radius: Double, cornersMax: Int? = nil) -> [Piece]? {
        mesh(around: centre, radius: radius, cornersMax: cornersMax).map { corners, pieces in
            pieces.map { $0.map { corners[$0] } }
        }
    }

    /// Most corners that are kept in mind, for what a network makes of each in all its layers takes half a gigabyte.
    private var cornersMaxInMemory: Int {
        Self.valuesMax / max(1, network.hiddenLayers.reduce(0) { $0 + $1.unitCount })
    }

    /// The same with every corner once, and pieces by the numbers of their corners.
    func mesh(
        around centre: [Double], radius: Double, cornersMax: Int?
    ) -> (corners: Piece, pieces: [[Int]])? {
        let cornersMax = min(cornersMax ?? .max, cornersMaxInMemory)
        var corners = PlaneCorners(layerCount: network.hiddenLayers.count)
        var pieces = [
            [(-radius, -radius), (radius, -radius), (radius, radius), (-radius, radius)].map {
                corners.index(of: $0)
            }
        ]
        for layer in network.hiddenLayers.indices {
            look(at: &corners, from: layer, around: centre)
            let unitCount = network.hiddenLayers[layer].unitCount
            let groups = network.maximumGroups(of: layer)
            let values = groups.isEmpty ? corners.takeValues(of: layer) : corners.values[layer]
            // A line through a corner, up to rounding, cuts nothing off; nor does the noise around units that are
            // zero all over a piece because nothing reaches them.
            let tolerance = 1e-12 * values.reduce(0) { max($0, abs($1)) }
            var finer: [[Int]] = []
            for piece in pieces {
                var cut = values.withUnsafeBufferPointer { values in
                    PieceCutter(
                        piece.map { corners.places[$0] }, at: piece, values: values, unitCount: unitCount,
                        tolerance: tolerance)
                }
                guard let parts = cut.pieces(cornersMax: cornersMax) else { return nil }
                finer += parts.map { $0.map { corners.index(of: $0) } }
                if corners.places.count > cornersMax { return nil }
            }
            pieces = finer
            if groups.isEmpty { continue }
            look(at: &corners, from: layer, around: centre)
            guard
                let parts = cutByMaxima(
                    pieces, of: layer, groups, tolerance: tolerance, cornersMax: cornersMax, &corners)
            else { return nil }
            pieces = parts
        }
        return (corners.places, pieces)
    }

    /// Pieces on which the greatest unit of every group stays the same.
    private func cutByMaxima(
        _ pieces: [[Int]], of layer: Int, _ groups: [[Int]], tolerance: Double, cornersMax: Int,
        _ corners: inout PlaneCorners
    ) -> [[Int]]? {
        let unitCount = network.hiddenLayers[layer].unitCount
        let values = corners.takeValues(of: layer)
        var finer: [[Int]] = []
        for piece in pieces {
            var cut = values.withUnsafeBufferPointer { values in
                MaximumCutter(
                    piece.map { corners.places[$0] }, at: piece, values: values, unitCount: unitCount,
                    groups: groups, tolerance: tolerance)
            }
            finer += cut.pieces().map { $0.map { corners.index(of: $0) } }
            if corners.places.count > cornersMax { return nil }
        }
        return finer
    }

    /// The logits at places in the plane: [place × class].
    package func logits(at places: Piece, around centre: [Double]) -> [Double] {
        var logits = [Double](repeating: 0, count: places.count * network.classCount)
        forward(places[...], around: centre, observer: nil) { start, batch in
            workspace.logits.firstColumns(batch).transpose(into: &logits, from: start)
        }
        return logits
    }

    /// Gives all corners that are new their pre-activations in the layers from `first` on.
    private func look(at corners: inout PlaneCorners, from first: Int, around centre: [Double]) {
        let start = corners.seenCount
        let sink = PlaneCorners.Sink(
            network.hiddenLayers.map(\.unitCount), first: first, count: corners.places.count - start)
        let observer = LayerObserver<Double>.preActivations { layer, window in sink.add(window, layer) }
        forward(corners.places[start...], around: centre, observer: observer) { _, batch in
            sink.start += batch
        }
        corners.see(sink)
    }

    /// Sends places through the network in batches; `done` is told each one's start and size.
    private func forward(
        _ places: ArraySlice<(x: Double, y: Double)>, around centre: [Double],
        observer: LayerObserver<Double>?, done: (Int, Int) -> Void
    ) {
        for start in stride(from: 0, to: places.count, by: batchMax) {
            let batch = places.dropFirst(start).prefix(batchMax)
            let input = workspace.input
            for pixel in centre.indices {
                let row = input.pointer + pixel * input.stride
                for (column, place) in batch.enumerated() {
                    row[column] = centre[pixel] + place.x * across[pixel] + place.y * up[pixel]
                }
            }
            network.forward(
                parameters, workspace, batch: batch.count, pass: ForwardPass(observer: observer))
            done(start, batch.count)
        }
    }
}

/// The corners of all pieces, each once, with what the network makes of them.
private struct PlaneCorners {
    private struct Place: Hashable {
        let x: Double
        let y: Double
    }

    private(set) var places: PlanePartition.Piece = []
    /// How many of them have gone through the network.
    private(set) var seenCount = 0
    private var indices: [Place: Int] = [:]
    /// [layer][corner × unit]; layers that are done with hold nothing.
    private(set) var values: [[Double]]

    init(layerCount: Int) { values = Array(repeating: [], count: layerCount) }

    /// The number of a corner, whose neighbours may have named it before: pieces that share an edge cut it at the same
    /// place to the last bit.
    mutating func index(of place: (x: Double, y: Double)) -> Int {
        let key = Place(x: place.x, y: place.y)
        if let index = indices[key] { return index }
        indices[key] = places.count
        places.append(place)
        return places.count - 1
    }

    mutating func see(_ sink: Sink) {
        for layer in values.indices where layer >= sink.first { values[layer] += sink.values[layer] }
        seenCount = places.count
    }

    /// The pre-activations of a layer, which is not asked again: [corner × unit].
    mutating func takeValues(of layer: Int) -> [Double] {
        defer { values[layer] = [] }
        return values[layer]
    }

    /// Takes down the pre-activations of some corners; a class because an observer changes it.
    final class Sink {
        let first: Int
        /// The first corner of the batch under way.
        var start = 0
        fileprivate private(set) var values: [[Double]]

        init(_ unitCounts: [Int], first: Int, count: Int) {
            self.first = first
            values = unitCounts.enumerated().map { layer, units in
                [Double](repeating: 0, count: layer < first ? 0 : units * count)
            }
        }

        func add(_ window: Matrix<Double>, _ layer: Int) {
            if layer >= first { window.transpose(into: &values[layer], from: start) }
        }
    }
}

extension Matrix<Double> {
    /// Copies this window [rows × columns] to where the columns from `start` on stand one after the other.
    fileprivate func transpose(into target: inout [Double], from start: Int) {
        target.withUnsafeMutableBufferPointer { target in
            for row in 0..<rows {
                for column in 0..<columns {
                    target[(start + column) * rows + row] = pointer[row * stride + column]
                }
            }
        }
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
    ///   - rows: The rows of its corners among the values.
    ///   - values: Of all functions at all corners, [corner × unit].
    ///   - unitCount: How many functions there are.
    ///   - tolerance: What counts as zero.
    init(
        _ piece: PlanePartition.Piece, at rows: [Int], values: UnsafeBufferPointer<Double>, unitCount: Int,
        tolerance: Double
    ) {
        corners = piece
        self.tolerance = tolerance
        let starts = rows.map { $0 * unitCount }
        let changing = (0..<unitCount).filter { unit in
            var (least, greatest) = (values[starts[0] + unit], values[starts[0] + unit])
            for start in starts.dropFirst() {
                least = min(least, values[start + unit])
                greatest = max(greatest, values[start + unit])
            }
            return least < -tolerance && greatest > tolerance
        }
        self.values = starts.map { start in changing.map { values[start + $0] } }
    }

    /// The parts; `nil` where they have too many corners.
    mutating func pieces(cornersMax: Int) -> [PlanePartition.Piece]? {
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
            if corners.count > cornersMax { return nil }
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
                let crossing = addCrossing(corner, next, function)
                above.append(crossing)
                below.append(crossing)
            }
        }
        return (above, below)
    }

    /// A new corner on an edge, with every function's value there.
    ///
    /// Always seen from the same end, so that the piece on the other side of the edge gets the same bits.
    private mutating func addCrossing(_ one: Int, _ other: Int, _ function: Int) -> Int {
        let isOrdered = (corners[one].x, corners[one].y) < (corners[other].x, corners[other].y)
        let (first, last) = isOrdered ? (one, other) : (other, one)
        let (here, there) = (values[first][function], values[last][function])
        let share = here / (here - there)
        let (from, to) = (corners[first], corners[last])
        corners.append((from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)))
        var between = zip(values[first], values[last]).map { $0 + share * ($1 - $0) }
        between[function] = 0
        values.append(between)
        return corners.count - 1
    }
}

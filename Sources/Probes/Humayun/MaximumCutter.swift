/// Cuts one convex piece where another function of a group becomes the greatest of it.
///
/// The functions are what ReLU makes of a layer's pre-activations, each of which is linear on the piece and has one sign.
struct MaximumCutter {
    /// Corners of all pieces made so far.
    private var corners: PlanePartition.Piece
    /// [corner][function]: the values of the functions of groups that have no greatest all over the piece.
    private var values: [[Double]]
    /// Which of these functions belong together.
    private var groups: [Range<Int>] = []
    private let tolerance: Double

    /// - Parameters:
    ///   - piece: What is cut.
    ///   - rows: The rows of its corners among the values.
    ///   - values: Of all pre-activations at all corners, [corner × unit].
    ///   - unitCount: How many of them there are.
    ///   - groups: Units of which only the greatest goes on.
    ///   - tolerance: What counts as zero.
    init(
        _ piece: PlanePartition.Piece, at rows: [Int], values: UnsafeBufferPointer<Double>, unitCount: Int,
        groups: [[Int]], tolerance: Double
    ) {
        corners = piece
        self.tolerance = tolerance
        let starts = rows.map { $0 * unitCount }
        var functions: [Int] = []
        for group in groups {
            // Where a unit is positive anywhere on the piece, it is nowhere less than one that ReLU has stopped.
            let alive = group.filter { unit in starts.contains { values[$0 + unit] > tolerance } }
            let hasGreatest = alive.contains { unit in
                alive.allSatisfy { other in
                    starts.allSatisfy { values[$0 + unit] >= values[$0 + other] - tolerance }
                }
            }
            if alive.count < 2 || hasGreatest { continue }
            self.groups.append(functions.count..<functions.count + alive.count)
            functions += alive
        }
        self.values = starts.map { start in functions.map { values[start + $0] } }
    }

    mutating func pieces() -> [PlanePartition.Piece] {
        var pieces = [Array(corners.indices)]
        for group in groups {
            var finer: [[Int]] = []
            for piece in pieces {
                let parts = group.compactMap { part(of: piece, whereGreatest: $0, of: group) }
                // Slivers within the tolerance alone: the piece is one itself.
                finer += parts.isEmpty ? [piece] : parts
            }
            pieces = finer
        }
        return pieces.map { $0.map { corners[$0] } }
    }

    /// Where one function is the greatest of its group; `nil` where it is nowhere.
    private mutating func part(of piece: [Int], whereGreatest function: Int, of group: Range<Int>) -> [Int]? {
        var part = piece
        for other in group where other != function {
            let differences = part.map { values[$0][function] - values[$0][other] }
            if differences.allSatisfy({ abs($0) <= tolerance }) {
                // The same all over: the first of them stands for both.
                if other < function { return nil }
                continue
            }
            if !differences.contains(where: { $0 > tolerance }) { return nil }
            if differences.contains(where: { $0 < -tolerance }) {
                part = clip(part, differences, function, other)
            }
        }
        return part
    }

    /// The side of a piece on which a function is not less than another.
    private mutating func clip(
        _ piece: [Int], _ differences: [Double], _ function: Int, _ other: Int
    ) -> [Int] {
        var kept: [Int] = []
        for (place, corner) in piece.enumerated() {
            let following = (place + 1) % piece.count
            let (here, there) = (differences[place], differences[following])
            if here >= -tolerance { kept.append(corner) }
            if here > tolerance && there < -tolerance || here < -tolerance && there > tolerance {
                kept.append(addCrossing(corner, piece[following], function, other))
            }
        }
        return kept
    }

    /// A new corner on an edge, where two functions are equal, with every function's value there.
    ///
    /// Always seen from the same end, so that the piece on the other side of the edge gets the same bits.
    private mutating func addCrossing(_ one: Int, _ next: Int, _ function: Int, _ other: Int) -> Int {
        let isOrdered = (corners[one].x, corners[one].y) < (corners[next].x, corners[next].y)
        let (first, last) = isOrdered ? (one, next) : (next, one)
        let (here, there) = (
            values[first][function] - values[first][other], values[last][function] - values[last][other]
        )
        let share = here / (here - there)
        let (from, to) = (corners[first], corners[last])
        corners.append((from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)))
        values.append(zip(values[first], values[last]).map { $0 + share * ($1 - $0) })
        return corners.count - 1
    }
}

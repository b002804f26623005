internal import COpenBLAS

/// A matrix as a sum of products of a column and a row, largest first: its singular value decomposition.
public struct SingularValues: Sendable {
    public let rows: Int
    public let columns: Int
    /// min(rows, columns) numbers, descending.
    public let values: [Double]
    /// [count × rows]: each left vector times its singular value.
    public let scaledLeft: [Double]
    /// [count × columns]: the right vectors.
    public let right: [Double]

    public var count: Int { values.count }

    /// Decomposes a row-major matrix by LAPACK's `gesdd`, in double precision.
    ///
    /// - Returns: `nil` where the iteration does not converge, as with numbers that are not finite.
    /// - Complexity: About 22 · min(rows, columns)² · max(rows, columns) floating-point operations.
    public init?(of matrix: [Double], rows: Int, columns: Int) {
        precondition(matrix.count == rows * columns, "\(matrix.count) numbers for [\(rows) × \(columns)]")
        guard matrix.allSatisfy(\.isFinite) else { return nil }
        // Row by row is the transpose column by column, whose left vectors are our right ones.
        let rank = min(rows, columns)
        var (m, n, lower, status) = (Int32(columns), Int32(rows), Int32(rank), Int32(0))
        var (input, values) = (matrix, [Double](repeating: 0, count: rank))
        var right = [Double](repeating: 0, count: columns * rank)
        var left = [Double](repeating: 0, count: rank * rows)
        let larger = max(rows, columns)
        var work = [Double](repeating: 0, count: 4 * rank * rank + 7 * rank + 3 * rank + larger + 64 * larger)
        var workCount = Int32(work.count)
        var integers = [Int32](repeating: 0, count: 8 * rank)
        var job = CChar(UInt8(ascii: "S"))
        BLAS.pinToOneThread()
        dgesdd_(
            &job, &m, &n, &input, &m, &values, &right, &m, &left, &lower, &work, &workCount, &integers,
            &status)
        guard status == 0 else { return nil }
        self.rows = rows
        self.columns = columns
        self.values = values
        self.right = right
        scaledLeft = values.indices.flatMap { index in
            (0..<rows).map { left[index + $0 * rank] * values[index] }
        }
    }
}

/// A row-major window of `rows` × `columns` numbers; it owns nothing.
///
/// Whoever makes a window keeps the ``Buffer`` behind it alive. Rows start `stride` elements apart.
public struct Matrix<Scalar: BitwiseCopyable>: @unchecked Sendable {
    public let pointer: UnsafeMutablePointer<Scalar>
    public let rows: Int
    public let columns: Int
    /// Elements from one row's start to the next's; at least `columns`.
    public let stride: Int

    /// - Precondition: `stride` is at least `columns`.
    public init(_ pointer: UnsafeMutablePointer<Scalar>, rows: Int, columns: Int, stride: Int? = nil) {
        self.pointer = pointer
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
        precondition(self.stride >= columns, "rows of \(columns) columns cannot start \(self.stride) apart")
    }

    /// The first `count` columns of the same rows.
    public func firstColumns(_ count: Int) -> Matrix {
        precondition(count <= columns, "\(count) of \(columns) columns")
        return self.columns(0..<count)
    }

    /// Some columns of all rows.
    ///
    /// - Precondition: There are that many.
    public func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
        return Matrix(pointer + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// One element: for tests and rare look-ups, never for loops.
    public subscript(row: Int, column: Int) -> Scalar {
        get { pointer[row * stride + column] }
        nonmutating set { pointer[row * stride + column] = newValue }
    }
}

extension Matrix {
    /// The first `count` rows with all their columns.
    public func firstRows(_ count: Int) -> Matrix {
        precondition(count <= rows, "\(count) of \(rows) rows")
        return Matrix(pointer, rows: count, columns: columns, stride: stride)
    }

    /// Copies the elements of `other`, row by row.
    ///
    /// - Precondition: The shapes are equal.
    public func copy(from other: Matrix) {
        precondition(
            rows == other.rows && columns == other.columns,
            "[\(other.rows) × \(other.columns)] does not fit into [\(rows) × \(columns)]")
        for row in 0..<rows {
            (pointer + row * stride).update(from: other.pointer + row * other.stride, count: columns)
        }
    }
}

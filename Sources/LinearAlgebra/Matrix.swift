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
        return Matrix(pointer, rows: rows, columns: count, stride: stride)
    }

    /// One element: for tests and rare look-ups, never for loops.
    public subscript(row: Int, column: Int) -> Scalar {
        get { pointer[row * stride + column] }
        nonmutating set { pointer[row * stride + column] = newValue }
    }
}

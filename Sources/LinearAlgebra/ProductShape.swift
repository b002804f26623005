/// The sizes of one product as BLAS takes them, checked.
struct ProductShape {
    /// M, N and K.
    let rows: Int32
    let columns: Int32
    let inner: Int32
    let strideA: Int32
    let strideB: Int32
    let strideC: Int32

    /// Checks that op(a) · op(b) fits into c, and pins BLAS to one thread.
    ///
    /// - Precondition: The shapes fit.
    init<Scalar>(
        _ a: Matrix<Scalar>, _ isATransposed: Bool, _ b: Matrix<Scalar>, _ isBTransposed: Bool,
        into c: Matrix<Scalar>
    ) {
        let (m, k) = isATransposed ? (a.columns, a.rows) : (a.rows, a.columns)
        let (inner, n) = isBTransposed ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(
            k == inner && c.rows == m && c.columns == n,
            "[\(m) × \(k)] · [\(inner) × \(n)] does not fit into [\(c.rows) × \(c.columns)]")
        precondition(BLAS.isPinned, "BLAS refuses to run on one thread")
        rows = Int32(m)
        columns = Int32(n)
        self.inner = Int32(k)
        // BLAS wants strides of at least 1, also of windows without columns.
        strideA = Int32(max(a.stride, 1))
        strideB = Int32(max(b.stride, 1))
        strideC = Int32(max(c.stride, 1))
    }

    /// Nothing to write.
    var isEmpty: Bool { rows == 0 || columns == 0 }
}

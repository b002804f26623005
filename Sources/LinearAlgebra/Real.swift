/// The two precisions that networks train in: `Float` and `Double`.
///
/// Generic numeric code names whole-matrix operations of this protocol only, so that a call through the witness
/// table costs nanoseconds a matrix and nothing an element.
public protocol Real: BinaryFloatingPoint & BitwiseCopyable & Sendable & SIMDScalar {
    /// `c` ← `alpha` · op(`a`) · op(`b`) + `beta` · `c`, with op the transpose where asked.
    ///
    /// One BLAS call on one thread: the same bits on every call on the same machine profile.
    ///
    /// - Precondition: The shapes fit: op(a) is [M × K], op(b) is [K × N], c is [M × N].
    /// - Complexity: 2·M·N·K floating-point operations.
    static func multiply(
        _ a: Matrix<Self>, transposed isATransposed: Bool, _ b: Matrix<Self>, transposed isBTransposed: Bool,
        into c: Matrix<Self>, alpha: Self, beta: Self)
}

public import LinearAlgebra

/// The squared distance of the logits from the one-hot label, averaged over the classes.
///
/// Averaging over batch and classes is what `nn.MSELoss` does; code that logs the sum over the classes instead
/// reports values K times as large.
public struct MeanSquaredError<Scalar: Real>: Loss {
    public init() {}

    public func values(
        _ logits: Matrix<Scalar>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Scalar>
    ) {
        Scalar.meanSquares(logits, labels: labels, into: losses)
    }

    public func gradient(
        _ logits: Matrix<Scalar>, labels: UnsafePointer<Int32>, scale: Scalar, into gradient: Matrix<Scalar>
    ) {
        Scalar.meanSquaresGradient(logits, labels: labels, scale: scale, into: gradient)
    }
}

public import LinearAlgebra

/// The negative logarithm of the probability that a softmax of the logits gives to the label, in nats.
///
/// An example's value is log Σₖ exp z[k] − z[label], computed after subtracting the greatest logit, so that large
/// logits neither overflow nor lose the small losses of well-fitted examples.
public struct CrossEntropy<Scalar: Real>: Loss {
    public init() {}

    public func values(
        _ logits: Matrix<Scalar>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Scalar>
    ) {
        Scalar.crossEntropy(logits, labels: labels, into: losses)
    }

    public func gradient(
        _ logits: Matrix<Scalar>, labels: UnsafePointer<Int32>, scale: Scalar, into gradient: Matrix<Scalar>
    ) {
        Scalar.crossEntropyGradient(logits, labels: labels, scale: scale, into: gradient)
    }
}

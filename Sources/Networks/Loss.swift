public import LinearAlgebra

/// A loss on logits: the mean over a batch of each example's loss.
///
/// To add one, write a type in `Sources/Networks/Losses/` and name it in ``Catalog/losses``.
public protocol Loss<Scalar>: Sendable {
    associatedtype Scalar: Real

    /// Each example's loss into `losses` [B], in nats for cross-entropy; labels in 0..<K.
    func values(
        _ logits: Matrix<Scalar>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Scalar>)

    /// The gradient of `scale` × the sum over the batch of the examples' losses, into `gradient` [K × B].
    ///
    /// `scale` is 1/B for the training mean and 1 for per-example input gradients.
    func gradient(
        _ logits: Matrix<Scalar>, labels: UnsafePointer<Int32>, scale: Scalar, into gradient: Matrix<Scalar>)
}

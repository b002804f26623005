public import LinearAlgebra
public import Networks
public import Sweeps

/// A rule that turns gradients into new parameters.
///
/// An optimiser is a value without state, as a network is: what it remembers from step to step lives in one
/// ``OptimizerState``, blocks like the parameters, so that a step is one loop and a checkpoint one write.
///
/// To add one, write a type in `Sources/Training/Optimizers/` and name it in ``Catalog/optimizers``.
public protocol Optimizer: Sendable {
    /// How sweeps name it, and its options: the learning rate first.
    static var entry: CatalogEntry { get }

    /// An optimiser with validated options; what is missing takes its default.
    init(options: Setting)

    /// Blocks of the parameters' size that ``OptimizerState`` holds for it.
    var stateBlockCount: Int { get }

    /// Takes one step down the gradients, in PyTorch's arithmetic.
    ///
    /// - Parameters:
    ///   - parameters: [P] and what is not trained behind, changed in place.
    ///   - gradients: [P], of the mean loss of the batch.
    ///   - state: What the optimiser remembers; its step count grows by one.
    ///   - learningRate: The schedule's rate at this step.
    /// - Complexity: O(P), one pass over every block.
    func step<Scalar: Real>(
        _ parameters: ParameterBlock<Scalar>, gradients: ParameterBlock<Scalar>,
        state: OptimizerState<Scalar>,
        learningRate: Double)
}

/// What an optimiser remembers from step to step.
public final class OptimizerState<Scalar: Real> {
    /// Blocks of the trainable parameters' layout, zeros before the first step: momentum, or first and second moments.
    public let blocks: [ParameterBlock<Scalar>]
    /// Steps taken so far.
    public internal(set) var stepCount = 0
    /// beta1 and beta2 to the power of ``stepCount``.
    ///
    /// Running products instead of a library's power function: the same bits on every machine.
    package internal(set) var decayPowers = (first: 1.0, second: 1.0)

    /// `layout` is that of the parameters, trainable or not.
    public init(for optimizer: some Optimizer, layout: ParameterLayout) {
        blocks = (0..<optimizer.stateBlockCount).map { _ in ParameterBlock(layout.trainable) }
    }
}

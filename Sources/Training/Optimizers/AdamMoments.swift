internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// The running moments of the gradient that Adam and AdamW share.
///
/// m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; p ← p − η·m̂ / (√v̂ + ε), with m̂ = m / (1 − β₁ᵗ) and
/// v̂ = v / (1 − β₂ᵗ).
public struct AdamMoments: Hashable, Sendable {
    /// β₁, in [0, 1).
    public let firstDecay: Double
    /// β₂, in [0, 1).
    public let secondDecay: Double
    /// ε.
    public let epsilon: Double

    public init(firstDecay: Double = 0.9, secondDecay: Double = 0.999, epsilon: Double = 1e-8) {
        self.firstDecay = firstDecay
        self.secondDecay = secondDecay
        self.epsilon = epsilon
    }

    static let options = [
        // A decay of 1 would never forget the zeros it starts from, and the correction divides by 1 - β.
        Option("beta1", .number(0...0.999_999_999), standard: 0.9, "Decay of the mean of the gradient."),
        Option(
            "beta2", .number(0...0.999_999_999), standard: 0.999, "Decay of the mean of the squared gradient."
        ),
        Option(
            "epsilon", .number(0...1), standard: 1e-8,
            "Added to the root of the squares' mean before dividing."),
    ]

    init(options: Setting, of entry: CatalogEntry) {
        self.init(
            firstDecay: entry.number("beta1", in: options), secondDecay: entry.number("beta2", in: options),
            epsilon: entry.number("epsilon", in: options))
    }

    /// One step; `l2` times the parameter joins the gradient, `shrink` multiplies the parameter first.
    func step<Scalar: Real>(
        _ parameters: ParameterBlock<Scalar>, gradients: ParameterBlock<Scalar>,
        state: OptimizerState<Scalar>,
        learningRate: Double, l2: Double, shrink: Double
    ) {
        state.stepCount += 1
        state.decayPowers.first *= firstDecay
        state.decayPowers.second *= secondDecay
        let scalars = MomentStep(
            firstGain: 1 - firstDecay, secondDecay: secondDecay, secondGain: 1 - secondDecay,
            stepSize: learningRate / (1 - state.decayPowers.first),
            rootScale: 1 / (1 - state.decayPowers.second).squareRoot(), epsilon: epsilon, l2: l2,
            shrink: shrink)
        Scalar.takeStep(
            scalars, gradients: gradients.buffer, first: state.blocks[0].buffer,
            second: state.blocks[1].buffer,
            parameters: parameters.buffer)
    }
}

public import LinearAlgebra
public import Networks
public import Sweeps

/// Stochastic gradient descent with momentum: v ← μ·v + g; p ← p − η·v, without dampening or Nesterov's look-ahead.
///
/// v starts at zero, so that the first step takes v = g as PyTorch does. Weight decay is L2: g includes λ·p.
public struct StochasticGradientDescent: Optimizer {
    public static let entry = CatalogEntry(
        "sgd", "Stochastic gradient descent with momentum.",
        options: [
            .learningRate,
            Option(
                "momentum", .number(0...1), standard: 0, "Share of the last step's velocity that is kept."),
            .weightDecay("Weight decay as L2: its product with the parameter is added to the gradient."),
        ])

    /// μ, in [0, 1].
    public let momentum: Double
    /// λ.
    public let weightDecay: Double

    public init(momentum: Double = 0, weightDecay: Double = 0) {
        self.momentum = momentum
        self.weightDecay = weightDecay
    }

    public init(options: Setting) {
        self.init(
            momentum: Self.entry.number("momentum", in: options),
            weightDecay: Self.entry.number("weight-decay", in: options))
    }

    public var stateBlockCount: Int { momentum == 0 ? 0 : 1 }

    public func step<Scalar: Real>(
        _ parameters: ParameterBlock<Scalar>, gradients: ParameterBlock<Scalar>,
        state: OptimizerState<Scalar>,
        learningRate: Double
    ) {
        state.stepCount += 1
        let scalars = MomentumStep(learningRate: learningRate, momentum: momentum, l2: weightDecay)
        Scalar.takeStep(
            scalars, gradients: gradients.buffer, velocity: state.blocks.first?.buffer,
            parameters: parameters.buffer)
    }
}

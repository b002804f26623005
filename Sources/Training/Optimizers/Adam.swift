public import LinearAlgebra
public import Networks
public import Sweeps

/// Adam (Kingma and Ba, 2015) with bias correction; weight decay is L2, added to the gradient.
public struct Adam: Optimizer {
    public static let entry = CatalogEntry(
        "adam", "Adam; weight decay is L2, added to the gradient.",
        options: [.learningRate] + AdamMoments.options + [
            .weightDecay("Weight decay as L2: its product with the parameter is added to the gradient.")
        ])

    public let moments: AdamMoments
    /// λ.
    public let weightDecay: Double

    public init(moments: AdamMoments = AdamMoments(), weightDecay: Double = 0) {
        self.moments = moments
        self.weightDecay = weightDecay
    }

    public init(options: Setting) {
        self.init(
            moments: AdamMoments(options: options, of: Self.entry),
            weightDecay: Self.entry.number("weight-decay", in: options))
    }

    public var stateBlockCount: Int { 2 }

    public func step<Scalar: Real>(
        _ parameters: ParameterBlock<Scalar>, gradients: ParameterBlock<Scalar>,
        state: OptimizerState<Scalar>,
        learningRate: Double
    ) {
        moments.step(
            parameters, gradients: gradients, state: state, learningRate: learningRate, l2: weightDecay,
            shrink: 1)
    }
}

/// AdamW (Loshchilov and Hutter, 2019): Adam with decoupled weight decay.
///
/// Every parameter, biases included, is first multiplied by 1 − η·λ.
public struct AdamW: Optimizer {
    public static let entry = CatalogEntry(
        "adamw", "Adam with decoupled weight decay.",
        options: [.learningRate] + AdamMoments.options + [
            .weightDecay(
                standard: 0.01, "Weight decay: each step shrinks every parameter by rate times decay first.")
        ])

    public let moments: AdamMoments
    /// λ.
    public let weightDecay: Double

    public init(moments: AdamMoments = AdamMoments(), weightDecay: Double = 0.01) {
        self.moments = moments
        self.weightDecay = weightDecay
    }

    public init(options: Setting) {
        self.init(
            moments: AdamMoments(options: options, of: Self.entry),
            weightDecay: Self.entry.number("weight-decay", in: options))
    }

    public var stateBlockCount: Int { 2 }

    public func step<Scalar: Real>(
        _ parameters: ParameterBlock<Scalar>, gradients: ParameterBlock<Scalar>,
        state: OptimizerState<Scalar>,
        learningRate: Double
    ) {
        moments.step(
            parameters, gradients: gradients, state: state, learningRate: learningRate, l2: 0,
            shrink: 1 - learningRate * weightDecay)
    }
}

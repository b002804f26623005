internal import CKernels

/// The scalars of one step of stochastic gradient descent with momentum.
public struct MomentumStep: Hashable, Sendable {
    public var learningRate: Double
    /// Share of the velocity that is kept.
    public var momentum: Double
    /// Weight decay that joins the gradient.
    public var l2: Double

    public init(learningRate: Double, momentum: Double, l2: Double) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.l2 = l2
    }
}

/// The scalars of one step of Adam or AdamW, bias corrections included.
public struct MomentStep: Hashable, Sendable {
    /// 1 − β₁.
    public var firstGain: Double
    /// β₂.
    public var secondDecay: Double
    /// 1 − β₂.
    public var secondGain: Double
    /// η / (1 − β₁ᵗ).
    public var stepSize: Double
    /// 1 / √(1 − β₂ᵗ).
    public var rootScale: Double
    /// ε.
    public var epsilon: Double
    /// Weight decay that joins the gradient.
    public var l2: Double
    /// What every parameter is multiplied by first.
    public var shrink: Double

    public init(
        firstGain: Double, secondDecay: Double, secondGain: Double, stepSize: Double, rootScale: Double,
        epsilon: Double, l2: Double, shrink: Double
    ) {
        self.firstGain = firstGain
        self.secondDecay = secondDecay
        self.secondGain = secondGain
        self.stepSize = stepSize
        self.rootScale = rootScale
        self.epsilon = epsilon
        self.l2 = l2
        self.shrink = shrink
    }
}

/// One step of an optimiser over a whole block: one kernel call, the same bits with every instruction set.
public protocol OptimizerArithmetic: BitwiseCopyable & ExpressibleByIntegerLiteral {
    /// v ← μ·v + (g + l2·p); p ← p − η·v. Without `velocity` μ must be 0, and v is the gradient.
    ///
    /// - Precondition: All blocks are of one size; only `parameters` may be longer, and its tail stays as it is.
    static func takeStep(
        _ step: MomentumStep, gradients: Buffer<Self>, velocity: Buffer<Self>?, parameters: Buffer<Self>)

    /// m ← m + (g − m)(1 − β₁); v ← β₂·v + (1 − β₂)·g²; p ← shrink·p − stepSize·m / (√v·rootScale + ε).
    ///
    /// - Precondition: All blocks are of one size; only `parameters` may be longer, and its tail stays as it is.
    static func takeStep(
        _ step: MomentStep, gradients: Buffer<Self>, first: Buffer<Self>, second: Buffer<Self>,
        parameters: Buffer<Self>)
}

extension Float: OptimizerArithmetic {
    public static func takeStep(
        _ step: MomentumStep, gradients: Buffer<Float>, velocity: Buffer<Float>?, parameters: Buffer<Float>
    ) {
        checkSizes(step, gradients, velocity, parameters)
        var scalars = descent_momentum_step_f32(
            learning_rate: Float(step.learningRate), momentum: Float(step.momentum), l2: Float(step.l2))
        Kernels.floatOptimizers.momentum(
            &scalars, gradients.count, gradients.pointer, velocity?.pointer, parameters.pointer)
    }

    public static func takeStep(
        _ step: MomentStep, gradients: Buffer<Float>, first: Buffer<Float>, second: Buffer<Float>,
        parameters: Buffer<Float>
    ) {
        checkSizes(gradients, first, second, parameters)
        var scalars = descent_moment_step_f32(
            first_gain: Float(step.firstGain), second_decay: Float(step.secondDecay),
            second_gain: Float(step.secondGain), step_size: Float(step.stepSize),
            root_scale: Float(step.rootScale),
            epsilon: Float(step.epsilon), l2: Float(step.l2), shrink: Float(step.shrink))
        Kernels.floatOptimizers.moments(
            &scalars, gradients.count, gradients.pointer, first.pointer, second.pointer, parameters.pointer)
    }
}

extension Double: OptimizerArithmetic {
    public static func takeStep(
        _ step: MomentumStep, gradients: Buffer<Double>, velocity: Buffer<Double>?, parameters: Buffer<Double>
    ) {
        checkSizes(step, gradients, velocity, parameters)
        var scalars = descent_momentum_step_f64(
            learning_rate: Double(step.learningRate), momentum: Double(step.momentum), l2: Double(step.l2))
        Kernels.doubleOptimizers.momentum(
            &scalars, gradients.count, gradients.pointer, velocity?.pointer, parameters.pointer)
    }

    public static func takeStep(
        _ step: MomentStep, gradients: Buffer<Double>, first: Buffer<Double>, second: Buffer<Double>,
        parameters: Buffer<Double>
    ) {
        checkSizes(gradients, first, second, parameters)
        var scalars = descent_moment_step_f64(
            first_gain: Double(step.firstGain), second_decay: Double(step.secondDecay),
            second_gain: Double(step.secondGain), step_size: Double(step.stepSize),
            root_scale: Double(step.rootScale),
            epsilon: Double(step.epsilon), l2: Double(step.l2), shrink: Double(step.shrink))
        Kernels.doubleOptimizers.moments(
            &scalars, gradients.count, gradients.pointer, first.pointer, second.pointer, parameters.pointer)
    }
}

extension Kernels {
    fileprivate static let floatOptimizers: descent_optimizers_f32 = {
        guard let table = descent_optimizers_f32_for(instructionSet.code) else {
            preconditionFailure("no optimizer kernels for \(instructionSet)")
        }
        return table.pointee
    }()

    fileprivate static let doubleOptimizers: descent_optimizers_f64 = {
        guard let table = descent_optimizers_f64_for(instructionSet.code) else {
            preconditionFailure("no optimizer kernels for \(instructionSet)")
        }
        return table.pointee
    }()
}

private func checkSizes<Scalar>(
    _ step: MomentumStep, _ gradients: Buffer<Scalar>, _ velocity: Buffer<Scalar>?,
    _ parameters: Buffer<Scalar>
) {
    let count = gradients.count
    precondition(count <= parameters.count, "\(count) gradients for \(parameters.count) parameters")
    precondition(velocity != nil || step.momentum == 0, "momentum \(step.momentum) without a velocity")
    precondition(
        (velocity?.count ?? count) == count, "\(velocity?.count ?? 0) velocities for \(count) gradients")
}

private func checkSizes<Scalar>(
    _ gradients: Buffer<Scalar>, _ first: Buffer<Scalar>, _ second: Buffer<Scalar>,
    _ parameters: Buffer<Scalar>
) {
    let count = gradients.count
    precondition(count <= parameters.count, "\(count) gradients for \(parameters.count) parameters")
    precondition(
        first.count == count && second.count == count,
        "moments of \(first.count) and \(second.count) for \(count) gradients")
}

import LinearAlgebra

/// The function between two layers, applied unit by unit.
public enum Activation: String, Hashable, Sendable, CaseIterable {
    case relu
    case tanh
    /// None: the network is a linear map, however deep.
    case identity
    /// z · Φ(z) with the exact distribution function Φ of the normal distribution (Hendrycks and Gimpel, 2016).
    case gelu
    /// z where it is positive, else z/100: PyTorch's standard slope.
    case leakyRelu = "leaky-relu"

    /// Whether its slope cannot be told from its value: z must then be kept for the way back.
    var needsPreActivation: Bool { self == .gelu }

    /// Fills `a` from the pre-activations `z`; both may be the same window.
    @inline(__always)
    func apply<Scalar: Real>(_ z: Matrix<Scalar>, into a: Matrix<Scalar>) {
        switch self {
        case .relu: Scalar.relu(z, into: a)
        case .tanh: Scalar.tanh(z, into: a)
        case .gelu: Scalar.gelu(z, into: a)
        case .leakyRelu: Scalar.leakyRelu(z, into: a)
        case .identity: if z.pointer != a.pointer { a.copy(from: z) }
        }
    }

    /// Multiplies `gradient` by the slope at the activation `a`, in place.
    ///
    /// - Precondition: The slope is a function of the activation; see ``needsPreActivation``.
    @inline(__always)
    func applyBackward<Scalar: Real>(_ gradient: Matrix<Scalar>, activation a: Matrix<Scalar>) {
        switch self {
        case .relu: Scalar.reluBackward(gradient, activation: a, into: gradient)
        case .tanh: Scalar.tanhBackward(gradient, activation: a, into: gradient)
        case .leakyRelu: Scalar.leakyReluBackward(gradient, activation: a, into: gradient)
        case .gelu: preconditionFailure("the slope of GELU is no function of its value")
        case .identity: break
        }
    }

    /// `gradient` times the slope at the pre-activation `z`, into `product`, which may be `gradient` itself.
    ///
    /// `scratch` may be overwritten; it may be `z` itself.
    @inline(__always)
    func applyBackward<Scalar: Real>(
        _ gradient: Matrix<Scalar>, preActivation z: Matrix<Scalar>, scratch: Matrix<Scalar>,
        into product: Matrix<Scalar>
    ) {
        switch self {
        // The sign of the pre-activation is that of the activation.
        case .relu: Scalar.reluBackward(gradient, activation: z, into: product)
        case .leakyRelu: Scalar.leakyReluBackward(gradient, activation: z, into: product)
        case .gelu: Scalar.geluBackward(gradient, preActivation: z, into: product)
        case .tanh:
            Scalar.tanh(z, into: scratch)
            Scalar.tanhBackward(gradient, activation: scratch, into: product)
        case .identity: if product.pointer != gradient.pointer { product.copy(from: gradient) }
        }
    }
}

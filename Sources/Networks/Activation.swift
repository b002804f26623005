import LinearAlgebra

/// The function between two layers, applied unit by unit.
public enum Activation: String, Hashable, Sendable, CaseIterable {
    case relu
    case tanh
    /// None: the network is a linear map, however deep.
    case identity

    /// Fills `a` from the pre-activations `z`; both may be the same window.
    @inline(__always)
    func apply<Scalar: Real>(_ z: Matrix<Scalar>, into a: Matrix<Scalar>) {
        switch self {
        case .relu: Scalar.relu(z, into: a)
        case .tanh: Scalar.tanh(z, into: a)
        case .identity: if z.pointer != a.pointer { a.copy(from: z) }
        }
    }

    /// Multiplies `gradient` by the slope at the activation `a`, in place.
    ///
    /// All slopes here are functions of the activation, so that pre-activations need not be kept.
    @inline(__always)
    func applyBackward<Scalar: Real>(_ gradient: Matrix<Scalar>, activation a: Matrix<Scalar>) {
        switch self {
        case .relu: Scalar.reluBackward(gradient, activation: a, into: gradient)
        case .tanh: Scalar.tanhBackward(gradient, activation: a, into: gradient)
        case .identity: break
        }
    }
}

import Basics

/// How weights and biases are drawn before training.
public struct Initialization: Hashable, Sendable {
    public let scheme: Scheme
    /// α: multiplies every parameter after the draw (Liu, Michaud and Tegmark, 2022); 1 changes nothing.
    public let scale: Double

    public init(_ scheme: Scheme = .standard, scale: Double = 1) {
        self.scheme = scheme
        self.scale = scale
    }

    /// A distribution of the initial weights and biases of a layer.
    public enum Scheme: String, Hashable, Sendable, CaseIterable {
        /// PyTorch's: weights and biases uniform between ±1/√fan-in.
        case standard = "default"
        /// For ReLU: weights normal with variance 2/fan-in, biases 0 (He et al., 2015).
        case kaimingNormal = "kaiming-normal"
    }

    /// The stream of the seed that all initial parameters come from.
    static let stream = "initial weights"

    /// One draw for a weight of a unit with `fanIn` inputs.
    func weight(fanIn: Int, _ generator: inout SeededGenerator) -> Double {
        switch scheme {
        case .standard:
            let bound = 1 / Double(fanIn).squareRoot()
            return scale * generator.uniform(-bound, bound)
        case .kaimingNormal:
            return scale * (generator.normal() * (2 / Double(fanIn)).squareRoot())
        }
    }

    /// One draw for the bias of a unit with `fanIn` inputs.
    func bias(fanIn: Int, _ generator: inout SeededGenerator) -> Double {
        switch scheme {
        case .standard: weight(fanIn: fanIn, &generator)
        case .kaimingNormal: 0
        }
    }
}

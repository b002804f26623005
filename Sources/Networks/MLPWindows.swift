/// Which windows a multi-layer perceptron keeps in its workspace, and which hidden layers need them.
///
/// In this order: x_l [U_l × B] of every hidden layer; two for gradients, as high as the widest; where layers keep
/// them, their linear outputs; the gradient that skips carry; and one to recompute pre-activations in.
struct MLPWindows: Sendable {
    /// Rows of each window.
    let rows: [Int]
    /// Where the linear output of a hidden layer stays until the way back; `nil` where x_l is made in its place, or
    /// where it is the workspace's first pre-activation.
    let linearOutputs: [Int?]
    /// Hidden layers whose slope is taken at the pre-activation: the activation does not tell it.
    let keepsPreActivation: [Bool]
    let skipGradient: Int
    let scratch: Int
    let isResidual: Bool

    init(widths: [Int], activation: Activation, isNormalized: Bool, isResidual: Bool) {
        self.isResidual = isResidual
        let widest = widths.max() ?? 0
        let keeps = widths.indices.map { layer in
            activation.needsPreActivation
                || isResidual && MLPWindows.endsSkip(layer) && activation != .identity
        }
        var rows = widths + [widest, widest]
        linearOutputs = widths.indices.map { layer in
            guard isNormalized || keeps[layer] && layer > 0 else { return nil }
            rows.append(widths[layer])
            return rows.count - 1
        }
        keepsPreActivation = keeps
        skipGradient = rows.count
        rows.append(isResidual ? widest : 0)
        scratch = rows.count
        rows.append(keeps.contains(true) ? widest : 0)
        self.rows = rows
    }

    /// The window of the gradient behind a linear layer: two in turn.
    func gradient(_ layer: Int) -> Int { linearOutputs.count + layer % 2 }

    /// Whether a layer adds the signal from two layers before.
    func endsSkip(_ layer: Int) -> Bool { isResidual && MLPWindows.endsSkip(layer) }

    /// Whether the layer two behind adds this one's signal.
    func startsSkip(_ layer: Int) -> Bool { isResidual && layer % 2 == 0 && layer + 2 < linearOutputs.count }

    /// Whether a layer's signal belongs to the chain that skips make: the first and every second after it.
    func isOnSkipChain(_ layer: Int) -> Bool { isResidual && layer % 2 == 0 }

    /// The first layer has nothing before it to add; then every second layer does (Lin: l = 3, 5, 7 … from 1).
    private static func endsSkip(_ layer: Int) -> Bool { layer >= 2 && layer % 2 == 0 }

    /// The first layer, counted from 0, that a skip would reach from one of another width.
    static func mismatchedSkip(_ widths: [Int]) -> Int? {
        widths.indices.first { endsSkip($0) && widths[$0] != widths[$0 - 2] }
    }
}

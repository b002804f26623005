public import LinearAlgebra

/// How a batch goes through a network: which statistics normalise it, where it turns linear, and who looks on.
///
/// The standard pass is evaluation: running statistics, every activation, no observer.
public struct ForwardPass<Scalar: Real> {
    /// Which statistics batch normalisation uses; without effect on networks that have none.
    public var normalization: Normalization
    /// The first hidden layer, counted from 0, whose activation and all later ones are left out (Lin's L-map).
    public var linearFrom: Int?
    /// Sees the signals of every hidden layer; `nil` spares the work.
    public var observer: LayerObserver<Scalar>?

    public init(
        normalization: Normalization = .running, linearFrom: Int? = nil,
        observer: LayerObserver<Scalar>? = nil
    ) {
        self.normalization = normalization
        self.linearFrom = linearFrom
        self.observer = observer
    }
}

/// The statistics that batch normalisation divides by.
public enum Normalization: Hashable, Sendable {
    /// The running averages among the parameters: evaluation in PyTorch.
    case running
    /// Those of the batch; the running averages stay as they are.
    case batch
    /// Those of the batch, which also move the running averages: training in PyTorch.
    case training
}

/// One of the two signals of a hidden layer.
public enum LayerSignal: Hashable, Sendable, CaseIterable {
    /// What the activation is applied to, after normalisation: [U × B].
    case preActivation
    /// What the next layer receives, after activation, skip connection and pooling: [A × B].
    case activation
}

/// Looks on while a batch goes forward.
public struct LayerObserver<Scalar: Real> {
    /// The signals it wants to see: a network need not bring the others into shape.
    public let signals: Set<LayerSignal>
    /// Whether windows may come as the network keeps them, which costs nothing, and not as [U × B].
    ///
    /// A network on images then sends one block of 16 examples after the other through all layers and shows each as
    /// [places × 16], places on the border, which are zero, among them; columns behind the batch's last hold anything.
    public let takesBlocks: Bool
    /// Called with the layer's index, counted from 0, and the window, which holds only during the call.
    public let see: (LayerSignal, Int, Matrix<Scalar>) -> Void

    public init(
        _ signals: Set<LayerSignal>, takesBlocks: Bool = false,
        see: @escaping (LayerSignal, Int, Matrix<Scalar>) -> Void
    ) {
        self.signals = signals
        self.takesBlocks = takesBlocks
        self.see = see
    }

    /// Sees pre-activations only.
    public static func preActivations(_ see: @escaping (Int, Matrix<Scalar>) -> Void) -> LayerObserver {
        LayerObserver([.preActivation]) { _, layer, window in see(layer, window) }
    }

    /// Shows a window to whoever wants this signal.
    @inline(__always)
    package func callAsFunction(_ signal: LayerSignal, _ layer: Int, _ window: Matrix<Scalar>) {
        if signals.contains(signal) { see(signal, layer, window) }
    }
}

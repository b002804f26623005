public import LinearAlgebra
public import Sweeps

/// An architecture: the layout of its parameters and how a batch goes forward and backward through it.
///
/// A network is a value without state. Parameters live in one ``ParameterBlock``, activations in one ``Workspace``;
/// both belong to the caller, so that the same network trains, is probed and is tested at once.
///
/// Letters of the shapes: B examples in a batch, D inputs, U units of a layer, K classes. The batch is the innermost
/// dimension everywhere: [U × B], one row a unit.
///
/// To add a family, write a type in `Sources/Networks/` and name it in ``Catalog``.
public protocol Network<Scalar>: Sendable {
    associatedtype Scalar: Real

    var inputShape: ImageShape { get }
    var classCount: Int { get }

    /// Names, shapes and places of all parameters in their block, with PyTorch's names and shapes.
    var layout: ParameterLayout { get }

    /// Units of each hidden layer, first to last: the layers whose pre-activations local complexity counts.
    var hiddenLayers: [HiddenLayer] { get }

    /// Floating-point operations of one forward pass of one example: 2 for each multiply-add.
    var forwardOperations: Double { get }

    /// The fewest examples that a training pass can do with: 2 where statistics are taken over the batch alone.
    var batchMin: Int { get }

    /// Fills `parameters` from the named stream of `seed`; see `methods.md` for the schemes.
    func initialize(_ parameters: ParameterBlock<Scalar>, seed: UInt64)

    /// Numbers that ``makeWorkspace(batchMax:for:)`` takes memory for.
    func workspaceCount(batchMax: Int, for passes: Passes) -> Int

    /// Space for the activations and gradients of at most `batchMax` examples.
    func makeWorkspace(batchMax: Int, for passes: Passes) -> Workspace<Scalar>

    /// Reads `workspace.input` [D × B] and fills `workspace.logits` [K × B].
    ///
    /// In a training pass the running statistics of batch normalisation, which live among `parameters`, move.
    func forward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>)

    /// Goes back from `workspace.logitGradient` [K × B] after a forward pass of the same batch, along that very pass:
    /// its statistics, and no slope where it left out activations.
    ///
    /// `gradients` receives the sum over the batch of the trainable parameters' gradients (overwritten); `nil` skips
    /// them. `needsInputGradient` asks for `workspace.inputGradient` [D × B], one column an example.
    /// `observe` sees the gradient with respect to each hidden layer's pre-activations [U × B], last layer first.
    /// What the forward pass left in the workspace stays, so that one pass forward serves several back.
    func backward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool, observe: GradientObserver<Scalar>?)

    /// Goes forward and back in one: the gradients of a loss at a batch.
    ///
    /// As ``forward(_:_:batch:pass:)``, `lossGradient` of all columns, and
    /// ``backward(_:_:batch:gradients:needsInputGradient:observe:)`` one after the other. A family whose examples do not
    /// see each other may take some of them all the way before the next: then `lossGradient` is called for several
    /// ranges of columns, in order. It fills these columns of `workspace.logitGradient` from those of `workspace.logits`.
    func differentiate(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        normalization: Normalization, gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool,
        lossGradient: (Range<Int>) -> Void)
}

/// What a workspace has room for.
public enum Passes: Hashable, Sendable {
    /// Whatever a forward pass leaves for observers and for backward passes after it.
    case separate
    /// No more than ``Network/differentiate(_:_:batch:normalization:gradients:needsInputGradient:lossGradient:)`` and
    /// forward passes that nobody observes need: as little as one part of a batch.
    case joined
}

/// Sees a hidden layer's index, counted from 0, and a gradient [U × B] that holds only during the call.
public typealias GradientObserver<Scalar: Real> = (Int, Matrix<Scalar>) -> Void

extension Network {
    /// Numbers of a workspace for all passes.
    public func workspaceCount(batchMax: Int) -> Int { workspaceCount(batchMax: batchMax, for: .separate) }

    /// Space for all passes of at most `batchMax` examples.
    public func makeWorkspace(batchMax: Int) -> Workspace<Scalar> {
        makeWorkspace(batchMax: batchMax, for: .separate)
    }

    public func differentiate(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        normalization: Normalization, gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool,
        lossGradient: (Range<Int>) -> Void
    ) {
        differentiateInTurn(
            parameters, workspace, batch: batch, normalization: normalization, gradients: gradients,
            needsInputGradient: needsInputGradient, lossGradient: lossGradient)
    }

    /// The whole batch forward, its loss, and the whole batch back.
    func differentiateInTurn(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        normalization: Normalization, gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool,
        lossGradient: (Range<Int>) -> Void
    ) {
        forward(parameters, workspace, batch: batch, pass: ForwardPass(normalization: normalization))
        lossGradient(0..<batch)
        backward(
            parameters, workspace, batch: batch, gradients: gradients, needsInputGradient: needsInputGradient)
    }

    /// A forward pass in evaluation that nobody watches.
    public func forward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int
    ) {
        forward(parameters, workspace, batch: batch, pass: ForwardPass())
    }

    /// A backward pass that nobody watches.
    public func backward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool
    ) {
        backward(
            parameters, workspace, batch: batch, gradients: gradients,
            needsInputGradient: needsInputGradient, observe: nil)
    }

    public var batchMin: Int { 1 }

    /// Whether statistics of batches are among the parameters.
    public var hasBatchNorm: Bool { layout.trainableCount < layout.count }
}

/// A network whose first hidden layer's pre-activations can be had, and gone on from, on their own.
///
/// In evaluation they are an affine map of the input, so that a probe can move along a line in input space at the cost
/// of one addition a unit.
public protocol AffineFirstLayer<Scalar>: Network {
    /// Fills `preActivation` [U₁ × B] from `input` [D × B].
    func firstPreActivation(
        _ parameters: ParameterBlock<Scalar>, input: Matrix<Scalar>, into preActivation: Matrix<Scalar>)

    /// Goes on from `workspace.firstPreActivation` [U₁ × B], as ``Network/forward(_:_:batch:pass:)`` in evaluation
    /// does after filling it.
    func forwardFromFirst(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        observer: LayerObserver<Scalar>?)
}

/// A hidden layer as probes see it.
public struct HiddenLayer: Hashable, Sendable {
    public let name: String
    /// Pre-activations of one example (U); a convolution counts every channel and place.
    public let unitCount: Int
    /// Numbers that the next layer receives (A): fewer than units where pooling follows.
    public let activationCount: Int

    /// Where `activationCount` is `nil`, there are as many as units.
    public init(name: String, unitCount: Int, activationCount: Int? = nil) {
        self.name = name
        self.unitCount = unitCount
        self.activationCount = activationCount ?? unitCount
    }
}

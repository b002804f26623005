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

    /// Fills `parameters` from the named stream of `seed`; see `methods.md` for the schemes.
    func initialize(_ parameters: ParameterBlock<Scalar>, seed: UInt64)

    /// Space for the activations and gradients of at most `batchMax` examples.
    func makeWorkspace(batchMax: Int) -> Workspace<Scalar>

    /// Reads `workspace.input` [D × B] and fills `workspace.logits` [K × B].
    ///
    /// `observe` is called after each hidden layer's pre-activations are known and before its activation, with the
    /// layer's index counted from 0 and the window [U × B]; the window holds only during the call.
    func forward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        observe: ((Int, Matrix<Scalar>) -> Void)?)

    /// Fills `preActivation` [U₁ × B], the first hidden layer's, from `input` [D × B]: an affine map in evaluation.
    ///
    /// With it a probe can move along a line in input space at the cost of one addition a unit.
    func firstPreActivation(
        _ parameters: ParameterBlock<Scalar>, input: Matrix<Scalar>, into preActivation: Matrix<Scalar>)

    /// Goes on from `workspace.firstPreActivation` [U₁ × B], as ``forward(_:_:batch:observe:)`` does after filling it.
    func forwardFromFirst(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        observe: ((Int, Matrix<Scalar>) -> Void)?)

    /// Goes back from `workspace.logitGradient` [K × B] after a forward pass of the same batch.
    ///
    /// `gradients` receives the sum over the batch of the parameters' gradients (overwritten); `nil` skips them.
    /// `needsInputGradient` asks for `workspace.inputGradient` [D × B], one column an example.
    /// What the forward pass left in the workspace stays, so that one pass forward serves several back.
    func backward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool)
}

/// A hidden layer as probes see it.
public struct HiddenLayer: Hashable, Sendable {
    public let name: String
    /// Pre-activations of one example (U); a convolution counts every channel and place.
    public let unitCount: Int

    public init(name: String, unitCount: Int) {
        self.name = name
        self.unitCount = unitCount
    }
}

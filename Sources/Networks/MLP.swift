import Basics
public import LinearAlgebra
public import Sweeps

/// A multi-layer perceptron: linear layers of any widths with one activation between them.
///
/// Layer l is `layers.<l>` as in a PyTorch module with an `nn.ModuleList` named `layers`; the last one gives the
/// logits. Pre-activations Z = W·A + b are [U × B] with the batch innermost, so every product is one BLAS call on
/// row-major windows, and biases and activations run along whole vectors of examples.
public struct MLP<Scalar: Real>: AffineFirstLayer {
    public let inputShape: ImageShape
    public let classCount: Int
    public let activation: Activation
    public let initialization: Initialization
    public let layout: ParameterLayout
    public let hiddenLayers: [HiddenLayer]

    /// The layers' sizes and places without names or arrays: what the inner loop needs.
    private let layers: [LinearLayer]
    private let widestHidden: Int

    /// `widths` are the units of each hidden layer, first to last.
    ///
    /// - Precondition: There is at least one hidden layer, and all sizes are positive.
    public init(
        inputShape: ImageShape, widths: [Int], classCount: Int, activation: Activation = .relu,
        initialization: Initialization = Initialization()
    ) {
        precondition(!widths.isEmpty, "an MLP needs at least one hidden layer")
        let sizes = [inputShape.count] + widths + [classCount]
        precondition(sizes.allSatisfy { $0 > 0 }, "layer sizes \(sizes) should all be positive")
        self.inputShape = inputShape
        self.classCount = classCount
        self.activation = activation
        self.initialization = initialization
        var layout = ParameterLayout()
        layers = (0..<sizes.count - 1).map { index in
            let (inputs, outputs) = (sizes[index], sizes[index + 1])
            let weight = layout.append("layers.\(index).weight", shape: [outputs, inputs])
            let bias = layout.append("layers.\(index).bias", shape: [outputs])
            return LinearLayer(
                inputs: inputs, outputs: outputs, weightOffset: weight.offset, biasOffset: bias.offset)
        }
        self.layout = layout
        hiddenLayers = widths.enumerated().map { HiddenLayer(name: "layers.\($0)", unitCount: $1) }
        widestHidden = widths.max() ?? 0
    }

    public var forwardOperations: Double {
        layers.reduce(0) { $0 + 2 * Double($1.inputs) * Double($1.outputs) }
    }

    public func initialize(_ parameters: ParameterBlock<Scalar>, seed: UInt64) {
        requireLayout(of: parameters)
        var generator = SeededGenerator(seed: seed, stream: Initialization.stream)
        for layer in layers {
            let weights = parameters.buffer.pointer + layer.weightOffset
            for index in 0..<layer.inputs * layer.outputs {
                weights[index] = Scalar(initialization.weight(fanIn: layer.inputs, &generator))
            }
            let biases = parameters.buffer.pointer + layer.biasOffset
            for index in 0..<layer.outputs {
                biases[index] = Scalar(initialization.bias(fanIn: layer.inputs, &generator))
            }
        }
    }

    /// Inner windows: the activations of each hidden layer, then two for gradients, as high as the widest.
    private var innerCounts: [Int] { hiddenLayers.map(\.unitCount) + [widestHidden, widestHidden] }

    public func workspaceCount(batchMax: Int) -> Int {
        Workspace<Scalar>.count(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: hiddenLayers[0].unitCount,
            classCount: classCount, innerCounts: innerCounts)
    }

    public func makeWorkspace(batchMax: Int) -> Workspace<Scalar> {
        Workspace(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: hiddenLayers[0].unitCount,
            classCount: classCount, innerCounts: innerCounts)
    }
}

/// One linear layer: its sizes and where its weights [outputs × inputs] and biases stand in the block.
private struct LinearLayer: BitwiseCopyable {
    let inputs: Int
    let outputs: Int
    let weightOffset: Int
    let biasOffset: Int

    func weights<Scalar: Real>(_ block: ParameterBlock<Scalar>) -> Matrix<Scalar> {
        Matrix(block.buffer.pointer + weightOffset, rows: outputs, columns: inputs)
    }

    func biases<Scalar: Real>(_ block: ParameterBlock<Scalar>) -> UnsafeMutablePointer<Scalar> {
        block.buffer.pointer + biasOffset
    }
}

// MARK: Forward

extension MLP {
    public func forward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>
    ) {
        firstPreActivation(
            parameters, input: workspace.input.firstColumns(batch),
            into: workspace.firstPreActivation.firstColumns(batch))
        goOn(parameters, workspace, batch: batch, pass: pass)
    }

    public func firstPreActivation(
        _ parameters: ParameterBlock<Scalar>, input: Matrix<Scalar>, into preActivation: Matrix<Scalar>
    ) {
        requireLayout(of: parameters)
        Scalar.multiply(layers[0].weights(parameters), input, into: preActivation)
        Scalar.addBias(layers[0].biases(parameters), to: preActivation)
    }

    public func forwardFromFirst(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        observer: LayerObserver<Scalar>?
    ) {
        goOn(parameters, workspace, batch: batch, pass: ForwardPass(observer: observer))
    }

    /// All that comes after the first pre-activations.
    private func goOn(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>
    ) {
        requireLayout(of: parameters)
        workspace.normalization = pass.normalization
        workspace.linearFrom = pass.linearFrom
        let first = workspace.firstPreActivation.firstColumns(batch)
        pass.observer?(.preActivation, 0, first)
        // The first pre-activations stay as they are: a probe moves them along a line and comes again.
        var incoming = workspace.inner[0].firstColumns(batch)
        activation(of: 0, in: workspace).apply(first, into: incoming)
        pass.observer?(.activation, 0, incoming)
        for index in 1..<hiddenLayers.count {
            let layer = layers[index]
            let activation = activation(of: index, in: workspace)
            let outgoing = workspace.inner[index].firstColumns(batch)
            Scalar.multiply(layer.weights(parameters), incoming, into: outgoing)
            if pass.observer == nil, activation == .relu {
                Scalar.addBias(layer.biases(parameters), to: outgoing, reluInto: outgoing)
            } else {
                Scalar.addBias(layer.biases(parameters), to: outgoing)
                pass.observer?(.preActivation, index, outgoing)
                activation.apply(outgoing, into: outgoing)
                pass.observer?(.activation, index, outgoing)
            }
            incoming = outgoing
        }
        let last = layers[layers.count - 1]
        let logits = workspace.logits.firstColumns(batch)
        Scalar.multiply(last.weights(parameters), incoming, into: logits)
        Scalar.addBias(last.biases(parameters), to: logits)
    }

    /// The activation behind a hidden layer: none from where the latest pass turned linear.
    private func activation(of layer: Int, in workspace: Workspace<Scalar>) -> Activation {
        if let linearFrom = workspace.linearFrom, layer >= linearFrom { return .identity }
        return activation
    }
}

// MARK: Backward

extension MLP {
    public func backward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool, observe: GradientObserver<Scalar>?
    ) {
        requireLayout(of: parameters)
        if let gradients { requireGradients(gradients) }
        var outgoing = workspace.logitGradient.firstColumns(batch)
        for index in stride(from: layers.count - 1, through: 0, by: -1) {
            let layer = layers[index]
            let source = index == 0 ? workspace.input : workspace.inner[index - 1]
            let incoming = source.firstColumns(batch)
            if let gradients {
                Scalar.multiply(
                    outgoing, transposed: false, incoming, transposed: true, into: layer.weights(gradients))
                Scalar.rowSums(outgoing, into: layer.biases(gradients))
            }
            if index == 0 {
                guard needsInputGradient else { return }
                Scalar.multiply(
                    layer.weights(parameters), transposed: true, outgoing,
                    into: workspace.inputGradient.firstColumns(batch))
                return
            }
            // Two windows in turn: one holds the gradient that comes from above, the other takes the next.
            let spare = workspace.inner[hiddenLayers.count + index % 2]
            let next = spare.firstRows(layer.inputs).firstColumns(batch)
            Scalar.multiply(layer.weights(parameters), transposed: true, outgoing, into: next)
            activation(of: index - 1, in: workspace).applyBackward(next, activation: incoming)
            observe?(index - 1, next)
            outgoing = next
        }
    }

    private func requireGradients(_ block: ParameterBlock<Scalar>) {
        precondition(
            block.count == layout.trainableCount,
            "\(block.count) gradients for a network of \(layout.trainableCount) trainable parameters")
    }

    private func requireLayout(of block: ParameterBlock<Scalar>) {
        precondition(
            block.count == layout.count,
            "a block of \(block.count) parameters for a network of \(layout.count)")
    }
}

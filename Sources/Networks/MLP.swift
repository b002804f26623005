import Basics
public import LinearAlgebra
public import Sweeps

/// A multi-layer perceptron: linear layers of any widths with one activation between them; batch normalisation before
/// the activations, and identity skips past every two layers, where asked for.
///
/// Layer l is `layers.<l>` as in a PyTorch module with an `nn.ModuleList` named `layers`, its normalisation `norms.<l>`;
/// the last layer gives the logits and has neither normalisation nor skip. Hidden layers are counted from 0 here:
///
///     h_l = norm(W_l · x_{l−1} + b_l)        x_l = f(h_l), plus x_{l−2} where a skip ends: l = 2, 4, 6 …
///
/// Pre-activations are [U × B] with the batch innermost, so every product is one BLAS call on row-major windows, and
/// biases, activations and normalisations run along whole vectors of examples.
public struct MLP<Scalar: Real>: AffineFirstLayer {
    public let inputShape: ImageShape
    public let classCount: Int
    public let activation: Activation
    public let initialization: Initialization
    /// Whether every second layer adds the signal from two layers before (Lin, arXiv 2501.02436, equation 2).
    public let isResidual: Bool
    public let layout: ParameterLayout
    public let hiddenLayers: [HiddenLayer]

    /// The layers' sizes and places without names or arrays: what the inner loop needs.
    let layers: [LinearLayer]
    /// Of each hidden layer, or none.
    let norms: [RowBatchNorm]
    let windows: MLPWindows

    /// `widths` are the units of each hidden layer, first to last; hidden layers have biases where `hasBiases` says so,
    /// by default unless they are normalised, which makes them superfluous.
    ///
    /// - Precondition: There is at least one hidden layer, all sizes are positive, and skips join equal widths.
    public init(
        inputShape: ImageShape, widths: [Int], classCount: Int, activation: Activation = .relu,
        isNormalized: Bool = false, isResidual: Bool = false, hasBiases: Bool? = nil,
        initialization: Initialization = Initialization()
    ) {
        precondition(!widths.isEmpty, "an MLP needs at least one hidden layer")
        let sizes = [inputShape.count] + widths + [classCount]
        precondition(sizes.allSatisfy { $0 > 0 }, "layer sizes \(sizes) should all be positive")
        precondition(!isResidual || MLPWindows.mismatchedSkip(widths) == nil, "no skips in widths \(widths)")
        self.inputShape = inputShape
        self.classCount = classCount
        self.activation = activation
        self.initialization = initialization
        self.isResidual = isResidual
        let hasBiases = hasBiases ?? !isNormalized
        var layout = ParameterLayout()
        layers = (0..<sizes.count - 1).map { index in
            let (inputs, outputs) = (sizes[index], sizes[index + 1])
            let weight = layout.append("layers.\(index).weight", shape: [outputs, inputs])
            let isLast = index == sizes.count - 2
            let bias =
                hasBiases || isLast ? layout.append("layers.\(index).bias", shape: [outputs]) : nil
            return LinearLayer(
                inputs: inputs, outputs: outputs, weightOffset: weight.offset, biasOffset: bias?.offset)
        }
        norms = isNormalized ? MLP.appendNorms(widths, to: &layout) : []
        self.layout = layout
        hiddenLayers = widths.enumerated().map { HiddenLayer(name: "layers.\($0)", unitCount: $1) }
        windows = MLPWindows(
            widths: widths, activation: activation, isNormalized: isNormalized, isResidual: isResidual)
    }

    /// Trainable scales and shifts first, then the running moments of all layers.
    private static func appendNorms(_ widths: [Int], to layout: inout ParameterLayout) -> [RowBatchNorm] {
        let trainable = widths.enumerated().map { index, width in
            (
                scale: layout.append("norms.\(index).weight", shape: [width]).offset,
                shift: layout.append("norms.\(index).bias", shape: [width]).offset
            )
        }
        var momentsOffset = 0
        return widths.enumerated().map { index, width in
            let mean = layout.append("norms.\(index).running_mean", shape: [width], isTrainable: false)
            let variance = layout.append("norms.\(index).running_var", shape: [width], isTrainable: false)
            let norm = RowBatchNorm(
                unitCount: width, scaleOffset: trainable[index].scale, shiftOffset: trainable[index].shift,
                meanOffset: mean.offset, varianceOffset: variance.offset, momentsOffset: momentsOffset)
            momentsOffset += norm.momentsCount
            return norm
        }
    }

    public var forwardOperations: Double {
        layers.reduce(0) { $0 + 2 * Double($1.inputs) * Double($1.outputs) }
    }

    /// The statistics of one sample would be no statistics.
    public var batchMin: Int { hasBatchNorm ? 2 : 1 }

    public func initialize(_ parameters: ParameterBlock<Scalar>, seed: UInt64) {
        requireLayout(of: parameters)
        let block = parameters.buffer.pointer
        var generator = SeededGenerator(seed: seed, stream: Initialization.stream)
        for layer in layers {
            for index in 0..<layer.inputs * layer.outputs {
                let weight = initialization.weight(fanIn: layer.inputs, &generator)
                block[layer.weightOffset + index] = Scalar(weight)
            }
            guard let biasOffset = layer.biasOffset else { continue }
            for index in 0..<layer.outputs {
                block[biasOffset + index] = Scalar(initialization.bias(fanIn: layer.inputs, &generator))
            }
        }
        for norm in norms {
            // α multiplies all that is trained; the running moments are those of normal numbers.
            (block + norm.scaleOffset).update(repeating: Scalar(initialization.scale), count: norm.unitCount)
            (block + norm.shiftOffset).update(repeating: 0, count: norm.unitCount)
            (block + norm.meanOffset).update(repeating: 0, count: norm.unitCount)
            (block + norm.varianceOffset).update(repeating: 1, count: norm.unitCount)
        }
    }

    public func workspaceCount(batchMax: Int, for passes: Passes) -> Int {
        Workspace<Scalar>.count(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: hiddenLayers[0].unitCount,
            classCount: classCount, innerCounts: windows.rows, unitNumberCount: momentsCount)
    }

    public func makeWorkspace(batchMax: Int, for passes: Passes) -> Workspace<Scalar> {
        Workspace(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: hiddenLayers[0].unitCount,
            classCount: classCount, innerCounts: windows.rows, unitNumberCount: momentsCount, passes: passes)
    }

    private var momentsCount: Int { norms.reduce(0) { $0 + $1.momentsCount } }

    func requireLayout(of block: ParameterBlock<Scalar>) {
        precondition(
            block.count == layout.count,
            "a block of \(block.count) parameters for a network of \(layout.count)")
    }
}

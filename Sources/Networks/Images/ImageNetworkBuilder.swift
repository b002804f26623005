import LinearAlgebra
import Sweeps

/// Puts a network on images together, step by step; tensors and hidden layers are numbered as they come.
struct ImageNetworkBuilder {
    private(set) var layout = ParameterLayout()
    private(set) var tensors: [ImageBlock]
    private(set) var steps: [ImageStep] = []
    private(set) var hiddenLayers: [HiddenLayer] = []
    private(set) var normalizations: [NormalizationOffsets] = []
    private var normalizationNames: [String] = []
    private(set) var draws: [ParameterDraw] = []
    private(set) var packedCount = 0
    /// Numbers that the widest convolution needs to work in.
    private(set) var transformCount = 0

    /// Starts with the input as tensor 0.
    init(_ input: ImageShape) {
        tensors = [ImageBlock(channels: input.channels, height: input.height, width: input.width)]
    }

    /// The latest tensor.
    var last: Int { tensors.count - 1 }

    /// Adds a convolution.
    ///
    /// - Parameters:
    ///   - name: PyTorch's name of the module.
    ///   - source: The tensor it reads.
    ///   - outputs: Channels of its output.
    ///   - size: Height and width of a filter, 3 or 1.
    ///   - stride: 1 or 2.
    ///   - hasBias: Whether there is one bias a channel.
    ///   - addend: A tensor that is added, if any.
    ///   - hidden: The name of the hidden layer that a ReLU at the end makes, if there is one.
    ///   - role: How its weights are drawn.
    /// - Returns: The tensor it writes.
    mutating func convolution(
        _ name: String, from source: Int, outputs: Int, size: Int = 3, stride: Int = 1, hasBias: Bool,
        adding addend: Int? = nil, hidden: String? = nil, role: ParameterDraw.Role = .weight
    ) -> Int {
        let convolution = Convolution(tensors[source], outputs: outputs, size: size, stride: stride)
        let inputs = tensors[source].channels
        let weight = layout.append("\(name).weight", shape: [outputs, inputs, size, size])
        let fanIn = inputs * size * size
        draws.append(ParameterDraw(window: weight, fanIn: fanIn, role: role))
        var biasOffset: Int?
        if hasBias {
            let bias = layout.append("\(name).bias", shape: [outputs])
            draws.append(ParameterDraw(window: bias, fanIn: fanIn, role: .bias))
            biasOffset = bias.offset
        }
        tensors.append(convolution.output)
        steps.append(
            .convolution(
                ConvolutionStep(
                    source: source, target: last, addend: addend, hidden: appendHidden(hidden),
                    convolution: convolution, weightOffset: weight.offset, biasOffset: biasOffset,
                    packedOffset: packedCount)))
        // Forward and backward passes pack their own, one after the other in the same place.
        packedCount += (convolution.packedCount + 15) / 16 * 16
        transformCount = max(transformCount, convolution.scratchCount)
        return last
    }

    /// Adds a batch normalisation, or none where `name` is `nil`, with a ReLU at its end where it is hidden.
    mutating func normalization(
        _ name: String?, from source: Int, adding addend: Int? = nil, hidden: String?
    ) -> Int {
        var index: Int?
        if let name {
            let channels = tensors[source].channels
            let weight = layout.append("\(name).weight", shape: [channels])
            let bias = layout.append("\(name).bias", shape: [channels])
            draws.append(ParameterDraw(window: weight, fanIn: channels, role: .one))
            draws.append(ParameterDraw(window: bias, fanIn: channels, role: .zero))
            normalizations.append(
                NormalizationOffsets(channels: channels, weight: weight.offset, bias: bias.offset))
            normalizationNames.append(name)
            index = normalizations.count - 1
        }
        tensors.append(tensors[source])
        steps.append(
            .normalization(
                NormalizationStep(
                    source: source, target: last, addend: addend, hidden: appendHidden(hidden), index: index))
        )
        return last
    }

    /// Adds pooling; the hidden layer before it passes on what the pool lets through.
    mutating func pool(_ kind: PoolStep.Kind, from source: Int) -> Int {
        let shape = tensors[source]
        switch kind {
        case .greatest(let height, let width):
            tensors.append(
                ImageBlock(
                    channels: shape.channels, height: shape.height / height, width: shape.width / width))
        case .mean:
            tensors.append(ImageBlock(channels: shape.channels, height: 1, width: 1))
        }
        steps.append(.pool(PoolStep(source: source, target: last, kind: kind)))
        return last
    }

    /// Adds the linear layer at the end, and after it the running statistics of all normalisations.
    mutating func head(
        _ name: String, classCount: Int, isZero: Bool
    ) -> (weight: ParameterWindow, bias: ParameterWindow) {
        let features = tensors[last].unitCount
        let weight = layout.append("\(name).weight", shape: [classCount, features])
        let bias = layout.append("\(name).bias", shape: [classCount])
        draws.append(ParameterDraw(window: weight, fanIn: features, role: isZero ? .zero : .weight))
        draws.append(ParameterDraw(window: bias, fanIn: features, role: isZero ? .zero : .bias))
        for (index, name) in normalizationNames.enumerated() {
            let shape = [normalizations[index].channels]
            let mean = layout.append("\(name).running_mean", shape: shape, isTrainable: false)
            let variance = layout.append("\(name).running_var", shape: shape, isTrainable: false)
            draws.append(ParameterDraw(window: mean, fanIn: 1, role: .zero))
            draws.append(ParameterDraw(window: variance, fanIn: 1, role: .one))
            normalizations[index].runningMean = mean.offset
            normalizations[index].runningVariance = variance.offset
        }
        return (weight, bias)
    }

    private mutating func appendHidden(_ name: String?) -> Int? {
        guard let name else { return nil }
        hiddenLayers.append(HiddenLayer(name: name, unitCount: tensors[last].unitCount))
        return hiddenLayers.count - 1
    }
}

/// How one tensor gets its first values.
struct ParameterDraw: Sendable {
    enum Role: Hashable, Sendable {
        case weight
        case bias
        case one
        case zero
        /// Fixup's scaled first convolution of a block: normal with this variance.
        case normal(variance: Double)
    }
    let window: ParameterWindow
    let fanIn: Int
    let role: Role
}

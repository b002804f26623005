import Basics
public import LinearAlgebra
public import Sweeps

/// A network of convolutions, normalisations and poolings on images in blocks of 16 examples, with a linear head.
///
/// Steps follow each other; each reads and writes whole tensors [B/16][C][H + 2][W + 2][16] that live in the workspace
/// until the backward pass, so that a step back needs nothing but what is there. Without batch normalisation one block
/// of examples goes through the whole network, forward and backward, before the next: narrow networks then stay in the
/// second-level cache. Families are written as a sequence of calls on a builder; see ``ImageNetwork/convnet``.
public struct ImageNetwork<Scalar: Real>: Network {
    public let inputShape: ImageShape
    public let classCount: Int
    public let layout: ParameterLayout
    public let hiddenLayers: [HiddenLayer]
    public let forwardOperations: Double

    let initialization: Initialization
    let steps: [ImageStep]
    let flows: [GradientFlow]
    let tensors: [ImageBlock]
    let normalizations: [NormalizationOffsets]
    let plan: ImageMemoryPlan
    /// The hidden layer whose activation a step's target is, after pooling.
    let activationOf: [Int?]
    private let draws: [ParameterDraw]
    private let headWeight: ParameterWindow
    private let headBias: ParameterWindow

    init(
        _ finished: ImageNetworkBuilder, _ inputShape: ImageShape, head: String, classCount: Int,
        initialization: Initialization, isHeadZero: Bool = false
    ) {
        var builder = finished
        (headWeight, headBias) = builder.head(head, classCount: classCount, isZero: isHeadZero)
        self.inputShape = inputShape
        self.classCount = classCount
        self.initialization = initialization
        layout = builder.layout
        steps = builder.steps
        tensors = builder.tensors
        normalizations = builder.normalizations
        draws = builder.draws
        let flow = ImageGradientPlan(builder)
        flows = flow.flows
        plan = ImageMemoryPlan(builder, slots: flow.slots)
        (activationOf, hiddenLayers) = Self.activations(builder)
        let head = 2 * Double(headWeight.count)
        forwardOperations = steps.reduce(head) { sum, step in
            if case .convolution(let step) = step { return sum + step.convolution.operations }
            return sum
        }
    }

    /// Which steps end hidden layers: pools that follow a ReLU belong to its layer.
    private static func activations(_ builder: ImageNetworkBuilder) -> ([Int?], [HiddenLayer]) {
        var layers = builder.hiddenLayers
        var ends: [Int?] = []
        var current: Int?
        for (index, step) in builder.steps.enumerated() {
            if case .pool = step {} else { current = step.hidden }
            if index + 1 < builder.steps.count, case .pool = builder.steps[index + 1] {
                ends.append(nil)
                continue
            }
            ends.append(current)
            guard let current else { continue }
            layers[current] = HiddenLayer(
                name: layers[current].name, unitCount: layers[current].unitCount,
                activationCount: builder.tensors[step.target].unitCount)
        }
        return (ends, layers)
    }

    /// Two where a channel has one place, which would be its own mean.
    public var batchMin: Int {
        let isSingle = steps.contains { step in
            guard case .normalization(let step) = step, step.index != nil else { return false }
            return tensors[step.source].height * tensors[step.source].width == 1
        }
        return isSingle ? 2 : 1
    }

    public func initialize(_ parameters: ParameterBlock<Scalar>, seed: UInt64) {
        requireLayout(of: parameters)
        var generator = SeededGenerator(seed: seed, stream: Initialization.stream)
        for draw in draws {
            let values = parameters.buffer.pointer + draw.window.offset
            for index in 0..<draw.window.count {
                values[index] = Scalar(initialization.value(draw.role, fanIn: draw.fanIn, &generator))
            }
        }
    }

    /// Inner windows: the features that the head sees, and their gradient.
    private var innerCounts: [Int] { [headWeight.shape[1], headWeight.shape[1]] }

    public func workspaceCount(batchMax: Int) -> Int {
        Workspace<Scalar>.count(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: 0, classCount: classCount,
            innerCounts: innerCounts, blockCount: plan.count(blocks: ImageBlock.blocks(for: batchMax)))
    }

    public func makeWorkspace(batchMax: Int) -> Workspace<Scalar> {
        Workspace(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: 0, classCount: classCount,
            innerCounts: innerCounts, blockCount: plan.count(blocks: ImageBlock.blocks(for: batchMax)))
    }
}

// MARK: The head

extension ImageNetwork {
    public func forward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>
    ) {
        requireLayout(of: parameters)
        workspace.normalization = pass.normalization
        workspace.linearFrom = pass.linearFrom
        let features = workspace.inner[0].firstColumns(batch)
        let run = ImageRun(self, parameters, workspace, batch: batch, isWhole: false)
        run.forward(pass)
        run.unpack(tensors.count - 1, into: features)
        let logits = workspace.logits.firstColumns(batch)
        Scalar.multiply(parameters.matrix(headWeight), features, into: logits)
        Scalar.addBias(parameters.buffer.pointer + headBias.offset, to: logits)
    }

    public func backward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool, observe: GradientObserver<Scalar>?
    ) {
        requireLayout(of: parameters)
        let features = workspace.inner[0].firstColumns(batch)
        let featureGradient = workspace.inner[1].firstColumns(batch)
        let logitGradient = workspace.logitGradient.firstColumns(batch)
        if let gradients {
            precondition(
                gradients.count == layout.trainableCount,
                "\(gradients.count) gradients for a network of \(layout.trainableCount) trainable parameters")
            gradients.buffer.pointer.update(repeating: 0, count: gradients.count)
            Scalar.multiply(
                logitGradient, transposed: false, features, transposed: true,
                into: gradients.matrix(headWeight))
            Scalar.rowSums(logitGradient, into: gradients.buffer.pointer + headBias.offset)
        }
        Scalar.multiply(
            parameters.matrix(headWeight), transposed: true, logitGradient, into: featureGradient)
        let run = ImageRun(
            self, parameters, workspace, batch: batch, isWhole: hasBatchNorm || observe != nil)
        run.backward(gradients, needsInputGradient: needsInputGradient, observe: observe)
    }

    private func requireLayout(of block: ParameterBlock<Scalar>) {
        precondition(
            block.count == layout.count,
            "a block of \(block.count) parameters for a network of \(layout.count)")
    }
}

extension Initialization {
    /// One draw for a parameter of a network on images.
    fileprivate func value(
        _ role: ParameterDraw.Role, fanIn: Int, _ generator: inout SeededGenerator
    ) -> Double {
        switch role {
        case .weight: weight(fanIn: fanIn, &generator)
        case .bias: bias(fanIn: fanIn, &generator)
        case .one: 1
        case .zero: 0
        case .normal(let variance): scale * generator.normal() * variance.squareRoot()
        }
    }
}

import Basics
public import LinearAlgebra
public import Sweeps

/// A network of convolutions, normalisations and poolings on images in blocks of 16 examples, with a linear head.
///
/// Steps follow each other; each reads and writes whole tensors [B/16][C][H + 2][W + 2][16] that live in the workspace
/// until the backward pass, so that a step back needs nothing but what is there. Without batch normalisation one block
/// of examples goes through the whole network, in a training step forward and backward, before the next: narrow networks
/// then stay in the second-level cache, and a workspace holds one block. Families are written as a sequence of calls on a builder; see ``ImageNetwork/convnet``.
public struct ImageNetwork<Scalar: Real>: Network {
    public let inputShape: ImageShape
    public let classCount: Int
    public let layout: ParameterLayout
    public let hiddenLayers: [HiddenLayer]
    public let forwardOperations: Double

    let initialization: Initialization
    let steps: [ImageStep]
    let flows: [GradientFlow]
    let needsBorder: [Bool]
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
        needsBorder = flow.needsBorder
        plan = ImageMemoryPlan(builder, flow)
        (activationOf, hiddenLayers) = Self.activations(builder)
        let head = 2 * Double(headWeight.count)
        forwardOperations = steps.reduce(head) { sum, step in
            if case .convolution(let step) = step { return sum + step.convolution.operations }
            return sum
        }
    }

    /// The same network in another precision.
    init<Other: Real>(like other: ImageNetwork<Other>) {
        inputShape = other.inputShape
        classCount = other.classCount
        layout = other.layout
        hiddenLayers = other.hiddenLayers
        forwardOperations = other.forwardOperations
        initialization = other.initialization
        steps = other.steps
        flows = other.flows
        needsBorder = other.needsBorder
        tensors = other.tensors
        normalizations = other.normalizations
        plan = other.plan
        activationOf = other.activationOf
        draws = other.draws
        headWeight = other.headWeight
        headBias = other.headBias
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

    public func workspaceCount(batchMax: Int, for passes: Passes) -> Int {
        Workspace<Scalar>.count(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: 0, classCount: classCount,
            innerCounts: innerCounts,
            blockCount: plan.count(blocks: ImageBlock.blocks(for: batchMax), for: passes))
    }

    public func makeWorkspace(batchMax: Int, for passes: Passes) -> Workspace<Scalar> {
        Workspace(
            batchMax: batchMax, inputCount: inputShape.count, firstCount: 0, classCount: classCount,
            innerCounts: innerCounts,
            blockCount: plan.count(blocks: ImageBlock.blocks(for: batchMax), for: passes), passes: passes,
            images: (tensors[0], plan.inputs(for: passes)))
    }
}

// MARK: Passes

extension ImageNetwork {
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func forward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>
    ) {
        requireLayout(of: parameters)
        workspace.normalization = pass.normalization
        workspace.linearFrom = pass.linearFrom
        ImageRun(self, parameters, workspace, batch: batch, isWhole: false).forward(pass)
        headForward(parameters, workspace, 0..<batch)
    }

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func backward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool, observe: GradientObserver<Scalar>?
    ) {
        requireLayout(of: parameters)
        if let gradients { beginGradients(gradients) }
        headBackward(parameters, workspace, 0..<batch)
        let run = ImageRun(
            self, parameters, workspace, batch: batch, isWhole: hasBatchNorm || observe != nil)
        run.backward(gradients, needsInputGradient: needsInputGradient, observe: observe)
        if let gradients { headGradients(workspace, batch, gradients) }
    }

    /// Takes one block all the way, forward and back, before the next, where no statistics bind them together.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func differentiate(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        normalization: Normalization, gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool,
        lossGradient: (Range<Int>) -> Void
    ) {
        guard plan.isJoined(workspace.passes) else {
            return differentiateInTurn(
                parameters, workspace, batch: batch, normalization: normalization, gradients: gradients,
                needsInputGradient: needsInputGradient, lossGradient: lossGradient)
        }
        requireLayout(of: parameters)
        workspace.normalization = normalization
        workspace.linearFrom = nil
        let run = ImageRun(self, parameters, workspace, batch: batch, isWhole: false)
        let needs = ImageRun.Needs(gradients: gradients, inputGradient: needsInputGradient)
        if let gradients { beginGradients(gradients) }
        run.packForward()
        run.packBackward(needs)
        for block in 0..<run.blocks {
            let first = block * ImageBlock.lanes
            let examples = first..<first + run.lanes(block)
            run.forward(block)
            headForward(parameters, workspace, examples)
            lossGradient(examples)
            headBackward(parameters, workspace, examples)
            run.backward(block, needs)
        }
        if let gradients { headGradients(workspace, batch, gradients) }
    }

    private func beginGradients(_ gradients: ParameterBlock<Scalar>) {
        precondition(
            gradients.count == layout.trainableCount,
            "\(gradients.count) gradients for a network of \(layout.trainableCount) trainable parameters")
        gradients.buffer.pointer.update(repeating: 0, count: gradients.count)
    }

    /// Logits of some examples from their features.
    private func headForward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, _ examples: Range<Int>
    ) {
        let logits = workspace.logits.columns(examples)
        Scalar.multiply(
            parameters.matrix(headWeight), workspace.inner[0].columns(examples), into: logits)
        Scalar.addBias(parameters.buffer.pointer + headBias.offset, to: logits)
    }

    /// The gradient of some examples' features from that of their logits.
    private func headBackward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, _ examples: Range<Int>
    ) {
        Scalar.multiply(
            parameters.matrix(headWeight), transposed: true, workspace.logitGradient.columns(examples),
            into: workspace.inner[1].columns(examples))
    }

    /// The gradients of the head's own parameters.
    private func headGradients(
        _ workspace: Workspace<Scalar>, _ batch: Int, _ gradients: ParameterBlock<Scalar>
    ) {
        let logitGradient = workspace.logitGradient.firstColumns(batch)
        Scalar.multiply(
            logitGradient, transposed: false, workspace.inner[0].firstColumns(batch), transposed: true,
            into: gradients.matrix(headWeight))
        Scalar.rowSums(logitGradient, into: gradients.buffer.pointer + headBias.offset)
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

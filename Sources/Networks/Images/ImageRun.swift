import LinearAlgebra

/// One pass of a batch through a network on images: the pointers that its steps work on.
struct ImageRun<Scalar: Real> {
    let network: ImageNetwork<Scalar>
    let parameters: ParameterBlock<Scalar>
    let workspace: Workspace<Scalar>
    let batch: Int
    /// Whether each step sees the whole batch before the next one runs.
    ///
    /// Else one block of examples at a time goes through all steps, and all share the first block's gradients.
    let isWhole: Bool
    let kernels = Scalar.images
    /// Whether the workspace has room for the tensors of one block only.
    let isJoined: Bool
    /// Blocks that the batch fills, and that the workspace has room for.
    let blocks: Int
    let blocksMax: Int
    /// The first gradient, and how many blocks of each there is room for.
    private let gradients: Pointer
    private let gradientBlocks: Int

    init(
        _ network: ImageNetwork<Scalar>, _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>,
        batch: Int, isWhole: Bool
    ) {
        self.network = network
        self.parameters = parameters
        self.workspace = workspace
        self.batch = batch
        self.isWhole = isWhole
        blocks = ImageBlock.blocks(for: batch)
        let plan = network.plan
        isJoined = plan.isJoined(workspace.passes)
        precondition(!(isJoined && isWhole), "a workspace for joined passes keeps one block at a time")
        blocksMax = isJoined ? 1 : ImageBlock.blocks(for: workspace.batchMax)
        if isWhole, !plan.isWhole {
            gradientBlocks = blocksMax
            gradients = workspace.observedGradients(plan.gradientCount(blocks: blocksMax))
        } else {
            gradientBlocks = plan.isWhole ? blocksMax : 1
            gradients = workspace.blocks.pointer + plan.gradients(of: blocksMax)
        }
    }

    typealias Pointer = UnsafeMutablePointer<Scalar>

    func tensor(_ index: Int, _ block: Int) -> Pointer {
        if index == 0, workspace.readsImages, let images = workspace.images { return images.block(block) }
        return workspace.blocks.pointer
            + network.plan.tensor(index, block: isJoined ? 0 : block, of: blocksMax)
    }

    /// A tensor for a step that reads it: made now where it is not kept, with or without the ReLU at its end.
    func read(_ index: Int, _ block: Int, isHeldBack: Bool = false) -> Pointer {
        let place = tensor(index, block)
        if let maker = network.plan.makers[index] {
            // Tensors of other shapes have stood there.
            kernels.clearBorder(network.tensors[index], place)
            forward(network.steps[maker], block, isHeldBack: isHeldBack)
        }
        return place
    }

    func gradient(_ index: Int, _ block: Int) -> Pointer {
        gradients + network.plan.gradient(index, block: isWhole ? block : 0, of: gradientBlocks)
    }

    func packed(_ step: ConvolutionStep) -> Pointer {
        workspace.blocks.pointer + network.plan.packed(step.packedOffset, of: blocksMax)
    }

    func packedBackward(_ step: ConvolutionStep) -> Pointer {
        isJoined
            ? workspace.blocks.pointer + network.plan.packedBackward(step.packedOffset, of: blocksMax)
            : packed(step)
    }

    /// The centre of each channel, then the reciprocal of its standard deviation.
    func statistics(_ index: Int) -> Pointer {
        workspace.blocks.pointer + network.plan.statistics(index, of: blocksMax)
    }

    /// What convolutions work in.
    var transforms: Pointer { workspace.blocks.pointer + network.plan.transforms(of: blocksMax) }

    /// Three numbers a channel.
    var scratch: Pointer { workspace.blocks.pointer + network.plan.scratch(of: blocksMax) }

    func parameter(_ offset: Int) -> Pointer { parameters.buffer.pointer + offset }

    func lanes(_ block: Int) -> Int { ImageBlock.lanes(of: batch, inBlock: block) }

    /// Whether a hidden layer's ReLU is there: it is left out from where the pass turns linear.
    func isActive(_ hidden: Int) -> Bool { workspace.linearFrom.map { hidden < $0 } ?? true }

    func unpack(_ image: Pointer, _ shape: ImageBlock, _ block: Int, into columns: Matrix<Scalar>) {
        kernels.unpack(
            shape, image, columns.pointer + block * ImageBlock.lanes, columns.stride, lanes(block))
    }

    func pack(_ columns: Matrix<Scalar>, _ shape: ImageBlock, _ block: Int, into image: Pointer) {
        kernels.pack(shape, columns.pointer + block * ImageBlock.lanes, columns.stride, lanes(block), image)
    }
}

// MARK: Forward

extension ImageRun {
    /// Fills the features that the head sees.
    func forward(_ pass: ForwardPass<Scalar>) {
        packForward()
        let usesBatch = network.hasBatchNorm && pass.normalization != .running
        if !usesBatch {
            for index in network.normalizations.indices { takeRunningStatistics(index) }
        }
        if usesBatch || pass.observer?.takesBlocks == false {
            precondition(!isJoined, "a workspace for joined passes keeps one block at a time")
            for block in 0..<blocks { packInput(block) }
            for index in network.steps.indices { forwardShown(index, 0..<blocks, pass) }
            for block in 0..<blocks { unpackFeatures(block) }
        } else if pass.observer != nil {
            for block in 0..<blocks {
                packInput(block)
                for index in network.steps.indices { forwardShown(index, block..<block + 1, pass) }
                unpackFeatures(block)
            }
        } else {
            for block in 0..<blocks { forward(block) }
        }
    }

    /// All steps of one block, without statistics of the batch.
    func forward(_ block: Int) {
        packInput(block)
        for step in network.steps where isKept(step.target) { forward(step, block, isHeldBack: false) }
        unpackFeatures(block)
    }

    func packForward() {
        for case .convolution(let step) in network.steps {
            kernels.pack(
                weights: parameter(step.weightOffset), for: [step.convolution.forward], into: packed(step))
        }
    }

    private func unpackFeatures(_ block: Int) {
        let last = network.tensors.count - 1
        unpack(tensor(last, block), network.tensors[last], block, into: workspace.inner[0])
    }

    private func packInput(_ block: Int) {
        if workspace.readsImages { return }
        pack(workspace.input, network.tensors[0], block, into: tensor(0, block))
    }

    /// One step of some blocks, shown to the observer before and after its activation.
    ///
    /// Statistics of batches need all blocks.
    private func forwardShown(_ index: Int, _ blocks: Range<Int>, _ pass: ForwardPass<Scalar>) {
        let step = network.steps[index]
        if case .normalization(let normalization) = step, pass.normalization != .running {
            takeBatchStatistics(normalization, movesRunning: pass.normalization == .training)
        }
        let isSeen = step.hidden != nil && (pass.observer?.signals.contains(.preActivation) ?? false)
        if isKept(step.target) {
            for block in blocks { forward(step, block, isHeldBack: isSeen) }
        }
        if isSeen, let hidden = step.hidden {
            show(.preActivation, hidden, step.target, blocks, pass.observer)
            if isKept(step.target), isActive(hidden) {
                for block in blocks { rectify(step.target, block) }
            }
        }
        if let hidden = network.activationOf[index] {
            show(.activation, hidden, step.target, blocks, pass.observer)
        }
    }

    private func show(
        _ signal: LayerSignal, _ hidden: Int, _ index: Int, _ blocks: Range<Int>,
        _ observer: LayerObserver<Scalar>?
    ) {
        guard let observer, observer.signals.contains(signal) else { return }
        let shape = network.tensors[index]
        let isHeldBack = signal == .preActivation
        if observer.takesBlocks {
            let rows = shape.count / ImageBlock.lanes
            for block in blocks {
                let image = read(index, block, isHeldBack: isHeldBack)
                observer(signal, hidden, Matrix(image, rows: rows, columns: ImageBlock.lanes))
            }
            return
        }
        let window = workspace.observedWindow(rows: shape.unitCount, batch: batch)
        for block in 0..<self.blocks {
            unpack(read(index, block, isHeldBack: isHeldBack), shape, block, into: window)
        }
        observer(signal, hidden, window)
    }

    private func isKept(_ index: Int) -> Bool { network.plan.makers[index] == nil }

    private func rectify(_ index: Int, _ block: Int) {
        let x = tensor(index, block)
        kernels.normalize(network.tensors[index], x, nil, x, x, nil, true, x)
    }

    /// One step of one block; `isHeldBack` leaves out the ReLU at its end.
    private func forward(_ step: ImageStep, _ block: Int, isHeldBack: Bool) {
        let (source, target) = (read(step.source, block), tensor(step.target, block))
        let addend = step.addend.map { UnsafePointer(tensor($0, block)) }
        let rectifies = !isHeldBack && (step.hidden.map(isActive) ?? false)
        switch step {
        case .convolution(let step):
            let epilogue = ConvolutionEpilogue<Scalar>(
                bias: step.biasOffset.map { UnsafePointer(parameter($0)) }, addend: addend,
                rectifies: rectifies)
            kernels.convolve(
                step.convolution, source, packed: packed(step), scratch: transforms, epilogue: epilogue,
                into: target)
        case .normalization(let step):
            let shape = network.tensors[step.source]
            guard let index = step.index else {
                kernels.normalize(shape, source, nil, source, source, addend, rectifies, target)
                return
            }
            let offsets = network.normalizations[index]
            let (statistics, scale) = (statistics(index), scratch)
            for channel in 0..<offsets.channels {
                scale[channel] = parameter(offsets.weight)[channel] * statistics[offsets.channels + channel]
            }
            kernels.normalize(
                shape, source, statistics, scale, parameter(offsets.bias), addend, rectifies, target)
        case .pool(let step):
            let shape = network.tensors[step.source]
            switch step.kind {
            case .greatest(let height, let width): kernels.maxPool(shape, source, height, width, target)
            case .mean: kernels.averagePool(shape, source, target)
            }
        }
    }
}

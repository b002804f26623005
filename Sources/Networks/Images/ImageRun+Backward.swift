import LinearAlgebra

extension ImageRun {
    func backward(
        _ gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool, observe: GradientObserver<Scalar>?
    ) {
        precondition(!isJoined, "a workspace for joined passes keeps nothing to go back along")
        let needs = Needs(gradients: gradients, inputGradient: needsInputGradient)
        packBackward(needs)
        if isWhole {
            for block in 0..<blocks { packFeatureGradient(block) }
            for index in network.steps.indices.reversed() { backwardWhole(index, needs, observe) }
            for block in 0..<blocks { unpackInputGradient(block, needs) }
        } else {
            for block in 0..<blocks { backward(block, needs) }
        }
    }

    /// All steps of one block, without statistics of the batch.
    func backward(_ block: Int, _ needs: Needs) {
        packFeatureGradient(block)
        for index in network.steps.indices.reversed() { backward(index, block, needs) }
        unpackInputGradient(block, needs)
    }

    func packBackward(_ needs: Needs) {
        for case .convolution(let step) in network.steps where needs.inputGradient || step.source != 0 {
            kernels.pack(
                weights: parameter(step.weightOffset), for: step.convolution.backward,
                into: packedBackward(step))
        }
    }

    /// What a backward pass is asked for.
    struct Needs {
        let gradients: ParameterBlock<Scalar>?
        let inputGradient: Bool
    }

    private func packFeatureGradient(_ block: Int) {
        let last = network.tensors.count - 1
        clearBorder(last, block)
        pack(workspace.inner[1], network.tensors[last], block, into: gradient(last, block))
    }

    /// Zeros around a gradient that stands where others stood.
    private func clearBorder(_ index: Int, _ block: Int) {
        if network.needsBorder[index] { kernels.clearBorder(network.tensors[index], gradient(index, block)) }
    }

    private func unpackInputGradient(_ block: Int, _ needs: Needs) {
        guard needs.inputGradient else { return }
        unpack(gradient(0, block), network.tensors[0], block, into: workspace.inputGradient)
    }

    /// One step of the whole batch.
    private func backwardWhole(_ index: Int, _ needs: Needs, _ observe: GradientObserver<Scalar>?) {
        let step = network.steps[index]
        if let observe, let hidden = step.hidden {
            let shape = network.tensors[step.target]
            let window = workspace.observedWindow(rows: shape.unitCount, batch: batch)
            for block in 0..<blocks { unpack(gradient(step.target, block), shape, block, into: window) }
            observe(hidden, window)
        }
        if case .normalization(let normalization) = step, normalization.index != nil {
            prepareNormalization(normalization, needs)
        }
        for block in 0..<blocks { backward(index, block, needs) }
    }

    /// One step of one block.
    private func backward(_ index: Int, _ block: Int, _ needs: Needs) {
        let step = network.steps[index]
        let flow = network.flows[index]
        let shape = network.tensors[step.source]
        let (x, y) = (read(step.source, block), tensor(step.target, block))
        let (dx, dy) = (gradient(step.source, block), gradient(step.target, block))
        let addend = flow.accumulates ? UnsafePointer(dx) : nil
        let isMasked = flow.masks.map(isActive) ?? false
        let mask = isMasked ? UnsafePointer(x) : nil
        if dx != dy, !flow.accumulates { clearBorder(step.source, block) }
        switch step {
        case .convolution(let step):
            if let gradients = needs.gradients { addGradients(step, x, dy, to: gradients, block) }
            if step.source == 0, !needs.inputGradient { return }
            kernels.convolveBackward(
                step.convolution, dy, packed: packedBackward(step), scratch: transforms,
                epilogue: ConvolutionEpilogue(addend: addend, mask: mask), into: dx)
        case .normalization(let step):
            let centre = step.index.map { UnsafePointer(statistics($0)) }
            kernels.normalizeBackward(
                shape, dy, x, centre, scratch, scratch + shape.channels, scratch + 2 * shape.channels,
                lanes(block), addend, mask, dx)
        case .pool(let step):
            switch step.kind {
            case .greatest(let height, let width):
                kernels.maxPoolBackward(shape, x, y, dy, height, width, isMasked, dx)
            case .mean: kernels.averagePoolBackward(shape, dy, mask, dx)
            }
        }
    }

    private func addGradients(
        _ step: ConvolutionStep, _ x: Pointer, _ dy: Pointer, to gradients: ParameterBlock<Scalar>,
        _ block: Int
    ) {
        kernels.addWeightGradient(
            step.convolution, x, dy, scratch: transforms, to: gradients.buffer.pointer + step.weightOffset)
        guard let biasOffset = step.biasOffset else { return }
        let bias = gradients.buffer.pointer + biasOffset
        let shape = step.convolution.output
        withUnsafeTemporaryAllocation(of: Double.self, capacity: shape.channels) { sums in
            guard let total = sums.baseAddress else { return }
            for channel in 0..<shape.channels { total[channel] = Double(bias[channel]) }
            kernels.channelSums(shape, dy, lanes(block), total)
            for channel in 0..<shape.channels { bias[channel] = Scalar(total[channel]) }
        }
    }

    /// Works out a normalisation's own gradients and leaves in the scratch space, channel by channel, what each block's
    /// gradient is made of: dx = scale · g + slope · (x − mean) + shift.
    ///
    /// With statistics of the batch (Ioffe and Szegedy, 2015), and M numbers a channel:
    /// dx = γ/σ · (g − Σg/M − (x − mean)/σ² · Σ g·(x − mean)/M). Running averages are constants: only the first term.
    private func prepareNormalization(_ step: NormalizationStep, _ needs: Needs) {
        guard let index = step.index else { return }
        let shape = network.tensors[step.source]
        let channels = shape.channels
        let offsets = network.normalizations[index]
        let (statistics, scratch) = (statistics(index), scratch)
        let places = Double(batch * shape.height * shape.width)
        let usesBatch = workspace.normalization != .running
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * channels) { both in
            guard let sums = both.baseAddress else { return }
            let products = sums + channels
            sums.update(repeating: 0, count: 2 * channels)
            if usesBatch || needs.gradients != nil {
                for block in 0..<blocks {
                    let (g, x) = (gradient(step.target, block), tensor(step.source, block))
                    kernels.channelSums(shape, g, lanes(block), sums)
                    kernels.channelProducts(shape, g, x, statistics, lanes(block), products)
                }
            }
            for channel in 0..<channels {
                let inverse = Double(statistics[channels + channel])
                let scale = Double(parameter(offsets.weight)[channel]) * inverse
                let square = inverse * inverse
                scratch[channel] = Scalar(scale)
                scratch[channels + channel] =
                    usesBatch ? Scalar(-scale * square * products[channel] / places) : 0
                scratch[2 * channels + channel] = usesBatch ? Scalar(-scale * sums[channel] / places) : 0
                guard let gradients = needs.gradients else { continue }
                gradients.buffer.pointer[offsets.weight + channel] = Scalar(products[channel] * inverse)
                gradients.buffer.pointer[offsets.bias + channel] = Scalar(sums[channel])
            }
        }
    }
}

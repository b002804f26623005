public import LinearAlgebra

// MARK: Forward

extension MLP {
    public func forward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>
    ) {
        requireLayout(of: parameters)
        workspace.normalization = pass.normalization
        workspace.linearFrom = pass.linearFrom
        goOn(from: 0, parameters, workspace, batch: batch, pass: pass)
    }

    public func firstPreActivation(
        _ parameters: ParameterBlock<Scalar>, input: Matrix<Scalar>, into preActivation: Matrix<Scalar>
    ) {
        requireLayout(of: parameters)
        layers[0].apply(parameters, input, into: preActivation)
        guard let norm = norms.first else { return }
        let moments = Buffer<Scalar>(count: norm.momentsCount)
        let rows = norm.prepare(preActivation, parameters, moments: moments.pointer, .running)
        Scalar.normalize(preActivation, by: rows, into: preActivation)
    }

    public func forwardFromFirst(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        observer: LayerObserver<Scalar>?
    ) {
        requireLayout(of: parameters)
        workspace.normalization = .running
        workspace.linearFrom = nil
        let first = workspace.firstPreActivation.firstColumns(batch)
        observer?(.preActivation, 0, first)
        // The first pre-activations stay as they are: a probe moves them along a line and comes again.
        let signal = workspace.inner[0].firstColumns(batch)
        activation.apply(first, into: signal)
        observer?(.activation, 0, signal)
        goOn(from: 1, parameters, workspace, batch: batch, pass: ForwardPass(observer: observer))
    }

    /// The hidden layers from `start` on, and the logits.
    private func goOn(
        from start: Int, _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>
    ) {
        for layer in start..<hiddenLayers.count {
            passHidden(layer, parameters, workspace, batch: batch, pass: pass)
        }
        let last = layers.count - 1
        layers[last].apply(
            parameters, signal(into: last, workspace, batch), into: workspace.logits.firstColumns(batch))
    }

    /// One hidden layer: linear, normalised, activated, and the signal from two layers before added.
    private func passHidden(
        _ index: Int, _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>
    ) {
        let layer = layers[index]
        let activation = activation(of: index, in: workspace)
        let incoming = signal(into: index, workspace, batch)
        let outgoing = workspace.inner[index].firstColumns(batch)
        let linear = linearOutput(of: index, workspace, batch)
        if pass.observer == nil, norms.isEmpty, activation == .relu, let biases = layer.biases(parameters) {
            Scalar.multiply(layer.weights(parameters), incoming, into: linear)
            Scalar.addBias(biases, to: linear, reluInto: outgoing)
        } else {
            layer.apply(parameters, incoming, into: linear)
            var preActivation = linear
            if !norms.isEmpty {
                preActivation = index == 0 ? workspace.firstPreActivation.firstColumns(batch) : outgoing
                let norm = norms[index]
                let moments = workspace.unitNumbers + norm.momentsOffset
                let rows = norm.prepare(linear, parameters, moments: moments, pass.normalization)
                Scalar.normalize(linear, by: rows, into: preActivation)
            }
            pass.observer?(.preActivation, index, preActivation)
            activation.apply(preActivation, into: outgoing)
        }
        if windows.endsSkip(index) {
            Scalar.add(workspace.inner[index - 2].firstColumns(batch), to: outgoing)
        }
        pass.observer?(.activation, index, outgoing)
    }

    /// What a layer takes: the input, or the signal of the hidden layer before.
    private func signal(into layer: Int, _ workspace: Workspace<Scalar>, _ batch: Int) -> Matrix<Scalar> {
        (layer == 0 ? workspace.input : workspace.inner[layer - 1]).firstColumns(batch)
    }

    /// Where a hidden layer's W·x + b stands.
    private func linearOutput(
        of layer: Int, _ workspace: Workspace<Scalar>, _ batch: Int
    ) -> Matrix<Scalar> {
        if let kept = windows.linearOutputs[layer] { return workspace.inner[kept].firstColumns(batch) }
        return (layer == 0 ? workspace.firstPreActivation : workspace.inner[layer]).firstColumns(batch)
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
            if let gradients {
                Scalar.multiply(
                    outgoing, transposed: false, signal(into: index, workspace, batch), transposed: true,
                    into: layer.weights(gradients))
                if let biases = layer.biases(gradients) { Scalar.rowSums(outgoing, into: biases) }
            }
            if index == 0 {
                guard needsInputGradient else { return }
                Scalar.multiply(
                    layer.weights(parameters), transposed: true, outgoing,
                    into: workspace.inputGradient.firstColumns(batch))
                return
            }
            let hidden = index - 1
            // Two windows in turn: one holds the gradient that comes from above, the other takes the next. What skips
            // carry is summed up in a window of its own.
            let next = window(windows.gradient(index), layer.inputs, workspace, batch)
            let signalGradient =
                windows.isOnSkipChain(hidden)
                ? window(windows.skipGradient, layer.inputs, workspace, batch) : next
            Scalar.multiply(
                layer.weights(parameters), transposed: true, outgoing, transposed: false,
                into: signalGradient, alpha: 1, beta: windows.startsSkip(hidden) ? 1 : 0)
            goBackThroughActivation(of: hidden, signalGradient, parameters, workspace, batch, into: next)
            observe?(hidden, next)
            if !norms.isEmpty { goBackThroughNorm(of: hidden, next, parameters, workspace, batch, gradients) }
            outgoing = next
        }
    }

    /// `product` ← the gradient with respect to a layer's signal times its activation's slope.
    private func goBackThroughActivation(
        of layer: Int, _ gradient: Matrix<Scalar>, _ parameters: ParameterBlock<Scalar>,
        _ workspace: Workspace<Scalar>, _ batch: Int, into product: Matrix<Scalar>
    ) {
        let activation = activation(of: layer, in: workspace)
        guard activation != .identity, windows.keepsPreActivation[layer] else {
            if product.pointer != gradient.pointer { product.copy(from: gradient) }
            activation.applyBackward(product, activation: workspace.inner[layer].firstColumns(batch))
            return
        }
        let scratch = window(windows.scratch, gradient.rows, workspace, batch)
        var preActivation = linearOutput(of: layer, workspace, batch)
        if layer == 0 {
            preActivation = workspace.firstPreActivation.firstColumns(batch)
        } else if !norms.isEmpty {
            let moments = workspace.unitNumbers + norms[layer].momentsOffset
            Scalar.normalize(
                preActivation, by: norms[layer].rows(parameters, moments: moments), into: scratch)
            preActivation = scratch
        }
        activation.applyBackward(gradient, preActivation: preActivation, scratch: scratch, into: product)
    }

    /// The gradient with respect to normalised rows, in place, becomes that of the linear outputs.
    private func goBackThroughNorm(
        of layer: Int, _ gradient: Matrix<Scalar>, _ parameters: ParameterBlock<Scalar>,
        _ workspace: Workspace<Scalar>, _ batch: Int, _ gradients: ParameterBlock<Scalar>?
    ) {
        let norm = norms[layer]
        let moments = workspace.unitNumbers + norm.momentsOffset
        Scalar.normalizeBackward(
            gradient, of: linearOutput(of: layer, workspace, batch),
            by: norm.rows(parameters, moments: moments), momentsDepend: workspace.normalization != .running,
            scaleGradient: gradients.map { $0.buffer.pointer + norm.scaleOffset },
            shiftGradient: gradients.map { $0.buffer.pointer + norm.shiftOffset }, into: gradient)
    }

    private func window(
        _ index: Int, _ rows: Int, _ workspace: Workspace<Scalar>, _ batch: Int
    ) -> Matrix<Scalar> {
        workspace.inner[index].firstRows(rows).firstColumns(batch)
    }

    private func requireGradients(_ block: ParameterBlock<Scalar>) {
        precondition(
            block.count == layout.trainableCount,
            "\(block.count) gradients for a network of \(layout.trainableCount) trainable parameters")
    }
}

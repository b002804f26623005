import LinearAlgebra
import Networks
import Sweeps
import Testing

/// The way back of every network of the catalog, against central differences in double precision.
@Suite("Gradient contract")
struct GradientContractTests {
    /// The ways forward that a way back may follow.
    private func passes(of rig: Rig<Double>) -> [(Normalization, linearFrom: Int?)] {
        let middle = rig.network.hiddenLayers.count / 2
        let plain: [(Normalization, linearFrom: Int?)] = [(.running, nil), (.running, 0), (.running, middle)]
        return rig.network.hasBatchNorm ? plain + [(.batch, nil), (.batch, middle)] : plain
    }

    /// Truncation and rounding of a central difference with steps of 2⁻¹⁸ stay below this.
    private func isClose(_ difference: Double, _ gradient: Double, _ scale: Double) -> Bool {
        abs(difference - gradient) <= 1e-7 * (scale + abs(gradient))
    }

    @Test(
        "parameter gradients are the derivatives of the loss in every pass",
        arguments: ContractCase.all + ContractCase.large)
    func parameterGradients(of subject: ContractCase) throws {
        var rig = try Rig<Double>(subject)
        for pass in passes(of: rig) {
            (rig.normalization, rig.linearFrom) = pass
            let gradients = rig.gradients()
            let scale = rig.meanLoss()
            for index in rig.probedParameters(count: rig.parameters.count < 100_000 ? 60 : 12) {
                let difference = rig.difference(at: rig.parameters.buffer.pointer + index)
                let gradient = gradients.buffer.pointer[index]
                #expect(
                    isClose(difference, gradient, scale),
                    "\(subject), \(pass), parameter \(index): \(gradient) for \(difference)")
            }
        }
    }

    @Test("input gradients are the derivatives of the loss in every pass", arguments: ContractCase.all)
    func inputGradients(of subject: ContractCase) throws {
        var rig = try Rig<Double>(subject)
        for pass in passes(of: rig) {
            (rig.normalization, rig.linearFrom) = pass
            let scale = rig.meanLoss()
            _ = rig.gradients()
            let (input, gradient) = (rig.workspace.input, rig.workspace.inputGradient)
            for row in stride(from: 0, to: input.rows, by: 3) {
                for column in 0..<rig.batch {
                    let expected = gradient[row, column]
                    let difference = rig.difference(at: input.pointer + row * input.stride + column)
                    #expect(isClose(difference, expected, scale), "\(subject), \(pass), input \(row)")
                }
            }
        }
    }

    @Test("a training pass goes back like one with the batch's statistics", arguments: ContractCase.all)
    func trainingPass(of subject: ContractCase) throws {
        var rig = try Rig<Double>(subject)
        rig.normalization = .batch
        let expected = rig.gradients().buffer.array
        rig.normalization = .training
        let found = rig.gradients().buffer.array
        #expect(found == expected)
    }

    @Test("one forward pass serves several backward passes", arguments: ContractCase.all)
    func repeatedBackward(of subject: ContractCase) throws {
        var rig = try Rig<Double>(subject)
        for normalization in [Normalization.running, .batch] {
            rig.normalization = normalization
            let first = rig.gradients().buffer.array
            let again = ParameterBlock<Double>(rig.network.layout.trainable)
            rig.backward(again)
            #expect(again.buffer.array == first, "\(normalization)")
        }
    }

    @Test(
        "the loss changes along an input direction as observed gradients say, at every layer",
        arguments: ContractCase.all.filter { !$0.hasSkips })
    func observedGradients(of subject: ContractCase) throws {
        var rig = try Rig<Double>(subject)
        for pass in passes(of: rig) {
            (rig.normalization, rig.linearFrom) = pass
            rig.forward()
            let observed = rig.observedGradients()
            #expect(observed.map(\.layer) == rig.network.hiddenLayers.indices.reversed())
            let scale = rig.meanLoss()
            let place = rig.workspace.input.pointer + 4 * rig.workspace.input.stride + 1
            let step = 0x1p-18
            let old = place.pointee
            place.pointee = old + step
            let (above, lossAbove) = (rig.preActivations(), rig.meanLoss())
            place.pointee = old - step
            let (below, lossBelow) = (rig.preActivations(), rig.meanLoss())
            place.pointee = old
            let difference = (lossAbove - lossBelow) / (2 * step)
            for (layer, gradient) in observed {
                let changes = zip(above[layer], below[layer]).map { ($0 - $1) / (2 * step) }
                #expect(gradient.count == changes.count)
                let product = zip(gradient, changes).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(isClose(difference, product, scale), "\(subject), \(pass), layer \(layer)")
            }
        }
    }

    @Test(
        "observed gradients are the derivatives of the loss by each pre-activation",
        arguments: ContractCase.all.filter(\.isPerceptron))
    func perceptronGradients(of subject: ContractCase) throws {
        var rig = try Rig<Double>(subject)
        for pass in passes(of: rig) {
            (rig.normalization, rig.linearFrom) = pass
            rig.forward()
            let scale = rig.meanLoss()
            for (layer, gradient) in rig.observedGradients() {
                for row in stride(from: 0, to: rig.network.hiddenLayers[layer].unitCount, by: 97) {
                    let difference = rig.difference(atLayer: layer, row: row, column: 2)
                    let expected = gradient[row * rig.batch + 2]
                    #expect(isClose(difference, expected, scale), "\(subject), \(pass), unit \(layer).\(row)")
                }
            }
        }
    }
}

extension Rig {
    /// The gradient with respect to each hidden layer's pre-activations, row by row, in the order of the way back.
    func observedGradients() -> [(layer: Int, gradient: [Scalar])] {
        var observed: [(layer: Int, gradient: [Scalar])] = []
        loss.gradient(
            workspace.logits.firstColumns(batch), labels: labels.pointer, scale: 1 / Scalar(batch),
            into: workspace.logitGradient.firstColumns(batch))
        network.backward(
            parameters, workspace, batch: batch, gradients: nil, needsInputGradient: false,
            observe: { observed.append(($0, $1.elements)) })
        return observed
    }

    /// The pre-activations of every hidden layer, row by row.
    func preActivations() -> [[Scalar]] {
        var seen: [[Scalar]] = []
        forward(observer: .preActivations { seen.append($1.elements) })
        return seen
    }

    /// The central difference of the mean loss at one pre-activation, moved while the pass goes by.
    ///
    /// Networks that show their own windows, and not copies, are moved by what is written there.
    func difference(atLayer layer: Int, row: Int, column: Int) -> Double {
        func meanLoss(moved step: Scalar) -> Double {
            forward(observer: .preActivations { if $0 == layer { $1[row, column] += step } })
            let values = Buffer<Scalar>(count: batch)
            loss.values(workspace.logits.firstColumns(batch), labels: labels.pointer, into: values.pointer)
            return Scalar.sum(values.pointer, count: batch) / Double(batch)
        }
        let step = Scalar(0x1p-18)
        return (meanLoss(moved: step) - meanLoss(moved: -step)) / Double(2 * step)
    }
}

extension Matrix {
    /// Row by row.
    var elements: [Scalar] { (0..<rows).flatMap { row in (0..<columns).map { self[row, $0] } } }
}

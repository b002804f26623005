import LinearAlgebra
import Networks
import Sweeps
import Testing

/// What every network of the catalog promises about the kinds of pass: signals, statistics, linear tails.
@Suite("Pass contract")
struct PassContractTests {
    @Test("both signals of every layer come in order and in their shapes", arguments: ContractCase.all)
    func signals(of subject: ContractCase) throws {
        let rig = try Rig<Float>(subject)
        rig.forward()
        let logits = rig.workspace.logits.firstColumns(rig.batch).elements
        var seen: [(signal: LayerSignal, layer: Int, rows: Int, columns: Int)] = []
        let observer = LayerObserver<Float>(Set(LayerSignal.allCases)) { signal, layer, window in
            seen.append((signal, layer, window.rows, window.columns))
        }
        rig.forward(observer: observer)
        #expect(rig.workspace.logits.firstColumns(rig.batch).elements == logits, "\(subject)")
        let layers = rig.network.hiddenLayers
        #expect(seen.map(\.layer) == layers.indices.flatMap { [$0, $0] })
        #expect(seen.map(\.signal) == layers.flatMap { _ in [.preActivation, .activation] })
        #expect(seen.map(\.rows) == layers.flatMap { [$0.unitCount, $0.activationCount] })
        #expect(seen.allSatisfy { $0.columns == rig.batch })
    }

    @Test("an observer sees only the signals it asked for", arguments: ContractCase.all)
    func chosenSignals(of subject: ContractCase) throws {
        let rig = try Rig<Float>(subject)
        for wanted in LayerSignal.allCases {
            var seen: [LayerSignal] = []
            rig.forward(observer: LayerObserver([wanted]) { signal, _, _ in seen.append(signal) })
            #expect(seen == rig.network.hiddenLayers.map { _ in wanted }, "\(subject)")
        }
    }

    @Test("linear from the first layer on is the network without activations", arguments: ContractCase.all)
    func linearNetwork(of subject: ContractCase) throws {
        guard subject.isPerceptron, subject.model["activation"] != nil else { return }
        var rig = try Rig<Double>(subject)
        rig.linearFrom = 0
        var model = subject.model
        model["activation"] = "identity"
        let linear = try Rig<Double>(ContractCase(model: model, loss: subject.loss, description: ""))
        for normalization in rig.network.hasBatchNorm ? [Normalization.running, .batch] : [.running] {
            rig.normalization = normalization
            rig.forward()
            linear.network.forward(
                rig.parameters, linear.workspace, batch: rig.batch,
                pass: ForwardPass(normalization: normalization))
            let (found, expected) = (rig.workspace.logits, linear.workspace.logits)
            let difference = largestDifference(
                found.firstColumns(rig.batch).elements, expected.firstColumns(rig.batch).elements)
            #expect(difference <= 1e-13, "\(subject), \(normalization)")
        }
    }

    @Test("linear from the first layer on is an affine map of the input", arguments: ContractCase.all)
    func affineNetwork(of subject: ContractCase) throws {
        // The greatest of a window is no linear function.
        guard subject.model["family"] != "convnet" else { return }
        var rig = try Rig<Double>(subject)
        rig.linearFrom = 0
        let input = rig.workspace.input
        for row in 0..<input.rows { input[row, 2] = (input[row, 0] + input[row, 1]) / 2 }
        rig.forward()
        let (a, b) = (rig.column(0, of: rig.workspace.logits), rig.column(1, of: rig.workspace.logits))
        let middle = zip(a, b).map { ($0 + $1) / 2 }
        let found = rig.column(2, of: rig.workspace.logits)
        // Logits of deep linear networks are large: relative to the largest.
        let scale = max(1, (a + b).lazy.map(abs).max() ?? 0)
        #expect(largestDifference(found, middle) <= 1e-13 * scale, "\(subject)")
    }

    @Test("linear from behind the last layer on is the network itself", arguments: ContractCase.all)
    func exactNetwork(of subject: ContractCase) throws {
        var rig = try Rig<Float>(subject)
        rig.forward()
        let expected = rig.workspace.logits.firstColumns(rig.batch).elements
        rig.linearFrom = rig.network.hiddenLayers.count
        rig.forward()
        #expect(rig.workspace.logits.firstColumns(rig.batch).elements == expected, "\(subject)")
    }

    @Test("layers before the linear ones are as ever", arguments: ContractCase.all)
    func layersBefore(of subject: ContractCase) throws {
        var rig = try Rig<Float>(subject)
        let expected = rig.preActivations()
        for start in rig.network.hiddenLayers.indices {
            rig.linearFrom = start
            let found = rig.preActivations()
            #expect(Array(found[...start]) == Array(expected[...start]), "\(subject)")
        }
    }

    @Test("only a training pass moves anything, and only what is not trained", arguments: ContractCase.all)
    func movedParameters(of subject: ContractCase) throws {
        var rig = try Rig<Float>(subject)
        let before = rig.parameters.buffer.array
        for normalization in [Normalization.running, .batch] {
            rig.normalization = normalization
            _ = rig.gradients()
            #expect(rig.parameters.buffer.array == before, "\(subject), \(normalization)")
        }
        rig.normalization = .training
        _ = rig.gradients()
        let after = rig.parameters.buffer.array
        let trainable = rig.network.layout.trainableCount
        #expect(after[..<trainable] == before[..<trainable], "\(subject)")
        let moved = zip(after, before).count { $0 != $1 }
        #expect(moved == before.count - trainable, "\(subject)")
    }

    @Test("what is not trained are running moments, one pair a normalisation", arguments: ContractCase.all)
    func layoutTail(of subject: ContractCase) throws {
        let layout = try Rig<Float>(subject).network.layout
        let tail = layout.windows.filter { $0.offset >= layout.trainableCount }
        #expect(tail.allSatisfy { $0.name.hasSuffix(".running_mean") || $0.name.hasSuffix(".running_var") })
        for window in tail {
            // PyTorch's module holds its scale under the same name.
            let parent = window.name.split(separator: ".").dropLast().joined(separator: ".")
            let scale = layout.windows.first { $0.name == parent + ".weight" }
            #expect(scale?.shape == window.shape, "\(window.name)")
        }
        #expect(layout.trainable.count == layout.trainableCount)
    }
}

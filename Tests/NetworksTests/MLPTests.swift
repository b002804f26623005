import Basics
import LinearAlgebra
import Networks
import Sweeps
import TestSupport
import Testing

@Suite("MLP")
struct MLPTests {
    private let digits = ImageShape(channels: 1, height: 8, width: 8)
    private let cifar = ImageShape(channels: 3, height: 32, width: 32)

    @Test(
        "Kubo's networks have the published sizes",
        arguments: [("mlp3", 3_676_682), ("mlp5", 9_184_266), ("mlp7", 14_430_218)])
    func presets(family: String, count: Int) throws {
        let network: any Network<Float> = try Catalog.makeNetwork(
            model: ["family": .text(family)], inputShape: cifar, classCount: 10)
        #expect(network.layout.count == count)
    }

    @Test("names, shapes and order of the parameters are PyTorch's")
    func layout() {
        let network = MLP<Float>(inputShape: digits, widths: [16, 12], classCount: 10)
        #expect(
            network.layout.windows.map(\.name) == [
                "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias", "layers.2.weight",
                "layers.2.bias",
            ])
        #expect(network.layout.windows.map(\.shape) == [[16, 64], [16], [12, 16], [12], [10, 12], [10]])
        #expect(network.hiddenLayers.map(\.unitCount) == [16, 12])
        #expect(network.forwardOperations == Double(2 * (64 * 16 + 16 * 12 + 12 * 10)))
    }

    @Test("the default scheme fills ±1/√fan-in evenly, biases included")
    func defaultScheme() {
        let network = MLP<Double>(inputShape: digits, widths: [400], classCount: 10)
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 1)
        for (window, fanIn) in zip(network.layout.windows, [64.0, 64, 400, 400]) {
            let values = (0..<window.count).map {
                parameters.buffer.pointer[window.offset + $0] * fanIn.squareRoot()
            }
            #expect(values.allSatisfy { abs($0) <= 1 })
            // Uniform on ±1: mean 0 and variance 1/3; six standard errors of the mean, and of the variance.
            let count = Double(values.count)
            let mean = values.reduce(0, +) / count
            let variance = values.reduce(0) { $0 + $1 * $1 } / count
            #expect(abs(mean) <= 6 * (1 / 3 / count).squareRoot(), "\(window.name)")
            #expect(abs(variance - 1.0 / 3) <= 6 * (4 / 45 / count).squareRoot(), "\(window.name)")
        }
    }

    @Test("the Kaiming scheme draws variance 2/fan-in and zero biases")
    func kaimingScheme() {
        let network = MLP<Double>(
            inputShape: digits, widths: [400], classCount: 10, initialization: Initialization(.kaimingNormal))
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 1)
        let (weights, biases) = (parameters.matrix(network.layout.windows[0]), network.layout.windows[1])
        let values = (0..<400).flatMap { row in (0..<64).map { weights[row, $0] } }
        let count = Double(values.count)
        let variance = values.reduce(0) { $0 + $1 * $1 } / count
        // The sample variance of n normal numbers has the relative standard error √(2/n).
        #expect(abs(variance * 32 - 1) <= 6 * (2 / count).squareRoot())
        #expect(abs(values.reduce(0, +) / count) <= 6 * (1 / 32 / count).squareRoot())
        #expect((0..<biases.count).allSatisfy { parameters.buffer.pointer[biases.offset + $0] == 0 })
    }

    @Test("α multiplies every parameter of the same draw")
    func scale() {
        for scheme in Initialization.Scheme.allCases {
            let blocks = [1.0, 8.0].map { scale in
                let network = MLP<Float>(
                    inputShape: digits, widths: [9], classCount: 3,
                    initialization: Initialization(scheme, scale: scale))
                let block = ParameterBlock<Float>(network.layout)
                network.initialize(block, seed: 2)
                return block.buffer.array
            }
            #expect(blocks[0].map { $0 * 8 } == blocks[1])
        }
    }

    @Test("a forward pass is what the formulas say, layer by layer")
    func naiveForward() {
        let network = MLP<Double>(inputShape: digits, widths: [5, 3], classCount: 4, activation: .tanh)
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 4)
        let workspace = network.makeWorkspace(batchMax: 2)
        for row in 0..<64 {
            for column in 0..<2 { workspace.input[row, column] = Double(row % 7 - column) / 7 }
        }
        network.forward(parameters, workspace, batch: 2)
        for column in 0..<2 {
            var signal = (0..<64).map { workspace.input[$0, column] }
            for layer in 0..<3 {
                let weights = parameters.matrix(network.layout.windows[2 * layer])
                let biases = parameters.matrix(network.layout.windows[2 * layer + 1])
                let sums = (0..<weights.rows).map { row in
                    (0..<weights.columns).reduce(biases[row, 0]) { $0 + weights[row, $1] * signal[$1] }
                }
                // tanh z = 1 − 2/(e²ᶻ + 1), from our own exponential.
                signal = layer == 2 ? sums : sums.map { 1 - 2 / (exponential(2 * $0) + 1) }
            }
            let logits = (0..<4).map { workspace.logits[$0, column] }
            #expect(largestDifference(logits, signal) <= 1e-14)
        }
    }

    private func exponential(_ x: Double) -> Double {
        (1...60).reversed().reduce(1) { 1 + x / Double($1) * $0 }
    }

    @Test(
        "running statistics of one batch become those of the batch, pass by pass",
        arguments: ContractCase.all.filter { $0.isPerceptron && $0.model["batch-norm"] == true })
    func runningStatistics(of subject: ContractCase) throws {
        var rig = try Rig<Double>(subject)
        rig.normalization = .batch
        rig.forward()
        let expected = rig.workspace.logits.firstColumns(rig.batch).elements
        rig.normalization = .training
        for _ in 0..<400 { rig.forward() }
        // The unbiased variance of 5 numbers is 5/4 of the biased one that the batch was divided by.
        for window in rig.network.layout.windows where window.name.hasSuffix("running_var") {
            for index in window.offset..<window.offset + window.count {
                rig.parameters.buffer.pointer[index] *= 4.0 / 5
            }
        }
        rig.normalization = .running
        rig.forward()
        let found = rig.workspace.logits.firstColumns(rig.batch).elements
        #expect(largestDifference(found, expected) <= 1e-9, "\(subject)")
    }

    @Test("normalised layers have no biases unless asked for, and trainable parameters come first")
    func normalizedLayout() {
        let network = MLP<Float>(inputShape: digits, widths: [16, 12], classCount: 10, isNormalized: true)
        #expect(
            network.layout.windows.map(\.name) == [
                "layers.0.weight", "layers.1.weight", "layers.2.weight", "layers.2.bias", "norms.0.weight",
                "norms.0.bias", "norms.1.weight", "norms.1.bias", "norms.0.running_mean",
                "norms.0.running_var", "norms.1.running_mean", "norms.1.running_var",
            ])
        #expect(network.layout.count - network.layout.trainableCount == 2 * (16 + 12))
        let biased = MLP<Float>(
            inputShape: digits, widths: [16, 12], classCount: 10, isNormalized: true, hasBiases: true)
        #expect(biased.layout.trainableCount == network.layout.trainableCount + 16 + 12)
        #expect(network.batchMin == 2)
    }

    @Test("α multiplies scales too, but no running moment")
    func scaledNorms() {
        let network = MLP<Float>(
            inputShape: digits, widths: [3], classCount: 2, isNormalized: true,
            initialization: Initialization(scale: 8))
        let block = ParameterBlock<Float>(network.layout)
        network.initialize(block, seed: 1)
        let values = Dictionary(
            uniqueKeysWithValues: network.layout.windows.map { ($0.name, block.matrix($0).elements) })
        #expect(values["norms.0.weight"] == [8, 8, 8])
        #expect(values["norms.0.bias"] == [0, 0, 0])
        #expect(values["norms.0.running_mean"] == [0, 0, 0])
        #expect(values["norms.0.running_var"] == [1, 1, 1])
    }

    @Test("the third, fifth … hidden layer adds the signal from two layers before")
    func skips() throws {
        let network = MLP<Double>(
            inputShape: digits, widths: [4, 4, 4, 4, 4, 4], classCount: 3, activation: .tanh, isResidual: true
        )
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 3)
        let workspace = network.makeWorkspace(batchMax: 1)
        for row in 0..<64 { workspace.input[row, 0] = Double(row % 5) / 5 }
        var (before, after) = ([[Double]](), [[Double]]())
        let observer = LayerObserver<Double>([.preActivation, .activation]) { signal, _, window in
            if signal == .preActivation {
                before.append(window.elements)
            } else {
                after.append(window.elements)
            }
        }
        network.forward(parameters, workspace, batch: 1, pass: ForwardPass(observer: observer))
        for layer in 0..<6 {
            let skipped = layer >= 2 && layer % 2 == 0 ? after[layer - 2] : [0, 0, 0, 0]
            let expected = zip(before[layer], skipped).map { tangent($0) + $1 }
            #expect(largestDifference(after[layer], expected) <= 1e-14, "layer \(layer)")
        }
    }

    private func tangent(_ x: Double) -> Double { 1 - 2 / (exponential(2 * x) + 1) }

    @Test("a hundred layers of 2048 units can be laid out, with skips and normalisation")
    func deepest() throws {
        let network: any Network<Float> = try Catalog.makeNetwork(
            model: ["family": "mlp", "width": 2048, "depth": 100, "batch-norm": true, "residual": true],
            inputShape: digits, classCount: 10)
        #expect(network.layout.trainableCount == 64 * 2048 + 99 * 2048 * 2048 + 2048 * 10 + 10 + 200 * 2048)
    }

    @Test("a network without hidden layers, or with an empty one, traps")
    func impossibleSizes() async {
        await #expect(processExitsWith: .failure) {
            _ = MLP<Float>(
                inputShape: ImageShape(channels: 1, height: 2, width: 2), widths: [], classCount: 2)
        }
        await #expect(processExitsWith: .failure) {
            _ = MLP<Float>(
                inputShape: ImageShape(channels: 1, height: 2, width: 2), widths: [0], classCount: 2)
        }
    }
}

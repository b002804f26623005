import Basics
import LinearAlgebra
import Networks
import Sweeps
import Testing

@Suite("Networks on images")
struct ImageNetworkTests {
    private let cifar = ImageShape(channels: 3, height: 32, width: 32)

    private func make(_ model: Setting, _ shape: ImageShape? = nil) throws -> any Network<Float> {
        try Catalog.makeNetwork(model: model, inputShape: shape ?? cifar, classCount: 10)
    }

    @Test(
        "trainable parameters are as many as published",
        arguments: [
            (["family": "convnet", "width": 1], 510),
            (["family": "convnet", "width": 15], 86_890),
            (["family": "convnet", "width": 64], 1_556_106),
            (["family": "convnet", "width": 64, "batch-norm": true], 1_558_026),
            (["family": "resnet18", "width": 16], 699_066),
            (["family": "resnet18", "width": 16, "batch-norm": true], 700_762),
            (["family": "resnet18", "width": 64], 11_164_362),
            (["family": "resnet18", "width": 64, "batch-norm": true], 11_171_146),
        ] as [(Setting, Int)])
    func parameterCounts(model: Setting, count: Int) throws {
        #expect(try make(model).layout.trainableCount == count)
    }

    @Test("tensors bear PyTorch's names, statistics last")
    func names() throws {
        let convnet = try make(["family": "convnet", "width": 1, "batch-norm": true]).layout.windows.map(
            \.name)
        #expect(convnet.prefix(4) == ["convs.0.weight", "convs.0.bias", "norms.0.weight", "norms.0.bias"])
        #expect(convnet.suffix(2) == ["norms.3.running_mean", "norms.3.running_var"])
        #expect(convnet.contains("head.weight") && convnet.contains("head.bias"))
        let resnet = try make(["family": "resnet18", "width": 1, "batch-norm": true]).layout.windows.map(
            \.name)
        for name in [
            "conv1.weight", "layer1.0.bn1.weight", "layer2.0.shortcut.weight", "layer4.1.conv2.weight",
            "layer4.1.bn2.running_var", "linear.weight", "linear.bias",
        ] {
            #expect(resnet.contains(name), "\(name)")
        }
        #expect(!resnet.contains("layer1.0.shortcut.weight"))
    }

    @Test("hidden layers are the inputs of the ReLUs: 4 of a ConvNet, 16 of a ResNet18")
    func hiddenLayers() throws {
        let convnet = try make(["family": "convnet", "width": 2]).hiddenLayers
        #expect(convnet.map(\.unitCount) == [2 * 1024, 4 * 1024, 8 * 256, 16 * 64])
        #expect(convnet.map(\.activationCount) == [2 * 1024, 4 * 256, 8 * 64, 16])
        let resnet = try make(["family": "resnet18", "width": 2]).hiddenLayers
        #expect(resnet.count == 16)
        #expect(resnet.map(\.name).prefix(3) == ["layer1.0.bn1", "layer1.0.bn2", "layer1.1.bn1"])
        #expect(resnet.last?.unitCount == 16 * 16)
    }

    @Test("images of 28 × 28 and 8 × 8 go through every family")
    func otherShapes() throws {
        for family in ["convnet", "cnn", "resnet18"] {
            for side in [8, 28] {
                let shape = ImageShape(channels: 1, height: side, width: side)
                let network = try make(["family": .text(family), "width": 1], shape)
                let workspace = network.makeWorkspace(batchMax: 3)
                let parameters = ParameterBlock<Float>(network.layout)
                network.initialize(parameters, seed: 1)
                network.forward(parameters, workspace, batch: 3)
                let isFinite = (0..<3).allSatisfy { workspace.logits[0, $0].isFinite }
                #expect(isFinite, "\(family), \(side)")
            }
        }
    }

    @Test("a ConvNet refuses images that cannot be halved three times, naming the key")
    func refusals() {
        let error = #expect(throws: NetworkError.self) {
            try make(["family": "convnet"], ImageShape(channels: 1, height: 7, width: 9))
        }
        #expect(
            error?.description
                == "model.family: convnet cannot be: images of 7 × 9 pixels cannot be halved three times; "
                + "take images of at least 8 × 8, or family cnn")
    }

    @Test("fixup begins with branches and logits of zero")
    func fixup() throws {
        let network = try make(["family": "resnet18", "width": 2, "variant": "fixup"])
        let parameters = ParameterBlock<Float>(network.layout)
        network.initialize(parameters, seed: 3)
        for window in network.layout.windows {
            let isZero = (0..<window.count).allSatisfy { parameters.buffer.pointer[window.offset + $0] == 0 }
            let isExpected = window.name.hasSuffix("conv2.weight") || window.name.hasPrefix("linear")
            #expect(isZero == isExpected, "\(window.name)")
        }
    }

    @Test("the size of the batch a column stands in does not change its bits", arguments: [1, 7, 16, 100])
    func batchSizes(batch: Int) throws {
        let shape = ImageShape(channels: 2, height: 8, width: 8)
        let network = try make(["family": "resnet18", "width": 3], shape)
        let parameters = ParameterBlock<Float>(network.layout)
        network.initialize(parameters, seed: 4)
        let (one, many) = (network.makeWorkspace(batchMax: 1), network.makeWorkspace(batchMax: 128))
        var generator = SeededGenerator(seed: 1, stream: "batch sizes")
        for row in 0..<many.input.rows {
            for column in 0..<128 { many.input[row, column] = Float(generator.uniform(-1, 1)) }
            one.input[row, 0] = many.input[row, batch - 1]
        }
        network.forward(parameters, one, batch: 1)
        network.forward(parameters, many, batch: batch)
        // The head is one product, whose order BLAS chooses by the number of columns.
        for row in 0..<10 {
            let (a, b) = (one.logits[row, 0], many.logits[row, batch - 1])
            #expect(abs(a - b) <= 1e-6 * max(1, abs(a)), "logit \(row)")
        }
    }
}

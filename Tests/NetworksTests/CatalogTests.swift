import Networks
import Sweeps
import Testing

@Suite("Catalog of networks")
struct CatalogTests {
    private let shape = ImageShape(channels: 1, height: 8, width: 8)

    private func message(_ model: Setting) -> String {
        do {
            let network: any Network<Float> = try Catalog.makeNetwork(
                model: model, inputShape: shape, classCount: 10)
            return "made \(network.hiddenLayers.map(\.unitCount))"
        } catch {
            return error.description
        }
    }

    @Test("a network is made from a resolved section")
    func resolvedSection() {
        let model: Setting = [
            "family": "mlp", "width": 12, "depth": 3, "activation": "tanh", "batch-norm": false,
            "residual": false, "init": ["scheme": "kaiming-normal", "scale": 2],
        ]
        #expect(message(model) == "made [12, 12, 12]")
        #expect(message(["family": "mlp-widths", "widths": [3, 9]]) == "made [3, 9]")
        #expect(message(["family": "mlp-widths", "widths": [.number(3)]]) == "made [3]")
    }

    @Test(
        "what is unknown, planned or impossible is refused with the key and what to do",
        arguments: [
            (
                ["family": "mpl"],
                "model.family: there is no 'mpl'; choose one of mlp, mlp-widths, mlp3, mlp5, mlp7, convnet, cnn, resnet18"
            ),
            (
                ["family": "convnet", "residual": true],
                "model.residual: true cannot be: convnet has no skip connections; take family resnet18, or false"
            ),
            (["family": "convnet", "depth": 5], "model.depth: 5 is outside 4...4"),
            (
                ["family": "cnn", "activation": "tanh"],
                "model.activation: there is no 'tanh'; choose one of relu"
            ),
            (
                ["family": "resnet18", "variant": "wide"],
                "model.variant: there is no 'wide'; choose one of preactivation, postactivation, fixup"
            ),
            (["batch-norm": "yes"], "model.batch-norm: \"yes\" should be true or false"),
            (["bias": 1], "model.bias: 1 should be true or false"),
            (
                ["family": "mlp7", "residual": true],
                "model.residual: true cannot be: hidden layer 3 has 1024 units and layer 1, which it would add, 2048; "
                    + "give every second layer one width, or take false"
            ),
            (
                ["activation": "rleu"],
                "model.activation: there is no 'rleu'; choose one of relu, tanh, identity, gelu, leaky-relu"
            ),
            (["width": 0], "model.width: 0 is outside 1...2048"),
            (["width": "wide"], "model.width: \"wide\" should be a whole number"),
            (["depth": 101], "model.depth: 101 is outside 1...100"),
            (
                ["family": "mlp-widths", "widths": [8, 0]],
                "model.widths: [8,0] should be a list of whole numbers in 1...2048"
            ),
            (
                ["family": "mlp-widths", "widths": [8, 1.5]],
                "model.widths: [8,1.5] should be a list of whole numbers in 1...2048"
            ),
            (
                ["init": ["scheme": "fixup"]],
                "model.init.scheme: there is no 'fixup'; choose one of default, kaiming-normal"
            ),
            (["init": ["scale": -1]], "model.init.scale: -1.0 is outside 0...1000"),
        ] as [(Setting, String)])
    func refusals(model: Setting, text: String) {
        #expect(message(model) == text)
        let error = #expect(throws: NetworkError.self) { try Catalog.check(model: model) }
        #expect(error?.description == text)
    }

    @Test("every loss of the catalog can be made, and no other")
    func losses() throws {
        for entry in Catalog.losses {
            let loss: any Loss<Float> = try Catalog.makeLoss(named: entry.name)
            _ = loss
        }
        let error = #expect(throws: NetworkError.self) {
            let loss: any Loss<Float> = try Catalog.makeLoss(named: "hinge")
            _ = loss
        }
        #expect(error?.description == "training.loss: there is no 'hinge'; choose one of cross-entropy, mse")
    }

    @Test("every built family is made from its defaults, and every planned one is refused")
    func families() {
        for family in Catalog.families {
            var model: Setting = ["family": .text(family.name)]
            // An option without a default must be given: the list of widths.
            for option in family.options { model[option.key] = option.standard ?? [7] }
            #expect(message(model).hasPrefix("made") == family.isBuilt, "\(family.name)")
        }
    }

    @Test("the catalog lists exactly the initialisations that can be drawn")
    func initializations() {
        #expect(Catalog.initializations.map(\.name) == Initialization.Scheme.allCases.map(\.rawValue))
    }
}

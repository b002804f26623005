import Basics
import LinearAlgebra
import Networks
import Sweeps

/// One combination of the catalog: a resolved `model` section with a loss.
struct ContractCase: Sendable, CustomStringConvertible {
    let model: Setting
    let loss: String
    let description: String

    /// Whether signals pass some layers by: then no single layer carries all that reaches the logits.
    var hasSkips: Bool {
        model["residual"] == true || (model["family"]?.asText ?? "").hasPrefix("resnet")
    }

    /// Whether it is made of linear layers alone.
    var isPerceptron: Bool { (model["family"]?.asText ?? "").hasPrefix("mlp") }

    /// Small images; those for convolutions are large enough to be halved three times, once not evenly.
    var inputShape: ImageShape {
        isPerceptron
            ? ImageShape(channels: 1, height: 3, width: 4) : ImageShape(channels: 2, height: 8, width: 10)
    }

    /// Small sizes of the families that have any; a family that is not here stands as its defaults make it.
    private static let sizes: [String: [[String: Setting]]] = [
        "mlp": [["width": 1, "depth": 1], ["width": 9, "depth": 3]],
        "mlp-widths": [["widths": [5, 17, 3]]],
        "convnet": [["width": 1], ["width": 3]],
        "cnn": [["width": 3, "depth": 3]],
        "resnet18": [["width": 2]],
    ]

    /// What else a family of such sizes may be, with every activation but on one loss.
    private static let variants: [String: [[String: Setting]]] = [
        "mlp": [
            ["width": 7, "depth": 2, "batch-norm": true],
            ["width": 7, "depth": 2, "batch-norm": true, "bias": true],
            ["width": 6, "depth": 5, "residual": true],
            ["width": 6, "depth": 4, "residual": true, "batch-norm": true],
        ],
        "mlp-widths": [["widths": [5, 8, 5, 2, 5], "residual": true], ["widths": [4, 3], "bias": false]],
        "convnet": [["width": 2, "batch-norm": true]],
        "cnn": [["width": 2, "depth": 4, "batch-norm": true], ["width": 5, "depth": 1]],
        "resnet18": [
            ["width": 2, "batch-norm": true], ["width": 1, "variant": "postactivation"],
            ["width": 2, "variant": "postactivation", "batch-norm": true],
        ],
    ]

    /// Every built family with every activation and every loss, and its variants.
    ///
    /// A family of fixed, large widths takes its default activation and one loss: its layers are those of the others.
    static let all: [ContractCase] = Catalog.families.filter(\.isBuilt).flatMap { family in
        let sizes = sizes[family.name]
        let losses = sizes == nil ? [Catalog.losses[0]] : Catalog.losses
        let plain = (sizes ?? [[:]]).flatMap {
            cases(family, options: $0, losses: losses, isFixed: sizes == nil)
        }
        let varied = (variants[family.name] ?? []).flatMap {
            cases(family, options: $0, losses: [Catalog.losses[0]], isFixed: false)
        }
        return plain + varied
    }

    /// Networks so large that gradients of different shapes take each other's places.
    ///
    /// Too large for differences at every input: of so many units some change sides on the way.
    static let large: [ContractCase] = [
        ("convnet", ["width": 48]), ("convnet", ["width": 48, "batch-norm": true]),
        ("resnet18", ["width": 32, "batch-norm": true]),
    ].flatMap { name, options in
        Catalog.families.filter { $0.name == name }.flatMap {
            cases($0, options: options, losses: [Catalog.losses[0]], isFixed: true)
        }
    }

    private static func cases(
        _ family: CatalogEntry, options: [String: Setting], losses: [CatalogEntry], isFixed: Bool
    ) -> [ContractCase] {
        var activations: [String?] = [nil]
        for option in family.options where option.key == "activation" {
            if case .choice(let names) = option.kind { activations = isFixed ? ["relu"] : names }
        }
        return activations.flatMap { activation in
            losses.map { loss in
                var model: Setting = ["family": .text(family.name)]
                model["activation"] = activation.map(Setting.text)
                for (key, value) in options { model[key] = value }
                let description = "\(model.canonicalText) with \(loss.name)"
                return ContractCase(model: model, loss: loss.name, description: description)
            }
        }
    }
}

/// A network of a case with parameters, a batch of random inputs and labels, ready to run.
struct Rig<Scalar: Real> {
    static var seed: UInt64 { 11 }
    let network: any Network<Scalar>
    let loss: any Loss<Scalar>
    let parameters: ParameterBlock<Scalar>
    let workspace: Workspace<Scalar>
    let labels: Buffer<Int32>
    let batch = 5
    /// How ``forward()`` goes.
    var normalization = Normalization.running
    var linearFrom: Int?

    /// Where `isStirred`, what starts out as ones and zeros is moved away from them: scales, shifts and moments.
    init(_ subject: ContractCase, isStirred: Bool = true) throws {
        network = try Catalog.makeNetwork(
            model: subject.model, inputShape: subject.inputShape, classCount: 4)
        loss = try Catalog.makeLoss(named: subject.loss)
        parameters = ParameterBlock(network.layout)
        network.initialize(parameters, seed: Self.seed)
        workspace = network.makeWorkspace(batchMax: batch + 2)
        labels = Buffer(count: batch)
        var generator = SeededGenerator(seed: 5, stream: "contract inputs")
        for row in 0..<workspace.input.rows {
            for column in 0..<batch { workspace.input[row, column] = Scalar(generator.uniform(-1, 1)) }
        }
        for index in 0..<batch { labels.pointer[index] = Int32(generator.index(below: network.classCount)) }
        if isStirred { stir() }
    }

    private func stir() {
        var generator = SeededGenerator(seed: 6, stream: "stirred parameters")
        for window in network.layout.windows where window.shape.count == 1 {
            let isVariance = window.name.hasSuffix("running_var")
            for index in window.offset..<window.offset + window.count {
                let change = isVariance ? generator.uniform(-0.4, 1) : generator.uniform(-0.3, 0.3)
                parameters.buffer.pointer[index] += Scalar(change)
            }
        }
    }

    func forward(observer: LayerObserver<Scalar>? = nil) {
        network.forward(
            parameters, workspace, batch: batch,
            pass: ForwardPass(normalization: normalization, linearFrom: linearFrom, observer: observer))
    }

    func backward(_ gradients: ParameterBlock<Scalar>?) {
        loss.gradient(
            workspace.logits.firstColumns(batch), labels: labels.pointer, scale: 1 / Scalar(batch),
            into: workspace.logitGradient.firstColumns(batch))
        network.backward(parameters, workspace, batch: batch, gradients: gradients, needsInputGradient: true)
    }

    /// The gradients of the mean loss after a whole step of passes.
    func gradients() -> ParameterBlock<Scalar> {
        let gradients = ParameterBlock<Scalar>(network.layout.trainable)
        forward()
        backward(gradients)
        return gradients
    }

    func meanLoss() -> Double {
        forward()
        let values = Buffer<Scalar>(count: batch)
        loss.values(workspace.logits.firstColumns(batch), labels: labels.pointer, into: values.pointer)
        return Scalar.sum(values.pointer, count: batch) / Double(batch)
    }

    /// The central difference of the mean loss at one number.
    func difference(at place: UnsafeMutablePointer<Scalar>) -> Double {
        let step = Scalar(0x1p-18)
        let old = place.pointee
        defer { place.pointee = old }
        place.pointee = old + step
        let above = meanLoss()
        place.pointee = old - step
        return (above - meanLoss()) / Double(2 * step)
    }

    /// Indices of trainable parameters spread over the block: all of them where there are few.
    func probedParameters(count: Int) -> some Sequence<Int> {
        stride(from: 0, to: network.layout.trainableCount, by: max(1, network.layout.trainableCount / count))
    }

    func column(_ index: Int, of matrix: Matrix<Scalar>) -> [Scalar] {
        (0..<matrix.rows).map { matrix[$0, index] }
    }
}

/// The largest distance between elements at the same place; NaN where one is NaN.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        return difference > largest || difference.isNaN ? difference : largest
    }
}

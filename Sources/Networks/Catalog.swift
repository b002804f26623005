public import LinearAlgebra
public import Sweeps

/// The model families, losses and initialisations that a sweep file may name.
public enum Catalog {
    /// Values of `model.family`.
    public static let families: [CatalogEntry] = [
        CatalogEntry(
            "mlp", "Multi-layer perceptron whose hidden layers all have one width.",
            options: [width, depth] + shared),
        CatalogEntry(
            "mlp-widths", "Multi-layer perceptron with a width of its own for each hidden layer.",
            options: [widths] + shared),
        CatalogEntry("mlp3", "Kubo's MLP3: hidden layers of 1024 and 512 units.", options: shared),
        CatalogEntry("mlp5", "Kubo's MLP5: hidden layers of 2048, 1024, 512 and 512 units.", options: shared),
        CatalogEntry(
            "mlp7", "Kubo's MLP7: hidden layers of 2048, 2048, 1024, 1024, 512 and 512 units.",
            options: shared),
        CatalogEntry(
            "convnet", "Nakkiran's five-layer ConvNet with channels w, 2w, 4w, 8w.", options: convnetOptions),
        CatalogEntry(
            "cnn", "Humayun's strided network with channels w, w, 2w, 2w, 4w, 4w, ….", options: cnnOptions),
        CatalogEntry("resnet18", "ResNet18 with channels w, 2w, 4w, 8w.", options: resnetOptions),
    ]

    /// Values of `training.loss`.
    public static let losses: [CatalogEntry] = [
        CatalogEntry("cross-entropy", "Softmax cross-entropy of the logits, in nats."),
        CatalogEntry("mse", "Squared distance from the one-hot label, averaged over batch and classes."),
    ]

    /// Values of `model.init.scheme`.
    public static let initializations: [CatalogEntry] = [
        CatalogEntry("default", "PyTorch's: weights and biases uniform between ±1/√fan-in."),
        CatalogEntry("kaiming-normal", "He et al. 2015: weights normal with variance 2/fan-in, biases 0."),
    ]

    static let width = Option(
        "width", .integer(1...2048), standard: 64, unit: "units", "Units of every hidden layer.")
    static let depth = Option(
        "depth", .integer(1...100), standard: 1, unit: "layers", "Hidden layers.")
    private static let widths = Option(
        "widths", .numbers(1...2048), unit: "units", "Units of each hidden layer, first to last.")

    /// What every family built from linear layers takes.
    private static let shared = [
        Option(
            "activation", .choice(Activation.allCases.map(\.rawValue)), standard: "relu",
            "The function between layers."),
        Option("batch-norm", .boolean, standard: false, "Batch normalisation before each activation."),
        Option(
            "residual", .boolean, standard: false,
            "The third, fifth … hidden layer adds the signal from two layers before; these need equal widths."
        ),
        Option(
            "bias", .boolean, standard: .null,
            "Biases of hidden layers; by default where there is no batch normalisation. Logits always have them."
        ),
    ]

    /// The keys of `model.init`, the same for every family.
    public static let initializationOptions = [
        Option(
            "scheme", .choice(initializations.map(\.name)), standard: "default",
            "How initial weights are drawn."),
        Option("scale", .number(0...1000), standard: 1, "Multiplies every initial parameter (α)."),
    ]

    /// Hidden widths of the families that have no size options: Kubo's three networks.
    static let presets: [String: [Int]] = [
        "mlp3": [1024, 512],
        "mlp5": [2048, 1024, 512, 512],
        "mlp7": [2048, 2048, 1024, 1024, 512, 512],
    ]
}

// MARK: Factories

extension Catalog {
    /// The network that a resolved `model` section describes.
    ///
    /// - Parameters:
    ///   - model: The section with its defaults filled in: `family`, its options and `init`.
    ///   - inputShape: The shape of one input.
    ///   - classCount: K, the number of logits.
    /// - Returns: The network in the precision that the call asks for.
    /// - Throws: ``NetworkError`` that names the key whose value is unknown, out of range or not built yet.
    public static func makeNetwork<Scalar: Real>(
        model: Setting, inputShape: ImageShape, classCount: Int
    ) throws(NetworkError) -> any Network<Scalar> {
        let section = ModelSection(model)
        let family = try section.builtFamily()
        if let options = imageFamilies[family] {
            let network: ImageNetwork<Scalar> = try section.imageNetwork(
                of: family, options: options, inputShape: inputShape, classCount: classCount)
            return network
        }
        return MLP<Scalar>(
            inputShape: inputShape, widths: try section.hiddenWidths(of: family), classCount: classCount,
            activation: try section.activation(), isNormalized: try section.boolean("batch-norm") ?? false,
            isResidual: try section.boolean("residual") ?? false, hasBiases: try section.boolean("bias"),
            initialization: try section.initialization())
    }

    /// Refuses what ``makeNetwork(model:inputShape:classCount:)`` would refuse, before any data set is known.
    ///
    /// - Throws: ``NetworkError`` that names the key whose value is unknown, out of range or not built yet.
    public static func check(model: Setting) throws(NetworkError) {
        let section = ModelSection(model)
        let family = try section.builtFamily()
        if let options = imageFamilies[family] {
            _ = try section.imageModel(of: family, options: options)
            return
        }
        _ = try section.hiddenWidths(of: family)
        _ = try section.activation()
        for key in ["batch-norm", "bias"] { _ = try section.boolean(key) }
        _ = try section.initialization()
    }

    /// The loss that `training.loss` names, in the precision that the call asks for.
    ///
    /// - Throws: ``NetworkError`` where there is no such loss.
    public static func makeLoss<Scalar: Real>(
        named name: String
    ) throws(NetworkError) -> any Loss<Scalar> {
        switch name {
        case "cross-entropy": return CrossEntropy<Scalar>()
        case "mse": return MeanSquaredError<Scalar>()
        default: throw NetworkError(.unknown("loss", name, choices: losses.map(\.name)))
        }
    }
}

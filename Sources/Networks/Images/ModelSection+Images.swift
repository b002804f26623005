import LinearAlgebra
import Sweeps

/// What the families on images may be given.
extension Catalog {
    private static let channels = Option(
        "width", .integer(1...512), standard: 16, unit: "channels", "Channels of the first convolution (w).")

    private static let imageShared = [
        Option("activation", .choice(["relu"]), standard: "relu", "The function after each convolution."),
        Option("batch-norm", .boolean, standard: false, "Batch normalisation before each activation."),
    ]

    private static let noSkips = Option(
        "residual", .boolean, standard: false, "Always false: the family with skip connections is resnet18.")

    static let convnetOptions =
        [channels, Option("depth", .integer(4...4), standard: 4, unit: "convolutions", "Always 4.")]
        + imageShared + [noSkips]

    static let cnnOptions =
        [
            channels,
            Option("depth", .integer(1...12), standard: 5, unit: "convolutions", "Convolutions."),
        ] + imageShared + [noSkips]

    static let resnetOptions =
        [channels] + imageShared + [
            Option(
                "variant", .choice(ResNetVariant.allCases.map(\.rawValue)),
                standard: .text(ResNetVariant.preactivation.rawValue),
                "Where it normalises: before or after each convolution; fixup starts its branches at zero.")
        ]

    /// The families that ``ImageNetwork`` builds, with their options.
    static let imageFamilies = ["convnet": convnetOptions, "cnn": cnnOptions, "resnet18": resnetOptions]
}

extension ModelSection {
    /// What a family on images is made from, checked against its options.
    struct ImageModel {
        let width: Int
        let depth: Int
        let hasBatchNorm: Bool
        let variant: ResNetVariant
        let initialization: Initialization
    }

    /// - Throws: ``NetworkError`` that names the key whose value is unknown, out of range or impossible.
    func imageModel(of family: String, options: [Option]) throws(NetworkError) -> ImageModel {
        var sizes: [String: Int] = [:]
        for option in options {
            if case .integer = option.kind { sizes[option.key] = try integer(option) }
        }
        let activation = try text("activation", default: "relu")
        guard activation == "relu" else {
            throw NetworkError(.unknown("activation", activation, choices: ["relu"]))
        }
        if family != "resnet18", try boolean("residual") ?? false {
            throw NetworkError(
                .impossible(
                    "residual", "true", "\(family) has no skip connections; take family resnet18, or false"))
        }
        let name = try text("variant", default: ResNetVariant.preactivation.rawValue)
        guard let variant = ResNetVariant(rawValue: name) else {
            throw NetworkError(
                .unknown("variant", name, choices: ResNetVariant.allCases.map(\.rawValue)))
        }
        return ImageModel(
            width: sizes["width"] ?? 16, depth: sizes["depth"] ?? 4,
            hasBatchNorm: try boolean("batch-norm") ?? false, variant: variant,
            initialization: try initialization())
    }

    /// - Throws: ``NetworkError`` also for images that the family cannot pool.
    func imageNetwork<Scalar: Real>(
        of family: String, options: [Option], inputShape: ImageShape, classCount: Int
    ) throws(NetworkError) -> ImageNetwork<Scalar> {
        let model = try imageModel(of: family, options: options)
        switch family {
        case "cnn":
            return .cnn(
                inputShape: inputShape, width: model.width, depth: model.depth, classCount: classCount,
                hasBatchNorm: model.hasBatchNorm, initialization: model.initialization)
        case "resnet18":
            return .resnet18(
                inputShape: inputShape, width: model.width, classCount: classCount,
                hasBatchNorm: model.hasBatchNorm, variant: model.variant,
                initialization: model.initialization)
        default:
            guard min(inputShape.height, inputShape.width) >= 8 else {
                throw NetworkError(
                    .impossible(
                        "family", family,
                        "images of \(inputShape.height) × \(inputShape.width) pixels cannot be halved three times; "
                            + "take images of at least 8 × 8, or family cnn"))
            }
            return .convnet(
                inputShape: inputShape, width: model.width, classCount: classCount,
                hasBatchNorm: model.hasBatchNorm, initialization: model.initialization)
        }
    }
}

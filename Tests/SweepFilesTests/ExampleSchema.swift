import SweepFiles
import Sweeps

/// A schema with every key of the documented example, over catalogs of a few entries.
enum Example {
    static func files(_ name: String, _ options: [Option]) -> CatalogEntry {
        let common = [
            Option("path", .text, standard: .null, "Where the files are.", isScientific: false),
            Option("train", .sampleCount, standard: "all", unit: "samples", "Samples to learn from."),
            Option("test", .sampleCount, standard: "all", unit: "samples", "Samples to judge by."),
            Option(
                "scaling", .choice(["unit", "symmetric", "standard"]), standard: "unit", "Range of inputs."),
        ]
        return CatalogEntry(name, "Images.", options: common + options)
    }

    static let rate = Option("rate", .number(0...1), "Share of wrong labels.")

    static let learning = [
        Option("learning-rate", .number(0...1000), standard: 0.001, "Step length."),
        Option("weight-decay", .number(0...1000), standard: 0, "Pull to zero."),
    ]

    static let warmup = [
        Option("warmup-epochs", .integer(0...Int.max), standard: 0, unit: "epochs", "Epochs of linear rise."),
        Option("warmup-from", .number(0...1000), standard: 0, "Where the rise begins."),
    ]

    static let network = [
        Option("width", .integer(1...65_536), unit: "units", "Units or channels."),
        Option("depth", .integer(1...1000), standard: 1, unit: "layers", "Layers."),
        Option(
            "activation", .choice(["relu", "tanh", "identity", "gelu", "leaky-relu"]), standard: "relu",
            "The nonlinearity.", planned: ["gelu", "leaky-relu"]),
        Option("batch-norm", .boolean, standard: false, "Batch normalisation."),
        Option("residual", .boolean, standard: false, "Skip connections."),
    ]

    static let probes = [
        CatalogEntry(
            "jacobian-norm", "Sensitivity of the loss.",
            options: [Option("points", .integer(1...Int.max), standard: 1024, unit: "samples", "Points.")]),
        CatalogEntry(
            "local-complexity", "Regions near a point.",
            options: [
                Option("radii", .numbers(0...1000), standard: [0.005, 0.05, 0.5], "Radii."),
                Option("directions", .integer(1...Int.max), standard: 25, "Directions."),
                Option("points", .integer(1...Int.max), standard: 300, unit: "samples", "Points."),
            ]),
    ]

    static let schema = Schema(
        datasets: ["digits", "cifar10"].map { files($0, []) },
        noises: [CatalogEntry("none", "Labels as they are.")]
            + ["exact-other", "bernoulli-other"].map { CatalogEntry($0, "Wrong labels.", options: [rate]) },
        augmentations: [CatalogEntry("none", "None."), CatalogEntry("crop-flip", "Shifts.", isBuilt: false)],
        models: [
            CatalogEntry("mlp", "Dense layers.", options: network),
            CatalogEntry("convnet", "Convolutions.", options: network),
            CatalogEntry("resnet18", "Residual blocks.", options: network, isBuilt: false),
        ],
        initialization: [
            Option(
                "scheme", .choice(["default", "kaiming-normal"]), standard: "default", "The distribution."),
            Option("scale", .number(0...1000), standard: 1, "Factor on every weight."),
        ],
        optimizers: [
            CatalogEntry(
                "sgd", "Gradient descent.",
                options: learning + [
                    Option("momentum", .number(0...1), standard: 0, "Share of the last step.")
                ]),
            CatalogEntry("adam", "Adaptive moments.", options: learning),
        ],
        schedules: [CatalogEntry("constant", "Always the same.", options: warmup)],
        training: [
            Option(
                "loss", .choice(["cross-entropy", "mse"]), standard: "cross-entropy", "What is minimised."),
            Option("batch", .integer(1...Int.max), standard: 128, unit: "samples", "Samples a step."),
            Option("epochs", .integer(0...1_000_000), unit: "epochs", "Passes over the training data."),
            Option("precision", .choice(["float32", "float64"]), standard: "float32", "Width of numbers."),
        ],
        probes: probes)

    static func read(_ text: String, overrides: [String] = []) throws(SweepFileError) -> SweepFile {
        try SweepFile(bytes: Array(text.utf8), file: "a.yaml", schema: schema, overrides: overrides)
    }

    /// What a file is refused for, one line a problem; empty where it is not.
    static func problems(_ text: String, overrides: [String] = []) -> [String] {
        problems(bytes: Array(text.utf8), overrides: overrides)
    }

    static func problems(bytes: [UInt8], overrides: [String] = []) -> [String] {
        do throws(SweepFileError) {
            _ = try SweepFile(bytes: bytes, file: "a.yaml", schema: schema, overrides: overrides)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    static let small = """
        dataset: digits
        model: {family: mlp, width: 8}
        optimizer: adam
        training: {epochs: 10}

        """

    static let documented = """
        name: convnet-width-noise
        dataset:
          name: cifar10              # digits (embedded) | mnist | …
          path: data/cifar-10
          train: 4000
          test: 2000
          scaling: standard
          noise: {kind: exact-other, rate: 0.2}
          augmentation: none
        model:
          family: convnet
          width: 16
          depth: 4
          activation: relu
          batch-norm: false
          residual: false
          init: {scheme: default, scale: 1}
        optimizer: {name: sgd, learning-rate: 0.005, momentum: 0.9, weight-decay: 0, schedule: {name: constant, \
        warmup-epochs: 5, warmup-from: 0.001}}
        training: {loss: cross-entropy, batch: 128, epochs: 400, precision: float32}
        measure:
          at: logarithmic
          probes:
            - jacobian-norm: {points: 1024}
            - local-complexity: {radii: [0.005, 0.05, 0.5], directions: 25, points: 300}
        grid:
          model.width: 1..64
          dataset.noise.rate: [0, 0.1, 0.2]
          optimizer.weight-decay: [0, 5e-4]
          seed: [0, 1, 2]
        report:
          heatmaps:
            - {x: model.width, y: epoch, value: test-error}
            - {x: model.width, y: dataset.noise.rate, value: jacobian-norm}
        resources: {threads: 1}

        """
}

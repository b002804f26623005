import Sweeps

/// A schema over small catalogs, in the shape of the real ones.
enum Example {
    static let trained: [Option] = [
        Option("loss", .choice(["cross-entropy", "mse"]), standard: "cross-entropy", "What is minimised."),
        Option("batch", .integer(1...Int.max), standard: 128, unit: "samples", "Samples a step."),
        Option("epochs", .integer(0...1_000_000), unit: "epochs", "Passes over the training data."),
        Option(
            "precision", .choice(["float32", "float64"]), standard: "float32", "Width of numbers.",
            planned: ["float64"]),
    ]

    static let datasets = ["digits", "synthetic"].map { name in
        CatalogEntry(
            name, "Images.",
            options: [
                Option("path", .text, standard: .null, "Where the files are.", isScientific: false),
                Option("train", .sampleCount, standard: "all", unit: "samples", "Samples to learn from."),
                Option("test", .sampleCount, standard: "all", unit: "samples", "Samples to judge by."),
                Option(
                    "scaling", .choice(["unit", "symmetric", "standard"]), standard: "unit",
                    "Range of inputs."),
            ])
    }

    static let noises = [
        CatalogEntry("none", "Labels as they are."),
        CatalogEntry(
            "exact-other", "A fixed share of labels.",
            options: [Option("rate", .number(0...1), "Share of labels.")]),
    ]

    static let models = [
        CatalogEntry(
            "mlp", "Fully connected layers.",
            options: [
                Option("width", .integer(1...65_536), unit: "units", "Units a hidden layer."),
                Option("depth", .integer(1...128), standard: 1, unit: "layers", "Hidden layers."),
                Option("activation", .choice(["relu", "tanh"]), standard: "relu", "The nonlinearity."),
            ]),
        CatalogEntry("resnet18", "Residual blocks.", isBuilt: false),
    ]

    static let optimizers = [
        CatalogEntry(
            "sgd", "Stochastic gradient descent.",
            options: [
                Option("learning-rate", .number(0...1000), "Step length."),
                Option("momentum", .number(0...1), standard: 0, "Share of the last step."),
                Option("weight-decay", .number(0...1000), standard: 0, "Pull to zero."),
            ]),
        CatalogEntry(
            "adam", "Adaptive moments.",
            options: [
                Option("learning-rate", .number(0...1000), standard: 0.001, "Step length."),
                Option("weight-decay", .number(0...1000), standard: 0, "Pull to zero."),
            ]),
    ]

    static let probes = [
        CatalogEntry(
            "jacobian-norm", "Sensitivity of the loss.",
            options: [Option("points", .integer(1...Int.max), standard: 1024, unit: "samples", "Points.")]),
        CatalogEntry(
            "local-complexity", "Regions near a point.",
            options: [
                Option("radii", .numbers(0...1000), standard: [0.005, 0.05, 0.5], "Radii."),
                Option("points", .integer(1...Int.max), standard: 300, unit: "samples", "Points."),
            ]),
    ]

    static let schema = Schema(
        datasets: datasets, noises: noises,
        augmentations: [
            CatalogEntry("none", "Images as they are."),
            CatalogEntry("crop-flip", "Shifted, mirrored.", isBuilt: false),
        ],
        models: models,
        initialization: [
            Option(
                "scheme", .choice(["default", "kaiming-normal"]), standard: "default", "The distribution."),
            Option("scale", .number(0...1000), standard: 1, "Factor on every weight."),
        ],
        optimizers: optimizers,
        schedules: [
            CatalogEntry("constant", "Always the same."),
            CatalogEntry(
                "inverse-sqrt", "Falls with steps.", options: [Option("knee", .integer(1...10_000), "Steps.")]
            ),
        ],
        training: trained, probes: probes)

    /// The fewest settings that make a task.
    static let minimal: Setting = [
        "dataset": "digits", "model": ["family": "mlp", "width": 8], "optimizer": "adam",
        "training": ["epochs": 10],
    ]

    static func with(_ changes: (path: String, value: Setting?)...) -> Setting {
        var settings = schema.writingOutShorthands(minimal)
        for (path, value) in changes { settings[path] = value }
        return settings
    }

    /// What `settings` is refused for; empty where it is not.
    static func problems(of settings: Setting) -> [String] {
        do throws(InvalidSettings) {
            _ = try schema.resolve(settings)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    static func problems(of spec: SweepSpec) -> [String] {
        do throws(InvalidSettings) {
            _ = try Grid(spec, schema: schema)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}

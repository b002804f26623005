public import Sweeps

/// The data sets, noises and augmentations that a sweep file may name under `dataset`.
///
/// To add a data set, write a file that reads it and give it a line in ``datasets``, ``facts(of:)`` and ``read(_:environment:)``.
public enum Catalog {
    public static let datasets = [
        CatalogEntry(
            "digits", "Handwritten digits, 1,797 of 1×8×8, embedded; split by the seed.",
            options: [
                train(standard: 1000, "Samples to train on."),
                test("Samples to test on, from those that do not train; default: all of them."), scaling,
            ]),
        CatalogEntry(
            "mnist", "Handwritten digits, 60,000 + 10,000 of 1×28×28, from IDX files.", options: fileOptions),
        CatalogEntry(
            "fashion-mnist", "Articles of clothing, 60,000 + 10,000 of 1×28×28, from IDX files.",
            options: fileOptions),
        CatalogEntry(
            "cifar10",
            "Colour photographs, 50,000 + 10,000 of 3×32×32 in 10 classes, from the published files.",
            options: publishedOptions),
        CatalogEntry(
            "cifar100",
            "Colour photographs, 50,000 + 10,000 of 3×32×32 in 100 classes, from the published files.",
            options: publishedOptions),
        CatalogEntry(
            "synthetic", "Gaussian clusters of any shape, drawn from a seed: needs no files.",
            options: SyntheticImages.options + [scaling]),
    ]

    public static let noises = [
        CatalogEntry("none", "Every label is right."),
        CatalogEntry(
            "bernoulli-other", "Each label is wrong with probability rate, uniform over the other classes.",
            options: [rate]),
        CatalogEntry(
            "exact-other", "Exactly round(rate × N) labels are wrong, uniform over the other classes.",
            options: [rate]),
        CatalogEntry(
            "asymmetric-classes", "In some random classes a fixed fraction of the labels is wrong.",
            options: [
                Option(
                    "classes", .integer(1...1000), standard: 2, unit: "classes",
                    "How many classes are touched."),
                Option(
                    "fraction", .number(0...1), standard: 0.8,
                    "Part of each of them that is wrong, rounded down."),
            ]),
        CatalogEntry("random-all", "Every label is drawn anew from all classes."),
    ]

    public static let augmentations = [
        CatalogEntry("none", "Training images stay as they are."),
        CatalogEntry(
            "crop-flip", "Random crops after padding by 4 zero pixels, and random mirroring, anew each epoch."
        ),
    ]

    private static let rate = Option("rate", .number(0...1), standard: 0.2, "Part of the training labels.")

    private static func train(standard: Setting?, _ summary: String) -> Option {
        Option("train", .sampleCount, standard: standard, unit: "samples", summary)
    }

    private static func test(_ summary: String) -> Option {
        Option("test", .sampleCount, standard: .null, unit: "samples", summary)
    }

    private static func scaling(_ summary: String) -> Option {
        Option("scaling", .choice(Scaling.allCases.map(\.rawValue)), standard: "unit", summary)
    }

    private static let scaling = scaling(
        "[0, 1], [−1, 1], or the mean and deviation of the drawn training samples.")

    private static let counts = [
        train(standard: .null, "Samples to train on; default: all."),
        test("Samples to test on; default: all."),
    ]

    private static let path = Option(
        "path", .text, standard: .null,
        "Folder of the files; default $DESCENT_DATA/<name>, then what 'descent data fetch' fetched, then the "
            + "system's folders.",
        isScientific: false)

    private static let fileOptions = counts + [scaling, path]

    private static let publishedOptions =
        counts + [scaling("[0, 1], [−1, 1], or the published mean and deviation of each channel."), path]
}

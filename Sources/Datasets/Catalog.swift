public import Sweeps

/// The data sets, noises and augmentations that a sweep file may name under `dataset`.
///
/// To add a data set, write a file that reads it and give it a line in ``datasets``, ``facts(of:)`` and ``read(_:path:)``.
public enum Catalog {
    public static let datasets = [
        CatalogEntry(
            "digits", "Handwritten digits, 1,797 of 1×8×8, embedded; split by the seed.",
            options: [
                train(standard: 1000, "Samples to train on."),
                test("Samples to test on, from those that do not train; default: all of them."), scaling,
            ]),
        CatalogEntry(
            "mnist", "Handwritten digits, 60,000 + 10,000 of 1×28×28, from IDX files.", options: idxOptions),
        CatalogEntry(
            "fashion-mnist", "Articles of clothing, 60,000 + 10,000 of 1×28×28, from IDX files.",
            options: idxOptions),
        CatalogEntry(
            "cifar10", "Colour photographs, 50,000 + 10,000 of 3×32×32 in 10 classes.", isBuilt: false),
        CatalogEntry(
            "cifar100", "Colour photographs, 50,000 + 10,000 of 3×32×32 in 100 classes.", isBuilt: false),
        CatalogEntry("synthetic", "Images made from the seed, for tests.", isBuilt: false),
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
        CatalogEntry("crop-flip", "Random crops after padding by 4, and random flips.", isBuilt: false),
    ]

    private static let rate = Option("rate", .number(0...1), standard: 0.2, "Part of the training labels.")

    private static func train(standard: Setting?, _ summary: String) -> Option {
        Option("train", .sampleCount, standard: standard, unit: "samples", summary)
    }

    private static func test(_ summary: String) -> Option {
        Option("test", .sampleCount, standard: .null, unit: "samples", summary)
    }

    private static let scaling = Option(
        "scaling", .choice(Scaling.allCases.map(\.rawValue)), standard: "unit",
        "[0, 1], [−1, 1], or the mean and deviation of the drawn training samples.")

    private static let idxOptions = [
        train(standard: .null, "Samples to train on; default: all."),
        test("Samples to test on; default: all."), scaling,
        Option(
            "path", .text, standard: .null,
            "Folder of the files; default $DESCENT_DATA/<name>, then the system's folders.",
            isScientific: false),
    ]
}

extension Catalog {
    /// What is known of a data set without its files; `nil` for a name that is not built.
    public static func facts(of name: String) -> DatasetFacts? {
        switch name {
        case "digits":
            DatasetFacts(
                shape: Digits.shape, classCount: Digits.classCount, trainCount: Digits.count, testCount: nil)
        case "mnist", "fashion-mnist":
            DatasetFacts(
                shape: MNISTFiles.shape, classCount: MNISTFiles.classCount, trainCount: 60_000,
                testCount: 10_000)
        default: nil
        }
    }

    /// Reads a data set's files; each is read once a process.
    static func read(_ name: String, path: String?) throws(DatasetError) -> RawDataset {
        if name == "digits" { return try RawDatasetCache.shared.value("digits") { () in Digits.read() } }
        let folder = try DataFolder.find(name, path: path)
        return try RawDatasetCache.shared.value("\(name) \(folder)") { () throws(DatasetError) in
            try MNISTFiles(name: name).read(from: folder)
        }
    }

    /// The noise of a resolved `dataset.noise` section.
    static func noise(_ section: Setting?, classCount: Int) throws(DatasetError) -> LabelNoise {
        let rate = section?["rate"]?.asNumber ?? 0
        switch section?["kind"]?.asText ?? "none" {
        case "none": return .none
        case "bernoulli-other": return .bernoulliOther(rate: rate)
        case "exact-other": return .exactOther(rate: rate)
        case "random-all": return .randomAll
        case "asymmetric-classes":
            let classes = Int(section?["classes"]?.asNumber ?? 1)
            if classes > classCount {
                throw .impossible(
                    "dataset.noise.classes is \(classes), but there are \(classCount) classes; take at most those"
                )
            }
            return .asymmetricClasses(classes: classes, fraction: section?["fraction"]?.asNumber ?? 0)
        case let other: throw .impossible("dataset.noise.kind is \(other), which is not known")
        }
    }
}

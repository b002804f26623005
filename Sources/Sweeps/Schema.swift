/// Every key that a sweep file may hold, assembled from the catalogs.
///
/// The schema knows no data set, model or probe by itself: whoever holds the catalogs hands their entries over, and
/// validation, defaults, help texts and the nearest known key follow from those.
///
///     let schema = Schema(datasets: Catalog.datasets, noises: Catalog.noises, …)
///     let resolved = try schema.resolve(["dataset": "digits", "model": ["family": "mlp", "width": 8], …])
///     resolved.configuration["optimizer.schedule.name"]  // "constant"
public struct Schema: Hashable, Sendable {
    /// The keys at the top of a file that describe a task, in the order in which help texts name them.
    public let parts: [Part]

    /// One key at the top of a file that describes a task.
    public enum Part: Hashable, Sendable {
        case section(Section)
        case option(Option)

        public var key: String {
            switch self {
            case .section(let section): section.key
            case .option(let option): option.key
            }
        }
    }

    /// Keys of the file that describe the sweep and no task.
    public static let sweepKeys = ["format", "name", "grid", "exclude", "include", "report"]

    public init(parts: [Part]) { self.parts = parts }

    /// The schema of `docs/sweeps.md` over these catalogs.
    ///
    /// - Parameters:
    ///   - datasets: What `dataset.name` may say.
    ///   - noises: What `dataset.noise.kind` may say; silent files get `none`.
    ///   - augmentations: What `dataset.augmentation` may say; silent files get `none`.
    ///   - models: What `model.family` may say.
    ///   - initialization: The keys of `model.init`; a bare text there stands for `scheme`.
    ///   - optimizers: What `optimizer.name` may say.
    ///   - schedules: What `optimizer.schedule.name` may say; silent files get `constant`.
    ///   - training: The keys of `training`.
    ///   - probes: What `measure.probes` may list.
    ///   - measure: Further keys of `measure`, beside `at` and `probes`.
    ///   - resources: The keys of `resources`, none of them scientific.
    ///   - checkpoints: The keys of `checkpoints`, none of them scientific; by default there is no such section.
    public init(
        datasets: [CatalogEntry], noises: [CatalogEntry], augmentations: [CatalogEntry],
        models: [CatalogEntry],
        initialization: [Option], optimizers: [CatalogEntry], schedules: [CatalogEntry], training: [Option],
        probes: [CatalogEntry], measure: [Option] = [], resources: [Option] = Schema.resources,
        checkpoints: [Option] = []
    ) {
        let augmentation = Option(
            "augmentation", .choice(augmentations.map(\.name)), standard: "none",
            "Random changes of training images.",
            planned: augmentations.filter { !$0.isBuilt }.map(\.name))
        let noise = Section(
            "noise", "Which labels are wrong.", .oneOf("kind", noises, standard: "none"))
        let initial = Section(
            "init", "How the parameters start.", .shorthand("scheme"), options: initialization)
        let schedule = Section(
            "schedule", "How the learning rate changes.", .oneOf("name", schedules, standard: "constant"))
        let probed = Section("probes", "What is measured beside loss and error.", .anyOf(probes))
        var parts: [Part] = [
            .section(
                Section(
                    "dataset", "What is learnt.", .oneOf("name", datasets), options: [augmentation],
                    sections: [noise])),
            .section(Section("model", "What learns it.", .oneOf("family", models), sections: [initial])),
            .section(
                Section("optimizer", "How it learns.", .oneOf("name", optimizers), sections: [schedule])),
            .section(Section("training", "For how long, on which loss.", options: training)),
            .section(
                Section(
                    "measure", "What is measured, and when.", options: [Schema.measurementSchedule] + measure,
                    sections: [probed])),
            .option(Schema.seed),
            .section(Section("resources", "What a task may use.", options: resources)),
        ]
        if !checkpoints.isEmpty {
            parts.append(.section(Section("checkpoints", "What is kept on the way.", options: checkpoints)))
        }
        self.init(parts: parts)
    }

    private static let seed = Option(
        "seed", .integer(0...Int.max), standard: 0, "The origin of every random number of a task.")

    private static let measurementSchedule = Option(
        "at", .epochSchedule, standard: "logarithmic", "The measured epochs; 0 and the last always are.")

    /// The keys of `resources` where the caller names no others.
    public static let resources = [
        Option(
            "threads", .integer(1...1024), standard: 1, unit: "threads", "Threads inside one task.",
            isScientific: false),
        Option(
            "numerics", .choice(["any", "strict"]), standard: "any",
            "Whether all workers must compute the same bits: strict refuses those whose bits differ.",
            isScientific: false),
    ]
}

extension Schema {
    /// A map of the file: keys of its own, keys of whatever was chosen in it, and maps inside.
    public struct Section: Hashable, Sendable {
        public let key: String
        /// What it is, in one sentence.
        public let summary: String
        public let choice: Choice
        /// Keys it takes whatever is chosen; an entry's option of the same key goes before.
        public let options: [Option]
        public let sections: [Section]

        /// What a section lets the file choose.
        public enum Choice: Hashable, Sendable {
            case nothing
            /// One entry, named by the chooser key; a bare text stands for a map with the chooser alone.
            case chooser(key: String, entries: [CatalogEntry], standard: String?)
            /// Nothing, but a bare text stands for a map with this key alone.
            case shorthand(String)
            /// Any number of entries, each with its own map of options.
            case anyOf([CatalogEntry])

            /// A chooser: its key, what it may say, and what it says in silent files.
            public static func oneOf(_ key: String, _ entries: [CatalogEntry], standard: String? = nil)
                -> Choice
            {
                .chooser(key: key, entries: entries, standard: standard)
            }
        }

        public init(
            _ key: String, _ summary: String, _ choice: Choice = .nothing, options: [Option] = [],
            sections: [Section] = []
        ) {
            self.key = key
            self.summary = summary
            self.choice = choice
            self.options = options
            self.sections = sections
        }
    }
}

extension Schema.Section {
    /// The key that a bare text in place of the map stands for.
    var shorthandKey: String? {
        switch choice {
        case .chooser(let key, _, _), .shorthand(let key): key
        case .nothing, .anyOf: nil
        }
    }

    /// The entries that it lets the file choose from.
    var entries: [CatalogEntry] {
        switch choice {
        case .chooser(_, let entries, _), .anyOf(let entries): entries
        case .nothing, .shorthand: []
        }
    }

    /// The options that hold once `entry` is chosen: the entry's own go before the section's.
    func options(with entry: CatalogEntry?) -> [Option] {
        let own = entry?.options ?? []
        let ownKeys = own.map(\.key)
        return own + options.filter { !ownKeys.contains($0.key) }
    }
}

/// A frozen question: the settings of one training run, what varies, and what is drawn of it.
///
/// The words of this project, each in one meaning only: a *sweep* is such a specification; a *task* is one training
/// run, one cell of the sweep's grid with one seed; an *attempt* is one try at a task; a *measurement* is the metrics
/// of one task at one epoch; an *epoch* is a pass over the training data.
///
/// A spec is only read here, never judged: ``Grid/init(_:schema:)`` judges it.
public struct SweepSpec: Hashable, Sendable {
    /// What the run directory is called.
    public var name: String
    /// The settings that all tasks share, as the file writes them, abbreviations written out.
    public var base: Setting
    /// What varies, in the order of the file; the last axis varies fastest.
    public var axes: [Axis] { didSet { axes = Axis.named(axes) } }
    /// Cells to leave out: a cell is left out where, for each path of one of these maps, it has one of the values
    /// listed there.
    public var exclude: [SettingMap]
    /// Cells to add after those of the product: settings by path, over the base.
    public var include: [SettingMap]
    /// What to draw; never part of a task.
    public var report: ReportSpec

    /// The version of the notation that this program reads and writes.
    public static let formatVersion = 1

    public init(
        name: String, base: Setting, axes: [Axis] = [], exclude: [SettingMap] = [],
        include: [SettingMap] = [],
        report: ReportSpec = ReportSpec()
    ) {
        self.name = name
        self.base = base
        self.axes = Axis.named(axes)
        self.exclude = exclude
        self.include = include
        self.report = report
    }

    /// What a task may use: threads and the like; never part of its identity.
    public var resources: Setting { base["resources"] ?? .map(SettingMap()) }
}

/// What a sweep wants drawn.
public struct ReportSpec: Hashable, Sendable {
    public var heatmaps: [Heatmap]
    public var curves: [Curve]
    public var profiles: [Profile]
    public var partitions: [Partition]

    public init(
        heatmaps: [Heatmap] = [], curves: [Curve] = [], profiles: [Profile] = [],
        partitions: [Partition] = []
    ) {
        self.heatmaps = heatmaps
        self.curves = curves
        self.profiles = profiles
        self.partitions = partitions
    }

    /// One metric as colour over two axes.
    public struct Heatmap: Hashable, Sendable {
        /// The path of a grid axis, or `epoch`.
        public let x: String
        /// The path of a grid axis, or `epoch`.
        public let y: String
        /// A metric: `test-error`.
        public let value: String

        public init(x: String, y: String, value: String) {
            self.x = x
            self.y = y
            self.value = value
        }
    }

    /// Metrics as lines over one axis.
    public struct Curve: Hashable, Sendable {
        /// The path of a grid axis, or `epoch`.
        public let x: String
        /// Metrics, one line each: `test-error`.
        public let values: [String]
        /// The path of a grid axis whose every value has lines of its own; `nil` for the mean over all others.
        public let by: String?

        public init(x: String = "epoch", values: [String], by: String? = nil) {
            self.x = x
            self.values = values
            self.by = by
        }
    }

    /// Values of `layers.csv` over layers, indices or epochs.
    public struct Profile: Hashable, Sendable {
        /// Metrics of `layers.csv`: `layer-similarity-clean-noisy`.
        public let values: [String]
        /// `index`, `layer`, `epoch`, or a metric of `layers.csv` whose values stand across.
        public let x: String
        /// What tells lines of one metric apart.
        public let by: Grouping
        /// The only layer that is shown; `nil` for all.
        public let layer: Int?
        /// The epoch that is shown where `x` is another; `nil` for the last.
        public let epoch: Int?
        public let drawing: Drawing

        /// What tells lines of one metric apart.
        public enum Grouping: String, Hashable, Sendable, CaseIterable {
            case layer
            case index
            case epoch
            case nothing = "none"
        }

        /// How values are shown.
        public enum Drawing: String, Hashable, Sendable, CaseIterable {
            case lines
            case bars
            case points
        }

        /// Without `by`, lines are told apart by layer where several may be shown.
        public init(
            values: [String], x: String = "index", by: Grouping? = nil, layer: Int? = nil, epoch: Int? = nil,
            drawing: Drawing = .lines
        ) {
            self.values = values
            self.x = x
            self.by = by ?? (x == "layer" || layer != nil ? .nothing : .layer)
            self.layer = layer
            self.epoch = epoch
            self.drawing = drawing
        }
    }
    /// Pictures of linear regions, a panel for each task and epoch.
    public struct Partition: Hashable, Sendable {
        /// The tasks to show: by the path of a grid axis, the values of which a task has one; all tasks without any.
        public let tasks: [SettingMap.Entry]
        /// Epochs, a panel each; the last that a task has a picture of where there are none.
        public let epochs: [Double]

        /// How many panels a figure has room for.
        public static let panelsMax = 12

        public init(tasks: [SettingMap.Entry] = [], epochs: [Double] = []) {
            self.tasks = tasks
            self.epochs = epochs
        }
    }
}

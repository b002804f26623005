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

    public init(heatmaps: [Heatmap] = [], curves: [Curve] = []) {
        self.heatmaps = heatmaps
        self.curves = curves
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
}

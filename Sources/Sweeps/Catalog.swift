/// One thing that a sweep file may name: a model family, a data set, a probe or a plot.
///
/// An entry describes itself, and everything else follows from the description: validation of sweep files with the
/// nearest known key, `descent catalog`, `--help`, defaults, and the contract tests.
public struct CatalogEntry: Hashable, Sendable {
    /// How sweep files name it: lower case, words joined by `-`.
    public let name: String
    /// What it is, in one sentence.
    public let summary: String
    /// The keys it takes beside its name.
    public let options: [Option]
    /// False for what is planned and refused until it is built.
    public let isBuilt: Bool

    public init(_ name: String, _ summary: String, options: [Option] = [], isBuilt: Bool = true) {
        self.name = name
        self.summary = summary
        self.options = options
        self.isBuilt = isBuilt
    }
}

/// One key of a sweep file: its kind and range, its default, its unit and what it means.
public struct Option: Hashable, Sendable {
    /// The last component of the key's path: `learning-rate`.
    public let key: String
    public let kind: Kind
    /// Taken where the sweep file is silent; an option without a default must be given.
    public let standard: Setting?
    /// The unit of a number, such as `epochs` or `samples`; `nil` where it has none.
    public let unit: String?
    public let summary: String
    /// False for what cannot change a result, such as a file's path: it stays out of the task's identity.
    public let isScientific: Bool
    /// Values of a `choice` that are planned and refused until they are built.
    public let planned: [String]
    /// The key beside it that it stands in for: a file may give one of them, and a task holds one of them.
    public let replaces: String?

    /// The values an option accepts.
    public enum Kind: Hashable, Sendable {
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case boolean
        case text
        case choice([String])
        /// A list of numbers, each in the range; a single number stands for a list of one.
        case numbers(ClosedRange<Double>)
        /// `first: N` or `N`: a number of samples, drawn with the seed or taken from the start.
        case sampleCount
        /// A schedule of epochs, or of steps: `logarithmic`, `piecewise`, `{every: N}` or a list.
        case epochSchedule
    }

    public init(
        _ key: String, _ kind: Kind, standard: Setting? = nil, unit: String? = nil, _ summary: String,
        isScientific: Bool = true, planned: [String] = [], replaces: String? = nil
    ) {
        self.key = key
        self.kind = kind
        self.standard = standard
        self.unit = unit
        self.summary = summary
        self.isScientific = isScientific
        self.planned = planned
        self.replaces = replaces
    }
}

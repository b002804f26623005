/// One thing that is wrong with a setting, said so that its author can mend it.
public struct SettingProblem: Hashable, Sendable, CustomStringConvertible {
    /// The key by its path, such as `dataset.noise.rate` or `include[0].seed`; empty for the whole.
    public let path: String
    /// What is wrong, what would be right, and the nearest known key or value where there is one.
    public let message: String

    public init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// Settings that cannot be used, with every problem that was found in them.
public struct InvalidSettings: Error, Hashable, CustomStringConvertible {
    /// At least one, in the order in which they were found, each once.
    public let problems: [SettingProblem]

    public init(_ problems: [SettingProblem]) {
        var seen: Set<SettingProblem> = []
        self.problems = problems.filter { seen.insert($0).inserted }
    }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One scalar metric: a column of `measurements.csv`.
public struct Column: Hashable, Sendable {
    /// Lower case, words joined by `_`, as it stands in the header: `test_error`.
    public let name: String
    /// What plots and help texts call it: `test error`.
    public let title: String
    /// `nats`, `fraction` … ; `nil` where it has none.
    public let unit: String?

    public init(_ name: String, title: String, unit: String? = nil) {
        self.name = name
        self.title = title
        self.unit = unit
    }
}

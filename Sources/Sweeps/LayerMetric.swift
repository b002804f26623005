/// One metric of the file `layers.csv`: values per layer and, where it has them, per class, neuron or radius.
public struct LayerMetric: Hashable, Sendable {
    /// As it stands in the file: `rank_density`.
    public let name: String
    /// What plots call it: `rank density`.
    public let title: String
    /// `nats`, `fraction` … ; `nil` where it has none.
    public let unit: String?
    /// What the file's column `layer` counts.
    public let layer: String
    /// What the file's column `index` counts; `nil` where it is always 0.
    public let index: String?

    /// - Parameters:
    ///   - name: As it stands in the file.
    ///   - title: What plots call it; by default the name with spaces.
    ///   - unit: Its unit.
    ///   - layer: What the column `layer` counts.
    ///   - index: What the column `index` counts.
    public init(
        _ name: String, title: String? = nil, unit: String? = nil, layer: String = "layer",
        by index: String? = nil
    ) {
        self.name = name
        self.title = title ?? name.replacing("_", with: " ")
        self.unit = unit
        self.layer = layer
        self.index = index
    }

    /// As a metric of one value.
    public var column: Column { Column(name, title: title, unit: unit) }
}

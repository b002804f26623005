/// One direction of a grid: a key of the sweep file and the values it takes.
public struct Axis: Hashable, Sendable {
    /// The key's path in the sweep file: `dataset.noise.rate`.
    public let path: String
    /// In the order of the file, each once.
    public let values: [Setting]
    /// What result files call it: `rate`.
    public let column: String

    public init(_ path: String, _ values: [Setting]) {
        self.init(path, values, column: Axis.column(of: path, components: 1))
    }

    private init(_ path: String, _ values: [Setting], column: String) {
        self.path = path
        self.values = values
        self.column = column
    }

    /// Columns that result files have beside the axes.
    public static let reservedColumns = ["task", "epoch", "step"]

    /// The same axes, each called by the last component of its path; where two collide, or one is reserved, by as
    /// many components as tell them apart.
    public static func named(_ axes: [Axis]) -> [Axis] {
        axes.map { axis in
            let others = axes.filter { $0.path != axis.path }
            let count = axis.path.split(separator: ".").count
            let components = (1...max(1, count)).first { components in
                let name = column(of: axis.path, components: components)
                let isTaken = others.contains { column(of: $0.path, components: components) == name }
                return !isTaken && !reservedColumns.contains(name)
            }
            return Axis(
                axis.path, axis.values, column: column(of: axis.path, components: components ?? count))
        }
    }

    private static func column(of path: String, components: Int) -> String {
        String(
            path.split(separator: ".").suffix(components).joined(separator: "_").map { $0 == "-" ? "_" : $0 })
    }

    /// Whether both name the same key, or one names a map that holds the other's.
    static func overlap(_ first: String, _ second: String) -> Bool {
        first == second || first.hasPrefix(second + ".") || second.hasPrefix(first + ".")
    }
}

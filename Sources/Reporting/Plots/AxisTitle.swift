internal import Sweeps

/// Names of axes and metrics as people say them.
enum AxisTitle {
    static let epoch = "epoch"

    /// What plots call the axis of a path.
    static func text(_ path: String) -> String {
        switch path {
        case "dataset.noise.rate": return "label noise"
        case "dataset.train": return "training samples"
        case "training.batch": return "batch size"
        default: break
        }
        let components = path.split(separator: ".").map(String.init)
        // A last component that says nothing without the one before it.
        let isVague = ["rate", "name", "kind", "scheme", "scale"].contains(components.last ?? "")
        let words = components.suffix(isVague ? 2 : 1).joined(separator: " ")
        return words.replacing("-", with: " ").replacing("_", with: " ")
    }

    /// The same with its unit, for the axis itself.
    static func withUnit(_ path: String) -> String {
        switch path {
        case "dataset.noise.rate": "label noise (fraction of training labels)"
        case "model.width": "width (units or channels)"
        case epoch: "training epoch"
        default: text(path)
        }
    }

    /// The text with a capital letter.
    static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

extension AxisTitle {
    /// An axis title without what stands in brackets.
    static func short(_ title: String) -> String {
        title.split(separator: " (").first.map(String.init) ?? title
    }
}

/// What names have in common.
enum CommonParts {
    /// The parts of the first name that all others have, too, in its order.
    static func of(_ names: [String], separator: String) -> [String] {
        let parts = names.map { $0.split(separator: separator).map(String.init) }
        return (parts.first ?? []).filter { part in parts.allSatisfy { $0.contains(part) } }
    }
}

/// A metric as plots show it: errors in per cent, everything else as it is.
struct PlottedMetric {
    let name: String
    let title: String
    let unit: String?
    /// What values are multiplied by.
    let factor: Double

    init(_ column: Column) {
        let isFraction = column.unit == "fraction"
        name = column.name
        title = column.title
        unit = isFraction ? "%" : column.unit
        factor = isFraction ? 100 : 1
    }

    /// `test error (%)`.
    var titleWithUnit: String { title + (unit.map { " (\($0))" } ?? "") }

    /// A value that is already multiplied: `23.1 %`.
    func text(_ value: Double) -> String { NumberText.rounded(value) + (unit.map { " \($0)" } ?? "") }
}

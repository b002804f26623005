public import Sweeps

/// A setting of the command line, `key=value`, that goes before the file's.
struct Override {
    /// As it was given: `model.width=8`.
    let text: String
    let path: String
    let value: Setting

    init(_ text: String) throws(SweepFileError) {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
            throw Override.refusal(of: text, "must be key=value, such as model.width=8")
        }
        try self.init(path: String(text[..<sign]), value: String(text[text.index(after: sign)...]))
    }

    init(path: String, value: String) throws(SweepFileError) {
        text = "\(path)=\(value)"
        var reader = YAMLReader(file: "--set \(text)")
        guard let setting = reader.fragment(value), reader.problems.isEmpty else {
            throw SweepFileError(.invalid, reader.problems)
        }
        let root = String(path.prefix { $0 != "." })
        if root != "name", root != "grid", Schema.sweepKeys.contains(root) {
            throw Override.refusal(of: text, "'\(root)' can only be changed in the sweep file")
        }
        if path == "name", setting.asText == nil { throw Override.refusal(of: text, "a name must be text") }
        self.path = path.hasPrefix("grid.") ? String(path.dropFirst("grid.".count)) : path
        isAxis = path.hasPrefix("grid.")
        values = try? AxisValues.expand(setting)
        self.value = setting
    }

    /// Whether it was written as an axis: `grid.model.width=1..4`.
    private let isAxis: Bool
    private let values: [Setting]?

    private static func refusal(of text: String, _ message: String) -> SweepFileError {
        SweepFileError(.invalid, [SweepFileError.Problem(source: "--set \(text)", message: message)])
    }

    /// Replaces the values of the axis of that path where there is one, and the setting of the base elsewhere.
    func apply(to spec: inout SweepSpec) {
        if path == "name", let name = value.asText {
            spec.name = name
        } else if let index = spec.axes.firstIndex(where: { $0.path == path }) {
            spec.axes[index] = Axis(path, values ?? [])
        } else if isAxis {
            spec.axes.append(Axis(path, values ?? []))
        } else {
            spec.base[path] = value
        }
    }
}

extension SweepSpec {
    /// Replaces one setting as `--set path=text` does: the values of the axis of that path where there is one, and
    /// the setting that all tasks share elsewhere.
    ///
    /// - Throws: Where the text is no YAML, or the key describes the report or the shape of the grid.
    public mutating func override(_ path: String, _ text: String) throws(SweepFileError) {
        try Override(path: path, value: text).apply(to: &self)
    }
}

import Foundation
public import Sweeps

/// A sweep file that has been read and found valid.
///
///     let file = try SweepFile(contentsOf: "sweeps/quickstart.yaml", schema: schema, overrides: ["model.depth=2"])
///     file.grid.count  // 576
///     try Data(SweepFile.text(of: file.grid.frozen).utf8).write(to: run.appending(path: "sweep.yaml"))
public struct SweepFile: Sendable {
    /// What the file says.
    public let spec: SweepSpec
    /// Every task of it, each validated.
    public let grid: Grid

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Where it is; its name without extension names the sweep where the file does not.
    ///   - schema: Every key that it may hold.
    ///   - overrides: Settings of the command line, `key=value` each.
    /// - Throws: Everything that is wrong, sorted by line.
    public init(contentsOf path: String, schema: Schema, overrides: [String] = []) throws(SweepFileError) {
        let bytes: [UInt8]
        do {
            bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        } catch {
            let reason =
                (error as? CocoaError)?.code == .fileReadNoSuchFile ? "does not exist" : "cannot be read"
            let problem = SweepFileError.Problem(
                source: path, message: "\(reason); give the path of a sweep file")
            throw SweepFileError(.unreadable, [problem])
        }
        try self.init(bytes: bytes, file: path, schema: schema, overrides: overrides)
    }

    /// Reads the bytes of a file that messages call `file`.
    ///
    /// - Throws: Everything that is wrong, sorted by line.
    public init(bytes: [UInt8], file: String, schema: Schema, overrides: [String] = []) throws(SweepFileError)
    {
        var reader = YAMLReader(file: file)
        guard let document = reader.document(bytes) else { throw SweepFileError(.invalid, reader.problems) }
        var places = Places(file: file, lines: reader.lines, axes: document.grid.map(\.key))
        if let format = document.settings["format"]?.asInteger, format > SweepSpec.formatVersion {
            let message =
                "is \(format), and this program reads formats up to \(SweepSpec.formatVersion); update it"
            throw SweepFileError(.newerFormat, [places.locate(SettingProblem("format", message))])
        }
        var found: [SettingProblem] = []
        let stem = URL(filePath: file).deletingPathExtension().lastPathComponent
        var spec = SweepSpec(document, name: stem, schema: schema, problems: &found)
        var problems = reader.problems
        for text in overrides {
            do {
                let override = try Override(text)
                override.apply(to: &spec)
                places.overrides.append(override)
            } catch {
                problems += error.problems
            }
        }
        var grid: Grid?
        do {
            grid = try Grid(spec, schema: schema)
        } catch {
            // What could not be read is not judged again.
            let unread = Set(found.map(\.path))
            found += error.problems.filter { !unread.contains($0.path) }
        }
        problems += found.map { places.locate($0) }
        guard let grid, problems.isEmpty else { throw SweepFileError(.invalid, problems) }
        self.spec = spec
        self.grid = grid
    }
}

/// Where the keys of a file stand.
private struct Places {
    let file: String
    let lines: [String: Int]
    let axes: [String]
    var overrides: [Override] = []

    /// The line of a problem: that of the axis which brought the value, or of the key, or of the map around it.
    func locate(_ problem: SettingProblem) -> SweepFileError.Problem {
        let path = problem.path
        if let override = overrides.last(where: { path == $0.path || path.hasPrefix($0.path + ".") }) {
            return SweepFileError.Problem(
                source: "--set \(override.text)", key: path, message: problem.message)
        }
        let axis = axes.first { path == $0 || path.hasPrefix($0 + ".") }
        let line = axis.flatMap { lines["grid.\($0)"] } ?? nearestLine(path)
        return SweepFileError.Problem(source: file, line: line, key: path, message: problem.message)
    }

    private func nearestLine(_ path: String) -> Int {
        var rest = Substring(path)
        while !rest.isEmpty {
            if let line = lines[String(rest)] { return line }
            let separator = rest.lastIndex { $0 == "." || $0 == "[" }
            rest = separator.map { rest[..<$0] } ?? ""
        }
        return 1
    }
}

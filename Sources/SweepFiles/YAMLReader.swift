import Sweeps
import Yams

/// Turns YAML into settings and remembers on which line each key stands.
struct YAMLReader {
    /// The line of every key by its path: `model.width`, `include[0].seed`, `grid.model.width`.
    private(set) var lines: [String: Int] = [:]
    private(set) var problems: [SweepFileError.Problem] = []

    private let file: String
    private var nodeCount = 0

    /// More nodes than any sweep needs, and few enough that aliases of aliases cannot fill the memory.
    private static let nodeCountMax = 1_000_000

    init(file: String) { self.file = file }

    private mutating func report(_ line: Int?, _ key: String, _ message: String) {
        problems.append(SweepFileError.Problem(source: file, line: line, key: key, message: message))
    }

    /// Reads a whole file; `nil` with a reported problem where it is none.
    mutating func document(_ bytes: [UInt8]) -> SweepDocument? {
        guard let text = text(bytes), let root = compose(text) else { return nil }
        guard case .mapping(let mapping) = root else {
            report(root.mark?.line, "", "must be a map of keys such as dataset, model and optimizer")
            return nil
        }
        var settings = SettingMap()
        var grid: [SettingMap.Entry] = []
        for (keyNode, node) in mapping {
            guard let key = key(keyNode) else { continue }
            lines[key] = keyNode.mark?.line
            if key == "grid" {
                grid = axes(node)
            } else {
                settings[key] = setting(node, at: key)
            }
        }
        return SweepDocument(settings: .map(settings), grid: grid)
    }

    /// Reads the value of a `--set key=value`.
    mutating func fragment(_ text: String) -> Setting? {
        if text.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }) { return .null }
        return compose(text).map { setting($0, at: "") }
    }

    // MARK: Text

    private mutating func text(_ bytes: [UInt8]) -> String? {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            report(lineOfFirstBadByte(content), "", "is not UTF-8 text; save the file in that encoding")
            return nil
        }
        if content.contains(0) {
            report(nil, "", "holds a zero byte and is no text file")
            return nil
        }
        return text
    }

    private func lineOfFirstBadByte(_ bytes: ArraySlice<UInt8>) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }

    private mutating func compose(_ text: String) -> Node? {
        do {
            if let node = try Yams.compose(yaml: text) { return node }
            report(nil, "", "is empty; see docs/sweeps.md for an example")
        } catch let error as YamlError {
            report(error, in: text)
        } catch {
            report(nil, "", "is no YAML: \(error)")
        }
        return nil
    }

    private mutating func report(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let tabs = YAMLReader.linesIndentedWithTabs(text)
            for line in tabs { report(line, "", "is indented with a tab; YAML takes spaces only") }
            guard tabs.isEmpty else { return }
            let place = context.map { " \($0.text) of line \($0.mark.line)" } ?? ""
            report(mark.line, "", "is no YAML: \(problem)\(place)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\($0)'" }.joined(separator: ", ")
            report(context.mark.line, keys.count == 1 ? keys[0] : "", "duplicate key \(names); keep one")
        case .reader(let problem, let offset, _, _):
            let line = offset.map { text.prefix($0).utf8.count { $0 == UInt8(ascii: "\n") } + 1 }
            report(line, "", "is no YAML: \(problem)")
        default: report(nil, "", "is no YAML: \(error)")
        }
    }

    private static func linesIndentedWithTabs(_ text: String) -> [Int] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            let indentation = line.prefix { $0 == " " || $0 == "\t" }
            return indentation.contains("\t") && indentation.count < line.count ? index + 1 : nil
        }
    }
}

// MARK: - Nodes

extension YAMLReader {
    private mutating func axes(_ node: Node) -> [SettingMap.Entry] {
        if case .scalar = node, setting(node, at: "grid") == .null { return [] }
        guard case .mapping(let mapping) = node else {
            report(node.mark?.line, "grid", "must be a map of key paths and their values")
            return []
        }
        return mapping.compactMap { keyNode, values in
            guard let path = key(keyNode) else { return nil }
            lines["grid.\(path)"] = keyNode.mark?.line
            return SettingMap.Entry(path, setting(values, at: "grid.\(path)"))
        }
    }

    private mutating func key(_ node: Node) -> String? {
        if case .scalar(let scalar) = node, !scalar.string.isEmpty { return scalar.string }
        report(node.mark?.line, "", "a key must be a word")
        return nil
    }

    private mutating func setting(_ node: Node, at path: String) -> Setting {
        nodeCount += 1
        if nodeCount == YAMLReader.nodeCountMax {
            report(
                node.mark?.line, path,
                "the file holds more than \(nodeCount) values; are there aliases in aliases?")
        }
        if nodeCount >= YAMLReader.nodeCountMax { return .null }
        switch node {
        case .scalar(let scalar): return setting(scalar)
        case .mapping(let mapping):
            var map = SettingMap()
            for (keyNode, value) in mapping {
                guard let key = key(keyNode) else { continue }
                remember(keyNode.mark?.line, for: "\(path).\(key)")
                map[key] = setting(value, at: "\(path).\(key)")
            }
            return .map(map)
        case .sequence(let sequence):
            return .list(
                sequence.enumerated().map { index, member in
                    let place = "\(path)[\(index)]"
                    remember(member.mark?.line, for: place)
                    if case .scalar(let scalar) = member {
                        remember(scalar.mark?.line, for: "\(path).\(scalar.string)")
                    }
                    return setting(member, at: place)
                })
        case .alias: return .null
        }
    }

    /// A list of named things is also known without its numbers: `measure.probes.jacobian-norm`.
    private mutating func remember(_ line: Int?, for path: String) {
        lines[path] = line
        guard path.contains("[") else { return }
        var isInside = false
        let named = path.filter { character in
            if character == "[" { isInside = true }
            defer { if character == "]" { isInside = false } }
            return !isInside
        }
        if lines[named] == nil { lines[named] = line }
    }

    private func setting(_ scalar: Node.Scalar) -> Setting {
        let isText = scalar.tag.description == "tag:yaml.org,2002:str"
        return scalar.style == .plain && !isText ? Setting(plainScalar: scalar.string) : .text(scalar.string)
    }
}

public import Sweeps

extension SweepFile {
    /// A spec as a sweep file that reads back to the same spec.
    ///
    /// Keys stand in the order in which people write them; see ``Grid/frozen`` for a spec without silent defaults.
    public static func text(of spec: SweepSpec) -> String {
        var writer = YAMLWriter()
        writer.entry("format", .integer(SweepSpec.formatVersion))
        writer.entry("name", .text(spec.name))
        let usual = ["dataset", "model", "optimizer", "training", "measure", "seed"]
        let present = spec.base.asMap?.keys ?? []
        for key in usual.filter(present.contains) + present.filter({ !usual.contains($0) }) {
            if let setting = spec.base[key] { writer.entry(key, setting) }
        }
        if !spec.axes.isEmpty {
            writer.entries("grid", spec.axes.map { ($0.path, .list($0.values)) })
        }
        if !spec.exclude.isEmpty { writer.entry("exclude", .list(spec.exclude.map(Setting.map))) }
        if !spec.include.isEmpty { writer.entry("include", .list(spec.include.map(Setting.map))) }
        if let report = spec.report.setting { writer.entry("report", report) }
        return writer.text
    }
}

extension ReportSpec {
    /// The report as sweep files write it; `nil` where nothing is drawn.
    fileprivate var setting: Setting? {
        var map = SettingMap()
        if !heatmaps.isEmpty {
            map["heatmaps"] = .list(
                heatmaps.map { ["x": .text($0.x), "y": .text($0.y), "value": .text($0.value)] })
        }
        if !curves.isEmpty {
            map["curves"] = .list(
                curves.map { curve in
                    var map: SettingMap = [
                        "x": .text(curve.x), "value": .list(curve.values.map(Setting.text)),
                    ]
                    map["by"] = curve.by.map(Setting.text)
                    return .map(map)
                })
        }
        if !profiles.isEmpty { map["profiles"] = .list(profiles.map(\.setting)) }
        if !partitions.isEmpty { map["partitions"] = .list(partitions.map(\.setting)) }
        return map.entries.isEmpty ? nil : .map(map)
    }
}

extension ReportSpec.Profile {
    fileprivate var setting: Setting {
        var map: SettingMap = [
            "value": .list(values.map(Setting.text)), "x": .text(x), "by": .text(by.rawValue),
            "draw": .text(drawing.rawValue),
        ]
        map["layer"] = layer.map { .number(Double($0)) }
        map["epoch"] = epoch.map { .number(Double($0)) }
        return .map(map)
    }
}

extension ReportSpec.Partition {
    fileprivate var setting: Setting {
        var map = SettingMap()
        if !tasks.isEmpty {
            var chosen = SettingMap()
            for entry in tasks { chosen[entry.key] = entry.setting }
            map["where"] = .map(chosen)
        }
        if !epochs.isEmpty { map["epochs"] = .list(epochs.map(Setting.number)) }
        return .map(map)
    }
}

/// Writes settings as YAML: maps in blocks, what is in lists on one line each.
private struct YAMLWriter {
    private(set) var text = ""

    mutating func entry(_ key: String, _ setting: Setting, depth: Int = 0) {
        begin(key, depth)
        switch setting {
        case .map(let map) where !map.entries.isEmpty:
            text += "\n"
            for entry in map.entries { self.entry(entry.key, entry.setting, depth: depth + 1) }
        case .list(let members) where members.contains(where: { $0.asMap != nil }):
            text += "\n"
            for member in members { text += indentation(depth + 1) + "- " + YAMLWriter.flow(member) + "\n" }
        default: text += " " + YAMLWriter.flow(setting) + "\n"
        }
    }

    /// A map whose order matters.
    mutating func entries(_ key: String, _ entries: [(key: String, setting: Setting)]) {
        begin(key, 0)
        text += "\n"
        for entry in entries { self.entry(entry.key, entry.setting, depth: 1) }
    }

    private mutating func begin(_ key: String, _ depth: Int) {
        text += indentation(depth) + YAMLWriter.word(key) + ":"
    }

    private func indentation(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    private static func flow(_ setting: Setting) -> String {
        switch setting {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): number(value)
        case .text(let value): word(value)
        case .list(let members): "[" + members.map(flow).joined(separator: ", ") + "]"
        case .map(let map):
            "{" + map.entries.map { "\(word($0.key)): \(flow($0.setting))" }.joined(separator: ", ") + "}"
        }
    }

    /// The shortest text that reads back to the same bits, and to a number rather than an integer: `400.0`.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        return value.description
    }

    /// Plain where YAML cannot take it for anything else, quoted elsewhere.
    private static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        let startsPlain = text.utf8.first.map { $0 >= UInt8(ascii: "A") } ?? false
        if isPlain, startsPlain, Setting(plainScalar: text) == .text(text) { return text }
        return quoted(text)
    }

    /// A JSON string, with the characters escaped that JSON allows and YAML does not (YAML 1.2.2, §5.1).
    private static func quoted(_ text: String) -> String {
        Setting.text(text).canonicalText.unicodeScalars.reduce(into: "") { quoted, scalar in
            switch scalar.value {
            case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
    }
}

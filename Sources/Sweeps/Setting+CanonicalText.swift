extension Setting {
    /// JSON without white space, keys sorted by bytes, numbers in the shortest text that reads back to the same bits.
    ///
    /// Non-finite numbers, which JSON lacks, are the texts `"nan"`, `"inf"` and `"-inf"`.
    public var canonicalText: String {
        var text = ""
        appendCanonicalText(to: &text)
        return text
    }

    private func appendCanonicalText(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? value.shortestText : "\"\(value.shortestText)\""
        case .text(let value): Setting.appendQuoted(value, to: &text)
        case .list(let settings):
            text += "["
            for (index, setting) in settings.enumerated() {
                if index > 0 { text += "," }
                setting.appendCanonicalText(to: &text)
            }
            text += "]"
        case .map(let map):
            text += "{"
            for (index, entry) in map.entries.enumerated() {
                if index > 0 { text += "," }
                Setting.appendQuoted(entry.key, to: &text)
                text += ":"
                entry.setting.appendCanonicalText(to: &text)
            }
            text += "}"
        }
    }

    private static func appendQuoted(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension Double {
    /// The shortest decimal text that reads back to the same bits; `nan`, `inf` or `-inf` where there is none.
    ///
    /// Whole numbers lose their `.0`: `400`, not `400.0`.
    public var shortestText: String {
        let text = description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

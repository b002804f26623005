extension Setting {
    /// JSON without white space, keys sorted by bytes, numbers in the shortest text that reads back to the same bits.
    ///
    /// Non-finite numbers, which JSON lacks, are the texts `"nan"`, `"inf"` and `"-inf"`.
    public var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    /// The UTF-8 of ``canonicalText``.
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        appendCanonicalText(to: &bytes)
        return bytes
    }

    private func appendCanonicalText(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .boolean(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number(let value):
            bytes += (value.isFinite ? value.shortestText : "\"\(value.shortestText)\"").utf8
        case .text(let value): Setting.appendQuoted(value, to: &bytes)
        case .list(let settings):
            bytes.append(UInt8(ascii: "["))
            for (index, setting) in settings.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                setting.appendCanonicalText(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .map(let map):
            bytes.append(UInt8(ascii: "{"))
            for (index, entry) in map.entries.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Setting.appendQuoted(entry.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                entry.setting.appendCanonicalText(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func appendQuoted(_ value: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        // Nearly every text stands for itself.
        let isPlain = value.utf8.allSatisfy { byte in
            byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        if isPlain { bytes += value.utf8 } else { appendEscaped(value, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ value: String, to bytes: inout [UInt8]) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default: bytes.append(byte)
            }
        }
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

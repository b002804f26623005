extension Setting {
    /// Deepest nesting of lists and maps that is read.
    public static let nestingMax = 32
    /// Most entries of one map that are read.
    public static let mapEntriesMax = 4096

    /// A setting read from JSON (RFC 8259); `nil` for anything else, for a key that stands twice in its map, and for
    /// more nesting or keys than ``nestingMax`` and ``mapEntriesMax``.
    ///
    /// A whole number without fraction or exponent is an integer, any other a number. The text ``canonicalText``
    /// gives reads back to a setting of the same canonical text, and so to the same task id: `400.0` is written as
    /// `400` and comes back as an integer, which is written as `400` again; `-0.0` is written as `-0` and comes back
    /// as the number it was.
    ///
    /// - Complexity: Linear in the bytes, but for maps whose keys are not sorted.
    public init?(json bytes: [UInt8]) {
        var parser = SettingParser(bytes)
        guard let setting = parser.parseDocument() else { return nil }
        self = setting
    }

    /// A setting read from JSON text; see ``init(json:)-([UInt8])``.
    public init?(json text: String) { self.init(json: Array(text.utf8)) }
}

/// Reads one JSON document; every function gives `nil` where the text is wrong.
private struct SettingParser {
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func parseDocument() -> Setting? {
        skipSpace()
        guard let setting = parseValue() else { return nil }
        skipSpace()
        return offset == bytes.count ? setting : nil
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    private mutating func take(_ word: StaticString, _ setting: Setting) -> Setting? {
        let count = word.utf8CodeUnitCount
        guard bytes.count - offset >= count else { return nil }
        let matches = word.withUTF8Buffer { $0.elementsEqual(bytes[offset..<offset + count]) }
        offset += count
        return matches ? setting : nil
    }

    private mutating func parseValue() -> Setting? {
        switch next {
        case UInt8(ascii: "n"): take("null", .null)
        case UInt8(ascii: "t"): take("true", .boolean(true))
        case UInt8(ascii: "f"): take("false", .boolean(false))
        case UInt8(ascii: "\""): parseText().map(Setting.text)
        case UInt8(ascii: "["): nested { $0.parseList() }
        case UInt8(ascii: "{"): nested { $0.parseMap() }
        default: parseNumber()
        }
    }

    private mutating func nested(_ parse: (inout SettingParser) -> Setting?) -> Setting? {
        guard depth < Setting.nestingMax else { return nil }
        depth += 1
        defer { depth -= 1 }
        offset += 1
        skipSpace()
        return parse(&self)
    }

    private mutating func parseList() -> Setting? {
        var settings: [Setting] = []
        if take(UInt8(ascii: "]")) { return .list(settings) }
        while true {
            guard let setting = parseValue() else { return nil }
            settings.append(setting)
            skipSpace()
            if take(UInt8(ascii: "]")) { return .list(settings) }
            guard take(UInt8(ascii: ",")) else { return nil }
            skipSpace()
        }
    }

    private mutating func parseMap() -> Setting? {
        var map = SettingMap()
        if take(UInt8(ascii: "}")) { return .map(map) }
        while map.entries.count < Setting.mapEntriesMax {
            guard next == UInt8(ascii: "\""), let key = parseText(), map[key] == nil else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return nil }
            skipSpace()
            guard let setting = parseValue() else { return nil }
            map[key] = setting
            skipSpace()
            if take(UInt8(ascii: "}")) { return .map(map) }
            guard take(UInt8(ascii: ",")) else { return nil }
            skipSpace()
        }
        return nil
    }
}

extension SettingParser {
    /// Reads `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
    private mutating func parseNumber() -> Setting? {
        let start = offset
        let isNegative = take(UInt8(ascii: "-"))
        let leadingZero = next == UInt8(ascii: "0")
        let wholeDigits = skipDigits()
        guard wholeDigits > 0, !leadingZero || wholeDigits == 1 else { return nil }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            guard skipDigits() > 0 else { return nil }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            guard skipDigits() > 0 else { return nil }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        let isNegativeZero = isNegative && leadingZero && isWhole
        if isWhole, !isNegativeZero, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { return nil }
        return .number(number)
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { offset += 1 }
        return offset - start
    }

    private mutating func parseText() -> String? {
        offset += 1
        let start = offset
        // Nearly every text stands for itself.
        while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            offset += 1
        }
        if next == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return String(validating: bytes[start..<offset], as: UTF8.self)
        }
        var content = Array(bytes[start..<offset])
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: content, as: UTF8.self)
            case UInt8(ascii: "\\"): guard parseEscape(into: &content) else { return nil }
            case 0..<0x20: return nil
            default: content.append(byte)
            }
        }
        return nil
    }

    private mutating func parseEscape(into content: inout [UInt8]) -> Bool {
        guard let byte = next else { return false }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = parseScalar() else { return false }
            content.append(contentsOf: String(scalar).utf8)
        default: return false
        }
        return true
    }

    /// Reads four hexadecimal digits, and four more where they are the first half of a surrogate pair.
    private mutating func parseScalar() -> Unicode.Scalar? {
        guard let unit = parseHexadecimal() else { return nil }
        guard 0xD800..<0xDC00 ~= unit else { return Unicode.Scalar(unit) }
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = parseHexadecimal(),
            0xDC00..<0xE000 ~= low
        else { return nil }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func parseHexadecimal() -> UInt32? {
        guard bytes.count - offset >= 4 else { return nil }
        var value: UInt32 = 0
        for byte in bytes[offset..<offset + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        offset += 4
        return value
    }
}

/// Reads the small part of JSON that safetensors headers are made of: flat objects, texts and sizes.
///
/// The bytes come from anywhere, so every step either succeeds or throws; nothing recurses, and nothing is allocated
/// that the header's own bytes do not pay for.
struct JSONScanner {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// The next byte that is no white space, without taking it.
    private mutating func peek() -> UInt8? {
        while position < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        return position < bytes.endIndex ? bytes[position] : nil
    }

    /// Takes `character` if it is next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(SafetensorsError) {
        if !take(character) { throw damaged("'\(character)' is missing") }
    }

    /// Reads nothing but white space up to the end.
    mutating func expectEnd() throws(SafetensorsError) {
        if peek() != nil { throw damaged("something follows the header's last brace") }
    }

    /// Reads `{key: …, key: …}`, calling `member` after each colon.
    mutating func object(
        _ member: (inout JSONScanner, String) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try text()
            try expect(":")
            try member(&self, key)
        } while take(",")
        try expect("}")
    }

    /// Reads `[1, 2, …]` of sizes.
    mutating func sizes() throws(SafetensorsError) -> [Int] {
        var sizes: [Int] = []
        try expect("[")
        if take("]") { return sizes }
        repeat { sizes.append(try size()) } while take(",")
        try expect("]")
        return sizes
    }

    /// Reads a whole number that is not negative.
    private mutating func size() throws(SafetensorsError) -> Int {
        var value: Int?
        _ = peek()
        while position < bytes.endIndex, case let digit = bytes[position], (0x30...0x39).contains(digit) {
            let (product, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(digit) - 0x30)
            if overflow || carry || value == 0 { throw damaged("a size is out of range") }
            value = sum
            position += 1
        }
        guard let value else { throw damaged("a size is missing") }
        return value
    }

    /// Reads a text in quotes.
    mutating func text() throws(SafetensorsError) -> String {
        try expect("\"")
        var content: [UInt8] = []
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw damaged("a name is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): content.append(contentsOf: try escape())
            case 0..<0x20: throw damaged("a name holds a control character")
            default: content.append(byte)
            }
        }
        throw damaged("a quote is not closed")
    }

    /// Reads what follows a backslash, as UTF-8.
    private mutating func escape() throws(SafetensorsError) -> [UInt8] {
        guard position < bytes.endIndex else { throw damaged("a quote is not closed") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try unicodeEscape()).utf8)
        default: throw damaged("a name holds an unknown escape")
        }
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair.
    private mutating func unicodeEscape() throws(SafetensorsError) -> Character {
        var code = UInt32(try fourHexadecimalDigits())
        if (0xD800..<0xDC00).contains(code) {
            try expect("\\")
            try expect("u")
            let low = UInt32(try fourHexadecimalDigits())
            guard (0xDC00..<0xE000).contains(low) else { throw damaged("half a character is missing") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw damaged("half a character is missing") }
        return Character(scalar)
    }

    private mutating func fourHexadecimalDigits() throws(SafetensorsError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.endIndex,
                let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else { throw damaged("an escape is cut short") }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    func damaged(_ reason: String) -> SafetensorsError {
        .damaged("\(reason) at byte \(position - bytes.startIndex) of the header")
    }
}

import Sweeps

extension Setting {
    /// What a plain scalar means in the core schema of YAML 1.2.2 (§10.3.2): `yes` and `no` are text.
    ///
    /// A whole number that does not fit 64 bits becomes a number with a decimal point, as in JSON.
    init(plainScalar text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .boolean(true)
        case "false", "False", "FALSE": self = .boolean(false)
        case ".nan", ".NaN", ".NAN": self = .number(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": self = .number(-.infinity)
        default:
            if let integer = Setting.integer(of: text) {
                self = .integer(integer)
            } else if Setting.isDecimal(text),
                let number = Double(text.hasPrefix("+") ? String(text.dropFirst()) : text)
            {
                self = .number(number)
            } else {
                self = .text(text)
            }
        }
    }

    private static func integer(of text: String) -> Int? {
        if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8) }
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        return Int(text)
    }

    /// Whether the text is a number of the core schema.
    ///
    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    private static func isDecimal(_ text: String) -> Bool {
        var rest = Substring(text)
        func skip(_ isWanted: (UInt8) -> Bool) -> Int {
            let count = rest.utf8.prefix(while: isWanted).count
            rest = rest.dropFirst(count)
            return count
        }
        func skipOne(_ wanted: String) -> Bool {
            guard let first = rest.utf8.first, wanted.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        let isDigit = { (byte: UInt8) in UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9") }
        _ = skipOne("-+")
        let whole = skip(isDigit)
        let fraction = skipOne(".") ? skip(isDigit) : 0
        if whole + fraction == 0 { return false }
        if skipOne("eE") {
            _ = skipOne("-+")
            if skip(isDigit) == 0 { return false }
        }
        return rest.isEmpty
    }
}

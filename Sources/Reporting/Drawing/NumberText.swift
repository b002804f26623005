internal import Foundation
internal import Sweeps

/// Numbers as people read them in pictures; files have all digits instead.
enum NumberText {
    /// A value of an axis, with all its digits: `0.2`, `5×10⁻⁴`.
    static func label(_ value: Double) -> String { powered(value.plainText) }

    /// A measured value with a few significant digits: `23.1`, `4.2×10⁻⁷`.
    static func rounded(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return value.plainText }
        return powered(String(format: "%.\(digits)g", value))
    }

    /// `1e-05` as `10⁻⁵`, `4.2e+20` as `4.2×10²⁰`; other texts as they are.
    static func powered(_ text: String) -> String {
        let parts = text.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return text.replacing("-", with: "−") }
        let mantissa = parts[0] == "1" ? "" : parts[0] == "-1" ? "−" : "\(parts[0])×"
        return mantissa.replacing("-", with: "−") + "10" + superscript(exponent)
    }

    private static func superscript(_ number: Int) -> String {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return String(
            String(number).map { character in
                character.wholeNumberValue.map { digits[$0] } ?? "⁻"
            })
    }
}

internal import Sweeps

/// One record of a CSV file (RFC 4180), fields appended from left to right.
///
/// Lines end with CR LF, as the RFC has it; pandas, R, NumPy and spreadsheets read both endings.
struct CSVLine {
    private(set) var text = ""
    private var isFirst = true

    mutating func append(_ value: Int) { appendRaw(String(value)) }

    /// A number as the shortest text that reads back to the same bits; missing is empty.
    mutating func append(_ value: Double?) { appendRaw(value?.plainText ?? "") }

    /// A whole number of epochs, or with its part where one is under way.
    mutating func append(epoch: Double) { appendRaw(epoch.epochText) }

    /// A text cell, quoted where RFC 4180 asks for it.
    ///
    /// A text that a spreadsheet would run as a formula gets an apostrophe in front: names of workers and
    /// hosts come from other machines.
    mutating func append(_ value: String) {
        let isFormula = value.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let guarded = isFormula ? "'" + value : value
        let needsQuotes = guarded.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        appendRaw(needsQuotes ? "\"" + guarded.replacing("\"", with: "\"\"") + "\"" : guarded)
    }

    /// A value of an axis: numbers stay numbers, null is empty, lists and maps are written as JSON.
    mutating func append(_ value: Setting) {
        switch value {
        case .integer(let value): append(value)
        case .number(let value): append(value)
        default: append(value.plainText)
        }
    }

    /// Ends the record and takes its text; the line is then empty again.
    mutating func finish() -> String {
        defer { self = CSVLine() }
        return text + "\r\n"
    }

    private mutating func appendRaw(_ field: String) {
        if !isFirst { text += "," }
        text += field
        isFirst = false
    }
}

extension Double {
    /// A number of epochs without a superfluous point: `2`, `2.5`.
    var epochText: String { Int(exactly: self).map(String.init) ?? plainText }
}

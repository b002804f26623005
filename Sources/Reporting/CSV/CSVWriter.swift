internal import Sweeps

/// Rows of comma-separated values after RFC 4180: CRLF ends a line, quotes surround what needs them.
struct CSVWriter {
    private(set) var text = ""

    /// One cell of a row.
    enum Cell {
        case text(String)
        case integer(Int)
        /// Shortest text that reads back to the same bits; `nan`, `inf`, `-inf`; empty for `nil`.
        case number(Double?)
        case setting(Setting)
    }

    mutating func append(_ cells: [Cell]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { text += "," }
            text += CSVWriter.notation(of: cell)
        }
        text += "\r\n"
    }

    private static func notation(of cell: Cell) -> String {
        switch cell {
        case .text(let text): escaped(text)
        case .integer(let value): String(value)
        case .number(let value): value.map(\.shortestText) ?? ""
        case .setting(.text(let text)): escaped(text)
        case .setting(.null): ""
        case .setting(let setting): setting.asNumber.map(\.shortestText) ?? escaped(setting.canonicalText)
        }
    }

    /// The text as a cell that no spreadsheet takes for a formula.
    private static func escaped(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        let needsQuotes = safe.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        return needsQuotes ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
    }
}

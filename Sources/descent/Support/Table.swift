/// Rows of text in columns that line up: what commands print for people.
struct Table {
    /// The first row is the header.
    private var rows: [[String]]
    /// Columns whose text leans to the right, as numbers do.
    private let rightAligned: Set<Int>

    init(_ header: [String], rightAligned: Set<Int> = []) {
        rows = [header]
        self.rightAligned = rightAligned
    }

    mutating func append(_ row: [String]) {
        precondition(
            row.count == rows[0].count, "a row of \(row.count) cells in a table of \(rows[0].count) columns")
        rows.append(row)
    }

    /// The table with two spaces between columns and none at the ends of lines.
    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return rightAligned.contains(column) ? padding + cell : cell + padding
            }
            return cells.joined(separator: "  ").trimmedAtEnd
        }.joined(separator: "\n")
    }
}

extension String {
    /// This text without the spaces at its end.
    var trimmedAtEnd: String {
        var copy = self
        while copy.hasSuffix(" ") { copy.removeLast() }
        return copy
    }
}

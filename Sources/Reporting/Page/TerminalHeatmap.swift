public import Sweeps

/// A heatmap in the terminal: half a character a cell where colour is allowed, a shade a cell where it is
/// not.
public enum TerminalHeatmap {
    /// What the terminal can show.
    public enum Coloring: Hashable, Sendable {
        /// Shades of grey out of characters.
        case none
        /// The palette of 256 colours.
        case palette
        /// Every colour, 24 bits.
        case full
    }

    /// The mean test error over width and epoch, at the largest of the other axes' values.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - usesColor: Whether the terminal understands 24-bit colour.
    /// - Returns: Lines with axis labels and a legend; `nil` where there is nothing to show.
    public static func text(_ results: SweepResults, usesColor: Bool) -> String? {
        let table = ResultTable(results)
        let varying = table.axes.filter { $0.values.count > 1 }.map(\.axis.path)
        guard let x = varying.contains(Threshold.path) ? Threshold.path : varying.first,
            let metric = results.metricNames.contains("test_error") ? "test_error" : results.metricNames.first
        else { return nil }
        let heatmap = ReportSpec.Heatmap(x: x, y: AxisTitle.epoch, value: metric)
        return try? render(results, heatmap, columns: 80, coloring: usesColor ? .full : .none)
    }

    /// One panel of a heatmap.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - heatmap: Its axes, and its metric by the name of its column.
    ///   - panel: Which of the panels, counted from 0; by default the last, where noise is largest.
    ///   - columns: Characters in a line, at most.
    ///   - coloring: What the terminal can show.
    /// - Returns: Lines without a final newline; `nil` where there is nothing to show.
    /// - Throws: ``ReportError`` for an axis that the sweep does not have.
    public static func render(
        _ results: SweepResults, _ heatmap: ReportSpec.Heatmap, panel: Int? = nil, columns: Int = 80,
        coloring: Coloring
    ) throws(ReportError) -> String? {
        let metric = heatmap.value.replacing("-", with: "_")
        let figure = try HeatmapFigure(results, x: heatmap.x, y: heatmap.y, metric: metric)
        let index = panel ?? figure.panels.count - 1
        guard figure.panels.indices.contains(index),
            figure.panels[index].means.contains(where: { !$0.isEmpty })
        else { return nil }
        return TerminalPicture(
            figure, panel: figure.panels[index], columns: max(columns, 40), coloring: coloring
        )
        .lines.joined(separator: "\n")
    }
}

/// Lays out one panel in characters.
private struct TerminalPicture {
    private let figure: HeatmapFigure
    private let panel: HeatmapFigure.Panel
    private let coloring: TerminalHeatmap.Coloring
    private let columnsMax: Int
    /// Characters of the row labels.
    private let margin: Int
    /// The column of the figure that each character shows.
    private let columns: [Int]
    /// The row of the figure that each line of cells shows, downwards.
    private let rows: [Int]

    /// From light to dark: on a dark terminal more ink is more light, so that high values stand out on
    /// either.
    private static let shades: [Character] = [".", ":", "-", "=", "+", "*", "#", "%", "@"]
    private static let missing: Character = "/"
    private static let undefined: Character = "?"
    private static let rowsMax = 40
    private static let reset = "\u{1b}[0m"

    init(
        _ figure: HeatmapFigure, panel: HeatmapFigure.Panel, columns: Int, coloring: TerminalHeatmap.Coloring
    ) {
        self.figure = figure
        self.panel = panel
        self.coloring = coloring
        columnsMax = columns
        margin = min(figure.y.labels.map(\.count).max() ?? 1, 12)
        let count = figure.x.labels.count
        let room = max(1, columns - margin - 3)
        let repeats = max(1, min(6, room / max(count, 1)))
        self.columns = TerminalPicture.chosen(count, max: room).flatMap {
            Array(repeating: $0, count: repeats)
        }
        rows = TerminalPicture.chosen(figure.y.labels.count, max: TerminalPicture.rowsMax).reversed()
    }

    /// All of them, or as many as fit, evenly, the first and the last among them.
    private static func chosen(_ count: Int, max most: Int) -> [Int] {
        if count <= most { return Array(0..<count) }
        return (0..<most).map { ($0 * (count - 1) * 2 + most - 1) / ((most - 1) * 2) }
    }

    var lines: [String] {
        let title = panel.title.isEmpty ? figure.title : "\(figure.title), \(panel.title)"
        var lines = wrapped(title) + (panel.note.isEmpty ? [] : [panel.note])
        lines.append(AxisTitle.short(figure.y.title))
        lines += coloring == .none ? shadedRows : coloredRows
        lines.append(
            String(repeating: " ", count: margin + 1) + "└" + String(repeating: "─", count: columns.count))
        lines.append(columnLabels)
        lines.append(contentsOf: wrapped(legend))
        return lines
    }

    private func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last,
                TerminalPicture.width(last) + 1 + TerminalPicture.width(word) <= columnsMax
            {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// Characters that take space: all but those of colours.
    private static func width(_ text: some StringProtocol) -> Int {
        var (count, isEscape) = (0, false)
        for character in text {
            if character == "\u{1b}" { isEscape = true }
            if !isEscape { count += 1 }
            if character == "m" { isEscape = false }
        }
        return count
    }
}

// MARK: - Cells

extension TerminalPicture {
    private func start(of row: Int) -> String {
        let label = String(figure.y.labels[row].prefix(margin))
        return String(repeating: " ", count: margin - label.count) + label + " │"
    }

    /// One line a row.
    private var shadedRows: [String] {
        rows.map { row in start(of: row) + String(columns.map { shade(panel.means[row][$0]) }) }
    }

    private func shade(_ mean: Double?) -> Character {
        guard let mean else { return TerminalPicture.missing }
        guard mean.isFinite else { return TerminalPicture.undefined }
        let shades = TerminalPicture.shades
        return shades[min(Int(figure.scale.fraction(mean) * Double(shades.count)), shades.count - 1)]
    }

    /// Two rows a line: the upper one is the ink of `▀`, the lower one its paper.
    private var coloredRows: [String] {
        stride(from: 0, to: rows.count, by: 2).map { index in
            let (upper, lower) = (rows[index], index + 1 < rows.count ? rows[index + 1] : nil)
            var line = start(of: upper)
            var codes = ""
            for column in columns {
                let ink = code(panel.means[upper][column], isInk: true)
                let paper = lower.map { code(panel.means[$0][column], isInk: false) } ?? "49"
                let next = "\u{1b}[\(ink);\(paper)m"
                // A colour holds until the next one.
                line += next == codes ? "▀" : next + "▀"
                codes = next
            }
            return line + TerminalPicture.reset
        }
    }

    private func code(_ mean: Double?, isInk: Bool) -> String {
        guard let mean, mean.isFinite else { return isInk ? "90" : "100" }
        return TerminalPicture.code(figure.scale.color(mean), coloring, isInk: isInk)
    }

    private static func code(_ color: RGB, _ coloring: TerminalHeatmap.Coloring, isInk: Bool) -> String {
        if coloring == .full { return "\(isInk ? 38 : 48);2;\(color.red);\(color.green);\(color.blue)" }
        // The palette holds a cube of six steps a channel: 0, 95, 135, 175, 215, 255.
        let steps = [color.red, color.green, color.blue].map { part in part < 48 ? 0 : (Int(part) - 35) / 40 }
        return "\(isInk ? 38 : 48);5;\(16 + 36 * steps[0] + 6 * steps[1] + steps[2])"
    }
}

// MARK: - Labels

extension TerminalPicture {
    /// Labels under the columns they name, none over another, and the title of the axis where it fits.
    private var columnLabels: String {
        var line = String(repeating: " ", count: margin + 2)
        let wanted = Set(figure.x.ticks.map(\.text))
        for (place, column) in columns.enumerated() where place == 0 || columns[place - 1] != column {
            let label = figure.x.labels[column]
            let start = margin + 2 + place
            guard wanted.contains(label), start > line.count || place == 0, start + label.count <= columnsMax
            else { continue }
            line += String(repeating: " ", count: max(0, start - line.count)) + label
        }
        let title = AxisTitle.short(figure.x.title)
        return line.count + 2 + title.count <= columnsMax ? "\(line)  \(title)" : line
    }

    private var legend: String {
        let scale = figure.scale
        let (low, high) = (figure.metric.text(scale.low), figure.metric.text(scale.high))
        let samples: String
        if coloring == .none {
            samples = String(TerminalPicture.shades)
        } else {
            samples =
                (0..<18).map { index in
                    let color = ColorMap.viridis(Double(index) / 17)
                    return "\u{1b}[\(TerminalPicture.code(color, coloring, isInk: false))m "
                }.joined(separator: "").replacing(" ", with: "\u{a0}") + TerminalPicture.reset
        }
        var parts = ["\(low) \(samples) \(high)"]
        if scale.isLogarithmic { parts.append("(logarithmic)") }
        let means = panel.means.flatMap(\.self)
        if means.contains(where: { $0 == nil }) {
            parts.append("· \(coloring == .none ? String(TerminalPicture.missing) : "grey") not measured")
        }
        if means.contains(where: { $0.map { !$0.isFinite } ?? false }) {
            parts.append("· \(coloring == .none ? String(TerminalPicture.undefined) : "grey") not finite")
        }
        return parts.joined(separator: " ")
    }
}

internal import Foundation
internal import Sweeps

/// A heatmap in the terminal: one or two characters a cell, at most 80 columns.
public enum TerminalHeatmap {
    /// The darkest first; read without colour.
    private static let shades: [Character] = [" ", "·", "░", "▒", "▓", "█"]

    /// The mean test error at the last epoch over width and one other axis, or over width and epoch.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - usesColor: Whether the terminal understands 24-bit colour.
    /// - Returns: Lines with axis labels and a legend; `nil` where there are fewer than two cells to show.
    public static func text(_ results: SweepResults, usesColor: Bool) -> String? {
        let varying = results.axes.map(\.path).filter { $0 != "seed" && results.values(ofAxis: $0).count > 1 }
        guard let x = varying.contains("model.width") ? "model.width" : varying.first,
            results.metricNames.contains("test_error"),
            let pivot = try? HeatmapPivot(results, x: x, y: "epoch", metric: "test_error")
        else { return nil }
        let figure = pivot.figure()
        // The last panel is the one with the most noise: where double descent shows.
        guard let panel = figure.panels.last, let columns = panel.means.first?.count, columns > 0 else {
            return nil
        }
        let scale = ColorScale(over: panel.means.flatMap { $0.compactMap { $0.map { $0 * figure.factor } } })
        let stride = (columns + 63) / 64
        let repeats = max(1, min(4, 64 / columns))
        let margin = figure.y.labels.map(\.count).max() ?? 1
        var lines = [
            "\(figure.valueTitle) over \(figure.x.title) and \(figure.y.title)\(panel.title.isEmpty ? "" : ", " + panel.title)"
        ]
        for row in panel.means.indices.reversed() {
            let label = figure.y.labels[row]
            var line = String(repeating: " ", count: margin - label.count) + label + " │"
            for column in Swift.stride(from: 0, to: columns, by: stride) {
                line += cell(panel.means[row][column].map { $0 * figure.factor }, scale, repeats, usesColor)
            }
            lines.append(line + (usesColor ? "\u{1b}[0m" : ""))
        }
        lines.append(
            String(repeating: " ", count: margin + 1) + "└"
                + String(repeating: "─", count: (columns + stride - 1) / stride * repeats))
        lines.append(columnLabels(figure, columns, stride, repeats, margin))
        lines.append(legend(scale, margin, usesColor))
        return lines.joined(separator: "\n")
    }

    private static func cell(_ value: Double?, _ scale: ColorScale, _ repeats: Int, _ usesColor: Bool)
        -> String
    {
        guard let value, !value.isNaN else {
            return (usesColor ? "\u{1b}[0m" : "")
                + String(repeating: value == nil ? "?" : "x", count: repeats)
        }
        let fraction = scale.fraction(value)
        if usesColor {
            let rgb = ColorScale.rgb(fraction).map { String(Int($0.rounded())) }.joined(separator: ";")
            return "\u{1b}[48;2;\(rgb)m" + String(repeating: " ", count: repeats)
        }
        let shade = shades[min(Int(fraction * Double(shades.count)), shades.count - 1)]
        return String(repeating: shade, count: repeats)
    }

    private static func columnLabels(
        _ figure: HeatmapFigure, _ columns: Int, _ stride: Int, _ repeats: Int, _ margin: Int
    ) -> String {
        var line = Array(repeating: Character(" "), count: margin + 2 + columns / stride * repeats + 8)
        var free = 0
        for column in figure.x.labelled where column % stride == 0 {
            let start = margin + 2 + column / stride * repeats
            let label = figure.x.labels[column]
            guard start >= free, start + label.count <= line.count else { continue }
            for (offset, character) in label.enumerated() { line[start + offset] = character }
            free = start + label.count + 1
        }
        return String(line) + figure.x.title
    }

    private static func legend(_ scale: ColorScale, _ margin: Int, _ usesColor: Bool) -> String {
        let steps = 24
        var line = String(repeating: " ", count: margin + 2) + Ticks.text(scale.low) + " "
        for step in 0..<steps {
            let fraction = (Double(step) + 0.5) / Double(steps)
            let value =
                scale.isLogarithmic
                ? scale.low * pow(scale.high / scale.low, fraction)
                : scale.low + fraction * (scale.high - scale.low)
            line += cell(value, scale, 1, usesColor)
        }
        return line + (usesColor ? "\u{1b}[0m" : "") + " " + Ticks.text(scale.high)
    }
}

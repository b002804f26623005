internal import Foundation
internal import Sweeps

/// Lines over one axis, each with a band of one standard deviation over seeds.
struct CurveFigure {
    /// One line.
    struct Line {
        let label: String
        /// Index into the palette; lines of one colour belong together.
        let color: Int
        let isDashed: Bool
        let points: [(x: Double, mean: Double, deviation: Double?)]
    }

    /// One frame with its lines.
    struct Panel {
        let title: String
        let lines: [Line]
        /// Vertical lines: where a network first interpolates, with the colour of its curve.
        let markers: [(x: Double, color: Int)]
    }

    let panels: [Panel]
    let xTitle: String
    let yTitle: String
    /// Whether equal ratios of x are equally far apart; an x of 0 stands at the left border.
    let isLogarithmic: Bool
    let seedCount: Int
}

extension CurveFigure {
    /// Metrics at the last epoch against an axis of numbers, one line for each value of another axis.
    ///
    /// - Parameters:
    ///   - results: What was measured.
    ///   - x: The path of the axis, such as `model.width`.
    ///   - by: The path of the axis whose values have lines of their own; `nil` for one line.
    ///   - metrics: Columns; the first is drawn through, the others dashed in the same colour.
    init(_ results: SweepResults, x: String, by: String?, metrics: [String]) {
        let keys = [by, x].compactMap { path in results.axes.firstIndex { $0.path == path } }
        let cells = Cells(results, axes: keys).cells
        let groups = by == nil ? [Setting.null] : results.values(ofAxis: by ?? "")
        var lines: [Line] = []
        var markers: [(x: Double, color: Int)] = []
        for (color, group) in groups.enumerated() {
            let members = by == nil ? cells : cells.filter { $0.axisValues[0] == group }
            for (index, metric) in metrics.enumerated() {
                let factor = metric.hasSuffix("_error") ? 100.0 : 1
                let points = members.compactMap { cell -> (x: Double, mean: Double, deviation: Double?)? in
                    guard let place = cell.axisValues.last?.asNumber, let epoch = cell.epochs.last,
                        let moments = Moments(cell.values(of: metric, at: epoch)), moments.mean.isFinite
                    else { return nil }
                    return (place, moments.mean * factor, moments.standardDeviation.map { $0 * factor })
                }
                let name = results.column(named: metric).title
                let label = by.map { "\(AxisTitle.text($0)) \(group.plainText)" } ?? name
                let suffix = metrics.count > 1 && by != nil ? ", \(name)" : ""
                lines.append(Line(label: label + suffix, color: color, isDashed: index > 0, points: points))
            }
            let first = members.first { cell in
                guard let epoch = cell.epochs.last,
                    let moments = Moments(cell.values(of: "train_error", at: epoch))
                else { return false }
                return moments.mean <= HeatmapFigure.interpolationErrorMax
            }
            if let place = first?.axisValues.last?.asNumber { markers.append((place, color)) }
        }
        self.init(
            panels: [Panel(title: "", lines: lines, markers: markers)], xTitle: AxisTitle.text(x),
            yTitle: CurveFigure.title(of: metrics, results),
            isLogarithmic: CurveFigure.spansDecades(results, x),
            seedCount: cells.map(\.taskCount).max() ?? 0)
    }

    /// Metrics against the epoch, one panel for each value of an axis.
    ///
    /// - Parameters:
    ///   - results: What was measured, already narrowed to the cells that shall be drawn.
    ///   - by: The path of the axis that tells panels apart; `nil` for one panel.
    ///   - metrics: Columns, one line each.
    init(_ results: SweepResults, overEpochsBy by: String?, metrics: [String]) {
        let keys = [by].compactMap { path in results.axes.firstIndex { $0.path == path } }
        let cells = Cells(results, axes: keys).cells
        let panels = cells.map { cell in
            let lines = metrics.enumerated().map { index, metric in
                let factor = metric.hasSuffix("_error") ? 100.0 : 1
                let points = cell.epochs.compactMap {
                    epoch -> (x: Double, mean: Double, deviation: Double?)? in
                    guard let moments = Moments(cell.values(of: metric, at: epoch)), moments.mean.isFinite
                    else { return nil }
                    return (
                        Double(epoch), moments.mean * factor, moments.standardDeviation.map { $0 * factor }
                    )
                }
                return Line(
                    label: results.column(named: metric).title, color: index, isDashed: false, points: points)
            }
            let title = zip(keys, cell.axisValues).map { index, value in
                "\(AxisTitle.text(results.axes[index].path)) \(value.plainText)"
            }
            return Panel(title: title.joined(separator: ", "), lines: lines, markers: [])
        }
        self.init(
            panels: panels, xTitle: "training epoch", yTitle: CurveFigure.title(of: metrics, results),
            isLogarithmic: true, seedCount: cells.map(\.taskCount).max() ?? 0)
    }

    private static func title(of metrics: [String], _ results: SweepResults) -> String {
        guard let first = metrics.first else { return "" }
        if metrics.count > 1, metrics.allSatisfy({ $0.hasSuffix("_error") }) { return "error (%)" }
        let column = results.column(named: first)
        let unit = first.hasSuffix("_error") ? "%" : column.unit
        return column.title + (unit.map { " (\($0))" } ?? "")
    }

    private static func spansDecades(_ results: SweepResults, _ path: String) -> Bool {
        let numbers = results.values(ofAxis: path).compactMap(\.asNumber)
        guard let low = numbers.first, let high = numbers.last, low > 0 else { return false }
        return high / low >= 30
    }
}

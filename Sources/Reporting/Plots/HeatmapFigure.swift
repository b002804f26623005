internal import Foundation
internal import Sweeps

/// What one heatmap shows, before anything is drawn: means over seeds, one panel for each value of the other axes.
struct HeatmapFigure {
    /// One panel: cells by row (y) and column (x).
    struct Panel {
        /// The values of the axes that tell panels apart: `label noise 0.2`; empty for a single panel.
        let title: String
        /// The mean over seeds: `nil` where no result is there yet, `nan` where the run diverged.
        let means: [[Double?]]
        /// For each row the first column whose mean training error is at most 0.1 %; `nil` where none is.
        let thresholds: [Int?]
    }

    let x: CellAxis
    let y: CellAxis
    let column: Column
    /// What the numbers are multiplied by: errors are fractions in files and per cent in pictures.
    let factor: Double
    let panels: [Panel]
    /// Of a cell with all its seeds.
    let seedCount: Int
    let epochLast: Int

    /// What the colour bar says.
    var valueTitle: String {
        let unit = factor == 100 ? "%" : column.unit
        return column.title + (unit.map { " (\($0))" } ?? "")
    }

    /// Errors at most this are interpolation: 99.9 % of the training samples are right.
    static let interpolationErrorMax = 0.001
}

/// Gathers the numbers of a heatmap.
struct HeatmapPivot {
    private let results: SweepResults
    private let xPath: String
    private let yPath: String
    private let metric: String
    private let epochs: [Int]
    /// The values of each axis that tasks have, in order; empty for the epoch.
    private let xValues: [Setting]
    private let yValues: [Setting]

    /// - Throws: ``ReportError`` for an axis or a metric that the sweep does not have.
    init(_ results: SweepResults, x: String, y: String, metric: String) throws(ReportError) {
        let paths = results.axes.map(\.path) + ["epoch"]
        for path in [x, y] where !paths.contains(path) {
            throw .unknownAxis(path, known: paths)
        }
        if x == y { throw .sameAxis(x) }
        self.results = results
        (xPath, yPath, self.metric) = (x, y, metric)
        epochs = Set(results.tasks.flatMap { $0.result?.measurements.map(\.epoch) ?? [] }).sorted()
        xValues = results.values(ofAxis: x)
        yValues = results.values(ofAxis: y)
    }

    func figure() -> HeatmapFigure {
        let rest = results.axes.indices.filter { ![xPath, yPath, "seed"].contains(results.axes[$0].path) }
        let groups = Cells(results, axes: rest).cells.map(\.axisValues)
        let column = results.column(named: metric)
        let keys = [xPath, yPath].filter { $0 != "epoch" }.compactMap { path in
            results.axes.firstIndex { $0.path == path }
        }
        let cells = Dictionary(
            Cells(results, axes: rest + keys).cells.map { ($0.axisValues, $0) },
            uniquingKeysWith: { first, _ in first })
        let panels = groups.map { group in panel(group, rest, cells) }
        return HeatmapFigure(
            x: axis(xPath, xValues), y: axis(yPath, yValues), column: column,
            factor: metric.hasSuffix("_error") ? 100 : 1,
            panels: panels, seedCount: cells.values.map(\.taskCount).max() ?? 0, epochLast: epochs.last ?? 0)
    }

    private func axis(_ path: String, _ values: [Setting]) -> CellAxis {
        if path == "epoch" { return CellAxis(epochs: epochs) }
        return CellAxis(title: AxisTitle.text(path), values: values, labelsMax: path == xPath ? 9 : 12)
    }

    private func panel(_ group: [Setting], _ rest: [Int], _ cells: [[Setting]: Cells.Cell])
        -> HeatmapFigure.Panel
    {
        let title = zip(rest, group).map { "\(AxisTitle.text(results.axes[$0].path)) \($1.plainText)" }
        let xCount = xPath == "epoch" ? epochs.count : xValues.count
        let yCount = yPath == "epoch" ? epochs.count : yValues.count
        var means: [[Double?]] = []
        var thresholds: [Int?] = []
        for row in 0..<yCount {
            let errors = (0..<xCount).map { mean("train_error", column: $0, row: row, group, cells) }
            let first = errors.firstIndex { ($0 ?? 1) <= HeatmapFigure.interpolationErrorMax }
            thresholds.append(xPath == "epoch" ? nil : first)
            means.append((0..<xCount).map { mean(metric, column: $0, row: row, group, cells) })
        }
        return HeatmapFigure.Panel(title: title.joined(separator: ", "), means: means, thresholds: thresholds)
    }

    private func mean(
        _ metric: String, column: Int, row: Int, _ group: [Setting], _ cells: [[Setting]: Cells.Cell]
    ) -> Double? {
        var key = group
        if xPath != "epoch" { key.append(xValues[column]) }
        if yPath != "epoch" { key.append(yValues[row]) }
        let epoch = xPath == "epoch" ? epochs[column] : yPath == "epoch" ? epochs[row] : nil
        guard let cell = cells[key], let at = epoch ?? cell.epochs.last else { return nil }
        return Moments(cell.values(of: metric, at: at))?.mean
    }
}

extension SweepResults {
    /// The values of an axis that tasks have, in order; none for the epoch, which is no axis of the grid.
    func values(ofAxis path: String) -> [Setting] {
        guard let index = axes.firstIndex(where: { $0.path == path }) else { return [] }
        return Set(tasks.map { $0.axisValues[index] }).sorted(by: Setting.precedes)
    }
}

/// Names of axes as people say them.
enum AxisTitle {
    static func text(_ path: String) -> String {
        switch path {
        case "model.width": "width"
        case "model.depth": "depth"
        case "dataset.noise.rate": "label noise"
        case "dataset.train": "training samples"
        case "optimizer.learning-rate": "learning rate"
        case "optimizer.weight-decay": "weight decay"
        case "training.batch": "batch"
        default: (path.split(separator: ".").last.map(String.init) ?? path).replacing("-", with: " ")
        }
    }
}

/// A report that a sweep cannot give.
public enum ReportError: Error, Hashable, CustomStringConvertible {
    case unknownAxis(String, known: [String])
    case sameAxis(String)
    case unknownMetric(String, known: [String])

    public var description: String {
        switch self {
        case .unknownAxis(let path, let known):
            "report: the sweep has no axis '\(path)'; take one of \(known.joined(separator: ", "))"
        case .sameAxis(let path): "report: a heatmap needs two different axes, not '\(path)' twice"
        case .unknownMetric(let name, let known):
            "report: no metric is called '\(name)'; take one of \(known.joined(separator: ", "))"
        }
    }
}

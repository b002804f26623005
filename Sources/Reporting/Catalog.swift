public import Sweeps

/// The kinds of plots, and what is drawn of a sweep.
///
/// To add a kind, write a figure and its drawing in `Sources/Reporting/Plots/`, give it an entry here and a line in
/// ``plots(of:report:)``.
public enum Catalog {
    public static let plots = [
        CatalogEntry(
            "heatmaps", "A metric's mean over seeds as colour over two axes; epoch counts as an axis."),
        CatalogEntry("curves", "Metrics with their spread over seeds against an axis or the epoch."),
    ]

    /// Everything that is drawn of a sweep: what its file asks for, else what its axes suggest.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - report: The section `report` of the sweep file.
    /// - Returns: Plots in the order in which the page shows them.
    /// - Throws: ``ReportError`` for an axis or metric that the sweep does not have.
    public static func plots(of results: SweepResults, report: ReportSpec) throws(ReportError) -> [Plot] {
        // Without a single result there is no metric to name.
        if results.metricNames.isEmpty { return [] }
        let heatmaps = report.heatmaps.isEmpty ? standardHeatmaps(of: results) : report.heatmaps
        var plots: [Plot] = []
        for heatmap in heatmaps {
            let pivot = try HeatmapPivot(
                results, x: heatmap.x, y: heatmap.y, metric: metric(named: heatmap.value, in: results))
            plots.append(plot(pivot.figure(), heatmap, results))
        }
        if report.curves.isEmpty { return plots + standardCurves(of: results) }
        for curve in report.curves { plots.append(try plot(curve, results)) }
        return plots
    }

    /// The column that a sweep file calls `name`: dashes for underscores, and the first column of a family
    /// such as `local-complexity`.
    private static func metric(named name: String, in results: SweepResults) throws(ReportError) -> String {
        let wanted = name.replacing("-", with: "_")
        let known = results.metricNames
        if known.contains(wanted) { return wanted }
        if let first = known.first(where: { $0.hasPrefix(wanted + "_") }) { return first }
        throw .unknownMetric(name, known: known.map { $0.replacing("_", with: "-") })
    }
}

/// One finished drawing.
public struct Plot: Hashable, Sendable {
    /// The file's name without its ending: `heatmap-test-error-width-epoch`.
    public let name: String
    public let title: String
    public let svg: String
}

extension Catalog {
    private static func plot(
        _ figure: HeatmapFigure, _ heatmap: ReportSpec.Heatmap, _ results: SweepResults
    ) -> Plot {
        let (x, y) = (AxisTitle.text(heatmap.x), AxisTitle.text(heatmap.y))
        let title = "\(sentence(figure.column.title)) over \(x) and \(y)"
        let usesEpoch = heatmap.x == "epoch" || heatmap.y == "epoch"
        let at = usesEpoch ? "" : " · epoch \(figure.epochLast)"
        let plot = HeatmapPlot(
            figure: figure, title: title, subtitle: subtitle(results, seedCount: figure.seedCount) + at)
        let name = ["heatmap", figure.column.name, x, y].joined(separator: "-")
        return Plot(name: fileName(name), title: title, svg: plot.svg())
    }

    private static func plot(_ curve: ReportSpec.Curve, _ results: SweepResults) throws(ReportError) -> Plot {
        var metrics: [String] = []
        for value in curve.values { metrics.append(try metric(named: value, in: results)) }
        let paths = results.axes.map(\.path)
        for path in [curve.x, curve.by].compactMap(\.self) where path != "epoch" && !paths.contains(path) {
            throw .unknownAxis(path, known: paths + ["epoch"])
        }
        let figure =
            curve.x == "epoch"
            ? CurveFigure(results, overEpochsBy: curve.by, metrics: metrics)
            : CurveFigure(results, x: curve.x, by: curve.by, metrics: metrics)
        return plot(figure, metrics, against: curve.x, results)
    }

    private static func plot(
        _ figure: CurveFigure, _ metrics: [String], against x: String, _ results: SweepResults,
        suffix: String = ""
    ) -> Plot {
        let names = metrics.map { results.column(named: $0).title }.joined(separator: " and ")
        let title = "\(sentence(names)) against \(AxisTitle.text(x))\(suffix)"
        let plot = CurvePlot(
            figure: figure, title: title, subtitle: subtitle(results, seedCount: figure.seedCount))
        let name = "curve-\(metrics.joined(separator: "-"))-\(AxisTitle.text(x))\(suffix)"
        return Plot(name: fileName(name), title: title, svg: plot.svg())
    }

    /// The metrics worth a heatmap of their own, over width and epoch, and over width and noise.
    private static func standardHeatmaps(of results: SweepResults) -> [ReportSpec.Heatmap] {
        guard let x = capacityAxis(of: results) else { return [] }
        let wanted = ["test_error", "jacobian_norm"].filter(results.metricNames.contains)
        let complexity = results.metricNames.filter { $0.hasPrefix("local_complexity_train_r") }
        let metrics = wanted + (complexity.isEmpty ? [] : [complexity[complexity.count / 2]])
        let others = results.axes.map(\.path).filter {
            $0 != x && $0 != "seed" && results.values(ofAxis: $0).count > 1
        }
        return (["epoch"] + others.prefix(1)).flatMap { y in
            metrics.map { ReportSpec.Heatmap(x: x, y: y, value: $0.replacing("_", with: "-")) }
        }
    }

    /// Test error against width with a line a noise rate, and errors against the epoch at a few widths.
    private static func standardCurves(of results: SweepResults) -> [Plot] {
        let errors = ["test_error", "train_error"].filter(results.metricNames.contains)
        guard let x = capacityAxis(of: results), !errors.isEmpty else {
            return errors.isEmpty
                ? []
                : [
                    plot(
                        CurveFigure(results, overEpochsBy: nil, metrics: errors), errors, against: "epoch",
                        results)
                ]
        }
        let by = results.axes.map(\.path).first {
            $0 != x && $0 != "seed" && results.values(ofAxis: $0).count > 1
        }
        var plots = [
            plot(CurveFigure(results, x: x, by: by, metrics: errors), errors, against: x, results)
        ]
        let columns = ["test_error", "train_error", "clean_error", "noisy_error"].filter(
            results.metricNames.contains)
        for value in chosen(results.values(ofAxis: x)) {
            let narrowed = results.narrowed(to: value, ofAxis: x)
            plots.append(
                plot(
                    CurveFigure(narrowed, overEpochsBy: by, metrics: columns), columns, against: "epoch",
                    narrowed,
                    suffix: ", \(AxisTitle.text(x)) \(value.plainText)"))
        }
        return plots
    }

    /// The axis along which networks grow: the width where it varies, else the first axis of numbers.
    private static func capacityAxis(of results: SweepResults) -> String? {
        let varying = results.axes.map(\.path).filter { $0 != "seed" && results.values(ofAxis: $0).count > 1 }
        if varying.contains("model.width") { return "model.width" }
        return varying.first { results.values(ofAxis: $0).allSatisfy { $0.asNumber != nil } }
    }

    /// A small, a middle and a large value.
    private static func chosen(_ values: [Setting]) -> [Setting] {
        if values.count <= 3 { return values }
        return [values[values.count / 8], values[values.count / 3], values[values.count - 1]]
    }

    private static func subtitle(_ results: SweepResults, seedCount: Int) -> String {
        let done = results.tasks.count { $0.result != nil }
        let state =
            done == results.tasks.count ? "\(done) tasks" : "\(done) of \(results.tasks.count) tasks so far"
        return "\(results.name) · \(state) · mean over \(seedCount) seed\(seedCount == 1 ? "" : "s")"
    }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// Lower-case letters, digits, dots and dashes only.
    private static func fileName(_ text: String) -> String {
        let mapped = text.lowercased().map {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-"
        }
        return String(mapped).split(separator: "-").joined(separator: "-")
    }
}

extension SweepResults {
    /// The tasks with one value of an axis.
    func narrowed(to value: Setting, ofAxis path: String) -> SweepResults {
        guard let index = axes.firstIndex(where: { $0.path == path }) else { return self }
        return SweepResults(
            name: name, axes: axes, tasks: tasks.filter { $0.axisValues[index] == value }, columns: columns)
    }
}

internal import Sweeps

/// What one plot of curves shows, before anything is drawn: means and deviations over seeds along one axis.
struct CurveFigure {
    /// One line.
    struct Line {
        /// Index into the palette.
        let color: Int
        /// 0 is drawn through and has a band; the others are broken in different ways and have none.
        let dash: Int
        /// One a value of the x axis; `nil` where nothing was measured.
        let points: [Point?]
    }

    /// Mean and deviation in the plotted unit.
    struct Point: Hashable {
        let mean: Double
        let deviation: Double

        var low: Double { mean - deviation }
        var high: Double { mean + deviation }
    }

    /// One frame with its lines.
    struct Panel {
        let title: String
        let lines: [Line]
        /// Index on the x axis of the first width that interpolates, by colour.
        let thresholds: [(index: Int, color: Int)]
    }

    /// What a colour or a way of breaking lines stands for.
    struct Key: Hashable {
        let label: String
        let color: Int?
        let dash: Int
    }

    let title: String
    let subtitle: String
    let yTitle: String
    let x: CurveAxis
    let y: ValueAxis
    let panels: [Panel]
    let columnCount: Int
    let keys: [Key]
    /// Whether some points are of several seeds, so that there are bands.
    let hasBands: Bool
    let drawing: ReportSpec.Profile.Drawing

    static let panelsMax = 12

    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - xPath: The path of a grid axis, or `epoch`; without the epoch the curves are of the last one.
    ///   - metrics: Columns, one line each.
    ///   - byPath: The path of a grid axis whose every value has lines of its own.
    /// - Throws: ``ReportError`` for an axis that the sweep does not have.
    init(_ results: SweepResults, x xPath: String, metrics: [String], by byPath: String?) throws(ReportError)
    {
        let known = results.axes.map(\.path) + [AxisTitle.epoch]
        for path in [xPath, byPath].compactMap(\.self) where !known.contains(path) {
            throw .unknownAxis(path, known: known)
        }
        if xPath == byPath { throw .sameAxis(xPath) }
        let table = ResultTable(results, keepsSeeds: xPath == "seed" || byPath == "seed")
        let pivot = CurvePivot(table, x: table.axisIndex(of: xPath), by: byPath.flatMap(table.axisIndex))
        let plotted = metrics.map { PlottedMetric(results.column(named: $0)) }
        let facets = Facets(
            table, without: [pivot.x, pivot.by].compactMap(\.self), panelsMax: CurveFigure.panelsMax)
        panels = pivot.panels(plotted, facets)
        columnCount = facets.columnCount
        let size = CurveFigure.panelSize(columnCount)
        x = CurveAxis(table, axis: pivot.x, length: size.width)
        let points = panels.flatMap { $0.lines.flatMap { $0.points.compactMap(\.self) } }
        hasBands = points.contains { $0.deviation > 0 }
        drawing = .lines
        y = ValueAxis(points, length: size.height, mayBeLogarithmic: plotted.allSatisfy { $0.factor == 1 })
        yTitle = CurveFigure.commonTitle(plotted)
        keys = CurveFigure.keys(plotted, pivot)
        let names =
            plotted.count > 2
            ? CurveFigure.commonTitle(plotted).split(separator: " (").first.map(String.init) ?? ""
            : plotted.map(\.title).joined(separator: " and ")
        title = "\(AxisTitle.sentence(names)) against \(AxisTitle.text(xPath))"
        subtitle = Subtitle.text(
            table, epoch: pivot.x == nil ? nil : table.epochs.last, isMean: !hasBands,
            omissions: facets.omissions + pivot.omissions)
    }

    static func panelSize(_ columnCount: Int) -> (width: Int, height: Int) {
        switch columnCount {
        case 1: (520, 300)
        case 2: (360, 230)
        case 3: (264, 190)
        default: (216, 170)
        }
    }

    /// `error (%)` for several errors, `local complexity, r = 0.5` for that of several kinds of points, the metric's own
    /// title for one.
    private static func commonTitle(_ metrics: [PlottedMetric]) -> String {
        guard let first = metrics.first, metrics.count > 1 else { return metrics.first?.titleWithUnit ?? "" }
        var common = CommonParts.of(metrics.map(\.title), separator: ", ")
        if common.isEmpty, let word = CommonParts.of(metrics.map(\.title), separator: " ").last {
            common = [word]
        }
        if common.isEmpty { return metrics.map(\.titleWithUnit).joined(separator: ", ") }
        return common.joined(separator: ", ") + (first.unit.map { " (\($0))" } ?? "")
    }

    /// With lines by the values of an axis, colours are values and dashes are metrics; else colours are
    /// metrics.
    private static func keys(_ metrics: [PlottedMetric], _ pivot: CurvePivot) -> [Key] {
        guard let by = pivot.by else {
            return metrics.count == 1
                ? [] : metrics.enumerated().map { Key(label: $1.title, color: $0, dash: 0) }
        }
        let axis = pivot.table.axes[by]
        let values = pivot.groups.enumerated().map { Key(label: axis.label(of: $1), color: $0, dash: 0) }
        let dashes = metrics.enumerated().map { Key(label: $1.title, color: nil, dash: $0) }
        return values + (metrics.count > 1 ? dashes : [])
    }
}

/// Reads a table along one of its axes, for each value of another.
struct CurvePivot {
    let table: ResultTable
    /// Index of the axis; `nil` for the epoch.
    let x: Int?
    /// Index of the axis whose values have lines of their own.
    let by: Int?
    /// Values on that axis that have lines, as indices; one line for all where there is no such axis.
    let groups: [Int]

    init(_ table: ResultTable, x: Int?, by: Int?) {
        self.table = table
        self.x = x
        self.by = by
        let values = by.map { table.axes[$0].values } ?? []
        groups =
            by == nil
            ? [0]
            : values.count <= PlotStyle.lineCount
                ? Array(values.indices) : Facets.thinned(values, to: PlotStyle.lineCount)
    }

    var omissions: [String] {
        guard let by, groups.count < table.axes[by].values.count else { return [] }
        let axis = table.axes[by]
        return ["\(groups.count) of \(axis.values.count) values of \(AxisTitle.text(axis.axis.path))"]
    }

    func panels(_ metrics: [PlottedMetric], _ facets: Facets) -> [CurveFigure.Panel] {
        let statistics = metrics.map { table.statistics(of: $0.name) }
        let isWidth = x.map { table.axes[$0].axis.path == Threshold.path } ?? false
        let errors = isWidth ? table.statistics(of: Threshold.metric) : []
        return facets.panels.map { facet in
            var lines: [CurveFigure.Line] = []
            var thresholds: [(index: Int, color: Int)] = []
            for (color, group) in groups.enumerated() {
                var coordinates = [Int](repeating: 0, count: table.axes.count)
                for (axis, index) in zip(facets.axes, facet.coordinates) { coordinates[axis] = index }
                if let by { coordinates[by] = group }
                for (index, metric) in metrics.enumerated() {
                    let points = values(statistics[index], coordinates).map {
                        point($0, factor: metric.factor)
                    }
                    lines.append(
                        CurveFigure.Line(
                            color: by == nil ? index : color, dash: by == nil ? 0 : index, points: points))
                }
                if isWidth, let index = Threshold.firstIndex(values(errors, coordinates)) {
                    thresholds.append((index, color))
                }
            }
            return CurveFigure.Panel(title: facet.title, lines: lines, thresholds: thresholds)
        }
    }

    /// One statistic a value of the x axis.
    private func values(_ statistics: [[Statistic?]], _ coordinates: [Int]) -> [Statistic?] {
        var coordinates = coordinates
        guard let x else {
            let cell = table.cellIndex(at: coordinates)
            return table.epochs.indices.map { epoch in cell.flatMap { statistics[$0][epoch] } }
        }
        return table.axes[x].values.indices.map { index in
            coordinates[x] = index
            return table.cellIndex(at: coordinates).flatMap { statistics[$0].last ?? nil }
        }
    }

    private func point(_ statistic: Statistic?, factor: Double) -> CurveFigure.Point? {
        guard let statistic, statistic.mean.isFinite else { return nil }
        let deviation = statistic.standardDeviation ?? 0
        return CurveFigure.Point(
            mean: statistic.mean * factor, deviation: deviation.isFinite ? deviation * factor : 0)
    }
}

internal import Sweeps

extension CurveFigure {
    /// Values of `layers.csv` over layers, indices, epochs, or each other.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - profile: What to show.
    /// - Throws: ``ReportError`` for a metric that no result has.
    init(_ results: SweepResults, _ profile: ReportSpec.Profile) throws(ReportError) {
        let pivot = try ProfilePivot(results, profile)
        let table = pivot.layers.table
        let facets = Facets(table, without: [], panelsMax: CurveFigure.panelsMax)
        columnCount = facets.columnCount
        let size = CurveFigure.panelSize(columnCount)
        panels = facets.panels.map { facet in
            let cell = table.cellIndex(at: facet.coordinates)
            return Panel(title: facet.title, lines: cell.map(pivot.lines) ?? [], thresholds: [])
        }
        x = pivot.axis(length: size.width)
        drawing = profile.drawing
        let points = panels.flatMap { $0.lines.flatMap { $0.points.compactMap(\.self) } }
        hasBands = points.contains { $0.deviation > 0 }
        let isBars = profile.drawing == .bars
        y = ValueAxis(
            isBars ? points + [Point(mean: 0, deviation: 0)] : points, length: size.height,
            mayBeLogarithmic: profile.drawing == .lines)
        let names = pivot.metrics.map { results.layerMetric(named: $0).title }
        yTitle = names.count > 2 ? ProfilePivot.commonStart(names) : names.joined(separator: ", ")
        keys = pivot.keys(titles: names)
        title = "\(AxisTitle.sentence(yTitle)) against \(AxisTitle.short(pivot.xTitle))"
        let layer = profile.layer.map { ["\(pivot.title(of: .layer)) \($0)"] } ?? []
        subtitle = Subtitle.text(
            table, epoch: pivot.shownEpoch, isMean: !hasBands,
            omissions: layer + facets.omissions + pivot.omissions, isSingle: profile.drawing == .points)
    }
}

internal import Sweeps

/// What one heatmap shows, before anything is drawn: means over seeds, one panel for each value of the other
/// axes.
struct HeatmapFigure {
    /// One panel: cells by row (y, upwards) and column (x).
    struct Panel {
        /// The values of the axes that tell panels apart: `label noise 0.2`; empty for a single panel.
        let title: String
        /// Such as `threshold at width 23`; empty where there is none.
        let note: String
        /// In the plotted unit: `nil` where no result is there yet, not a number where a run diverged.
        let means: [[Double?]]
        /// The first width that interpolates, as an index of the axis of widths, for each value of the other
        /// axis.
        let thresholds: [Int?]
    }

    let title: String
    let subtitle: String
    let metric: PlottedMetric
    let x: CellAxis
    let y: CellAxis
    let panels: [Panel]
    let columnCount: Int
    let scale: ColorScale
    /// Whether widths stand on the x axis, so that the threshold runs upwards.
    let hasThresholdUpwards: Bool

    /// More panels than that nobody compares.
    static let panelsMax = 24

    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - xPath: The path of a grid axis, or `epoch`.
    ///   - yPath: The same, another one.
    ///   - metric: A column.
    /// - Throws: ``ReportError`` for an axis that the sweep does not have.
    init(_ results: SweepResults, x xPath: String, y yPath: String, metric: String) throws(ReportError) {
        let known = results.axes.map(\.path) + [AxisTitle.epoch]
        for path in [xPath, yPath] where !known.contains(path) { throw .unknownAxis(path, known: known) }
        if xPath == yPath { throw .sameAxis(xPath) }
        let table = ResultTable(results, keepsSeeds: xPath == "seed" || yPath == "seed")
        let pivot = HeatmapPivot(table, x: table.axisIndex(of: xPath), y: table.axisIndex(of: yPath))
        let metric = PlottedMetric(results.column(named: metric))
        let facets = Facets(table, without: [pivot.x, pivot.y].compactMap(\.self), panelsMax: Self.panelsMax)
        let statistics = table.statistics(of: metric.name)
        let errors = table.statistics(of: Threshold.metric)
        let hasThreshold = xPath == Threshold.path || yPath == Threshold.path
        panels = facets.panels.map { facet in
            let group = zip(facets.axes, facet.coordinates).map { (axis: $0, index: $1) }
            let means = pivot.values(statistics, group).map { row in
                row.map { $0.map { $0.mean * metric.factor } }
            }
            let thresholds =
                hasThreshold ? pivot.thresholds(errors, group, isUpwards: xPath == Threshold.path) : []
            return Panel(
                title: facet.title, note: pivot.thresholdNote(thresholds), means: means,
                thresholds: thresholds)
        }
        self.metric = metric
        hasThresholdUpwards = xPath == Threshold.path
        columnCount = facets.columnCount
        let size = HeatmapFigure.panelSize(columnCount)
        x = pivot.axis(xPath, length: size.width, isVertical: false)
        y = pivot.axis(yPath, length: size.height, isVertical: true)
        scale = ColorScale(
            over: panels.flatMap { $0.means.flatMap { $0.compactMap(\.self) } },
            mayBeLogarithmic: metric.factor == 1,
            limit: metric.factor == 100 && xPath == Threshold.path
                ? HeatmapFigure.colorLimit(panels, rowsAreEpochs: pivot.y == nil) : nil)
        title =
            "\(AxisTitle.sentence(metric.title)) over \(AxisTitle.text(xPath)) and \(AxisTitle.text(yPath))"
        subtitle = Subtitle.text(table, epoch: pivot.finalEpoch, isMean: true, omissions: facets.omissions)
    }

    /// Where the colours of an error end: at the largest one, after training, of all but the narrowest quarter of the
    /// networks.
    ///
    /// Untrained and tiny networks err on nine of ten samples; what the map is for happens far below.
    private static func colorLimit(_ panels: [Panel], rowsAreEpochs: Bool) -> Double? {
        let trained = panels.flatMap { panel -> [Double?] in
            guard let columnCount = panel.means.first?.count, columnCount >= 8 else { return [] }
            let rows = rowsAreEpochs ? panel.means.suffix(1) : panel.means[...]
            return rows.flatMap { $0.dropFirst(columnCount / 4) }
        }
        return trained.compactMap(\.self).filter(\.isFinite).max()
    }

    /// Pixels of a panel, about: the more of them, the smaller.
    private static func panelSize(_ columnCount: Int) -> (width: Int, height: Int) {
        switch columnCount {
        case 1: (512, 300)
        case 2: (384, 260)
        default: (264, 230)
        }
    }
}

/// Reads a table along two of its axes, either of which may be the epoch.
struct HeatmapPivot {
    let table: ResultTable
    /// Index of the axis; `nil` for the epoch.
    let x: Int?
    let y: Int?

    init(_ table: ResultTable, x: Int?, y: Int?) {
        self.table = table
        self.x = x
        self.y = y
    }

    /// The epoch that all cells are of, where the epoch is no axis.
    var finalEpoch: Double? { x != nil && y != nil ? table.epochs.last : nil }

    private func count(_ axis: Int?) -> Int { axis.map { table.axes[$0].values.count } ?? table.epochs.count }

    /// The statistics of one panel: [rows (y) × columns (x)].
    func values(_ statistics: [[Statistic?]], _ group: [(axis: Int, index: Int)]) -> [[Statistic?]] {
        var coordinates = [Int](repeating: 0, count: table.axes.count)
        for (axis, index) in group { coordinates[axis] = index }
        return (0..<count(y)).map { row in
            (0..<count(x)).map { column in
                if let x { coordinates[x] = column }
                if let y { coordinates[y] = row }
                let epoch = x == nil ? column : y == nil ? row : table.epochs.count - 1
                guard epoch >= 0, let cell = table.cellIndex(at: coordinates) else { return nil }
                return statistics[cell][epoch]
            }
        }
    }

    /// The first width that interpolates, for each value of the axis that is not the width.
    func thresholds(
        _ errors: [[Statistic?]], _ group: [(axis: Int, index: Int)], isUpwards: Bool
    ) -> [Int?] {
        let values = values(errors, group)
        if isUpwards { return values.map(Threshold.firstIndex) }
        return (0..<count(x)).map { column in Threshold.firstIndex(values.map { $0[column] }) }
    }

    /// Names the last epoch's threshold, where the epoch is one of the axes.
    func thresholdNote(_ thresholds: [Int?]) -> String {
        guard x == nil || y == nil, let last = thresholds.last, let index = last,
            let axis = (x ?? y).map({ table.axes[$0] })
        else { return "" }
        return "threshold at \(axis.label(of: index))"
    }

    func axis(_ path: String, length: Int, isVertical: Bool) -> CellAxis {
        guard let index = table.axisIndex(of: path) else {
            return CellAxis(epochs: table.epochs, length: length, isVertical: isVertical)
        }
        return CellAxis(
            title: AxisTitle.withUnit(path), values: table.axes[index].values, length: length,
            cellMax: 64, isVertical: isVertical)
    }
}

/// The line below a title: which sweep, how much of it, and what was averaged.
enum Subtitle {
    /// `isSingle` where only the first seed of every cell is shown.
    static func text(
        _ table: ResultTable, epoch: Double?, isMean: Bool, omissions: [String], isSingle: Bool = false
    ) -> String {
        let results = table.results
        var parts = ["sweep \(results.name)"]
        let seeds = table.seedCount
        let isComplete = results.finishedCount == results.tasks.count
        if isSingle, seeds > 1 {
            parts.append("the first of \(seeds) seeds")
        } else if seeds > 1 {
            let what = isMean ? "mean" : "mean ± standard deviation"
            parts.append("\(what) over \(isComplete ? "" : "up to ")\(seeds) seeds")
        }
        if seeds == 1 { parts.append("one seed") }
        if let epoch { parts.append("after \(epoch.epochText) epochs") }
        // An axis with one value is part of the question, not of the plot.
        for axis in table.axes where axis.values.count == 1 && axis.values[0] != .null {
            parts.append(axis.label(of: 0))
        }
        parts += omissions
        if !isComplete {
            parts.append("\(results.finishedCount) of \(results.tasks.count) tasks done")
        }
        return parts.joined(separator: " · ")
    }
}

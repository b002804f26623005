internal import Sweeps

/// Reads values per layer as lines over one of their coordinates.
struct ProfilePivot {
    let layers: LayerTable
    let metrics: [String]
    private let profile: ReportSpec.Profile
    /// The metric whose values stand across; `nil` where a coordinate does.
    private let xMetric: String?
    /// Values across, ascending.
    private let xValues: [Double]
    /// What tells lines of one metric apart: layers, indices or epochs; one `nil` where nothing does.
    private let groups: [Double?]
    private let groupCount: Int

    init(_ results: SweepResults, _ profile: ReportSpec.Profile) throws(ReportError) {
        let known = LayerTable.metricNames(of: results)
        var metrics: [String] = []
        for name in profile.values { metrics += try ProfilePivot.family(name, known) }
        let isCoordinate = ["index", "layer", "epoch"].contains(profile.x)
        xMetric = isCoordinate ? nil : try ProfilePivot.family(profile.x, known)[0]
        self.metrics = metrics
        self.profile = profile
        let layers = LayerTable(
            ResultTable(results), metrics: Set(metrics + [xMetric].compactMap(\.self)), layer: profile.layer,
            isSingle: profile.drawing == .points)
        self.layers = layers
        let all: [Double?] =
            switch profile.by {
            case .layer: layers.layers.map(Double.init)
            case .index: layers.indices.map(Double.init)
            case .epoch: layers.epochs
            case .nothing: [nil]
            }
        let numbers = all.compactMap { $0.map(Setting.number) }
        groups =
            numbers.count > PlotStyle.lineCount
            ? Facets.thinned(numbers, to: PlotStyle.lineCount).map { all[$0] } : all
        groupCount = all.count
        let shown =
            profile.x == "epoch" || profile.by == .epoch
            ? layers.epochs : [profile.epoch.map(Double.init) ?? layers.epochs.last ?? 0]
        switch profile.x {
        case "index": xValues = layers.indices.map(Double.init)
        case "layer": xValues = layers.layers.map(Double.init)
        case "epoch": xValues = layers.epochs
        default:
            let metric = xMetric ?? ""
            var found: Set<Double> = []
            for cell in layers.table.cells.indices {
                for epoch in shown {
                    for layer in layers.layers {
                        for index in layers.indices {
                            let key = LayerTable.Key(
                                cell: cell, metric: metric, epoch: epoch, layer: layer, index: index)
                            if let value = layers.statistic(key)?.mean, value.isFinite { found.insert(value) }
                        }
                    }
                }
            }
            xValues = found.sorted()
        }
    }

    /// The metric of a name, dashes for underscores, or all that begin with it.
    private static func family(_ name: String, _ known: [String]) throws(ReportError) -> [String] {
        let wanted = name.replacing("-", with: "_")
        if known.contains(wanted) { return [wanted] }
        let family = known.filter { $0.hasPrefix(wanted + "_") && !$0.hasSuffix("_spread") }
        if !family.isEmpty { return family }
        throw .unknownLayerMetric(name, known: known.map { $0.replacing("_", with: "-") })
    }

    /// The epoch that is shown; `nil` where several are.
    var shownEpoch: Double? {
        if profile.x == "epoch" || profile.by == .epoch { return nil }
        return profile.epoch.map(Double.init) ?? layers.epochs.last
    }

    var xTitle: String {
        if let xMetric { return layers.table.results.layerMetric(named: xMetric).title }
        return switch profile.x {
        case "epoch": AxisTitle.withUnit(AxisTitle.epoch)
        case "layer": title(of: .layer)
        default: title(of: .index)
        }
    }

    /// What a coordinate counts here: layers may be classes, and indices neurons.
    func title(of coordinate: ReportSpec.Profile.Grouping) -> String {
        let metric = layers.table.results.layerMetric(named: metrics[0])
        return switch coordinate {
        case .layer: metric.layer
        case .index: metric.index ?? "index"
        case .epoch, .nothing: coordinate.rawValue
        }
    }

    func axis(length: Int) -> CurveAxis {
        if profile.x == "epoch" { return CurveAxis(epochs: layers.epochs, length: length) }
        return CurveAxis(
            title: xTitle, values: xValues.map { .number($0) }, length: length,
            areNames: profile.drawing == .bars)
    }

    var omissions: [String] {
        groups.count < groupCount
            ? ["\(groups.count) of \(groupCount) values of \(title(of: profile.by))"] : []
    }

    /// One line a metric and group of a cell.
    func lines(_ cell: Int) -> [CurveFigure.Line] {
        groups.enumerated().flatMap { color, group in
            metrics.enumerated().map { place, metric in
                CurveFigure.Line(
                    color: group == nil ? place % PlotStyle.lineCount : color, dash: group == nil ? 0 : place,
                    points: points(metric, group, cell))
            }
        }
    }

    /// What colours and dashes stand for.
    func keys(titles: [String]) -> [CurveFigure.Key] {
        guard profile.by != .nothing else {
            return metrics.count < 2
                ? []
                : titles.enumerated().map {
                    CurveFigure.Key(label: $1, color: $0 % PlotStyle.lineCount, dash: 0)
                }
        }
        let colors = groups.enumerated().map { color, group in
            let label = "\(title(of: profile.by)) \(Setting.number(group ?? 0).labelText)"
            return CurveFigure.Key(label: label, color: color, dash: 0)
        }
        return colors
            + (metrics.count > 1
                ? titles.enumerated().map { CurveFigure.Key(label: $1, color: nil, dash: $0) } : [])
    }

    /// One point a value across; several values at one place keep the first.
    private func points(_ metric: String, _ group: Double?, _ cell: Int) -> [CurveFigure.Point?] {
        var points = [CurveFigure.Point?](repeating: nil, count: xValues.count)
        let places = Dictionary(zip(xValues, xValues.indices)) { first, _ in first }
        for epoch in layers.epochs where shownEpoch == nil || shownEpoch == epoch {
            for layer in layers.layers {
                for index in layers.indices {
                    switch profile.by {
                    case .layer: if Double(layer) != group { continue }
                    case .index: if Double(index) != group { continue }
                    case .epoch: if epoch != group { continue }
                    case .nothing: break
                    }
                    func statistic(_ metric: String) -> Statistic? {
                        layers.statistic(
                            LayerTable.Key(
                                cell: cell, metric: metric, epoch: epoch, layer: layer, index: index))
                    }
                    let x: Double? =
                        switch profile.x {
                        case "index": Double(index)
                        case "layer": Double(layer)
                        case "epoch": epoch
                        default: xMetric.flatMap(statistic)?.mean
                        }
                    guard let x, let place = places[x], points[place] == nil, let value = statistic(metric),
                        value.mean.isFinite
                    else { continue }
                    let deviation = value.standardDeviation ?? 0
                    points[place] = CurveFigure.Point(
                        mean: value.mean, deviation: deviation.isFinite ? deviation : 0)
                }
            }
        }
        return points
    }

    /// The words with which all titles begin; the first title where there are none.
    static func commonStart(_ titles: [String]) -> String {
        let words = titles.map { $0.split(separator: " ").map(String.init) }
        guard let first = words.first else { return "" }
        let count = first.indices.first { index in
            words.contains { $0.count <= index || $0[index] != first[index] }
        }
        return count == 0 ? titles[0] : first.prefix(count ?? first.count).joined(separator: " ")
    }
}

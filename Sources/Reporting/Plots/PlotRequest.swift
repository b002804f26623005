internal import Sweeps

/// A plot that somebody wants: in the words of sweep files.
enum PlotRequest: Hashable, Sendable {
    case heatmap(ReportSpec.Heatmap)
    case curve(ReportSpec.Curve)
    case profile(ReportSpec.Profile)
    case partition(ReportSpec.Partition)

    /// The drawings; several where a heatmap names a family of metrics such as `local-complexity`.
    func plots(of results: SweepResults) throws(ReportError) -> [Plot] {
        switch self {
        case .heatmap(let heatmap):
            var plots: [Plot] = []
            for metric in try PlotRequest.metrics(heatmap.value, in: results) {
                let figure = try HeatmapFigure(results, x: heatmap.x, y: heatmap.y, metric: metric)
                let columns = [heatmap.x, heatmap.y].map { PlotRequest.column($0, in: results) }
                plots.append(
                    Plot(
                        name: PlotRequest.fileName(["heatmap", metric] + columns), title: figure.title,
                        svg: HeatmapPlot(figure).svg()))
            }
            return plots
        case .curve(let curve):
            var metrics: [String] = []
            for value in curve.values {
                metrics += try PlotRequest.metrics(value, in: results).filter { !metrics.contains($0) }
            }
            let figure = try CurveFigure(results, x: curve.x, metrics: metrics, by: curve.by)
            let subject = metrics.count > 2 ? [PlotRequest.commonName(metrics)] : metrics
            let name = ["curve"] + subject + [PlotRequest.column(curve.x, in: results)]
            return [Plot(name: PlotRequest.fileName(name), title: figure.title, svg: CurvePlot(figure).svg())]
        case .profile(let profile):
            let figure = try CurveFigure(results, profile)
            let layer = profile.layer.map { ["layer\($0)"] } ?? []
            let subject =
                profile.values.count > 2
                ? [ProfilePivot.commonStart(profile.values.map { $0.replacing("-", with: " ") })]
                : profile.values
            let name = ["profile"] + subject + layer + [profile.x]
            return [Plot(name: PlotRequest.fileName(name), title: figure.title, svg: CurvePlot(figure).svg())]
        case .partition(let partition):
            let figure = try PartitionFigure(results, partition)
            return [Plot(name: "partitions", title: figure.title, svg: PartitionPlot(figure).svg())]
        }
    }

    /// The columns that a sweep file calls `name`: dashes for underscores, and all of a family.
    private static func metrics(_ name: String, in results: SweepResults) throws(ReportError) -> [String] {
        let wanted = name.replacing("-", with: "_")
        let known = results.metricNames
        if known.contains(wanted) { return [wanted] }
        let family = known.filter { $0.hasPrefix(wanted + "_") }
        if !family.isEmpty { return family }
        throw .unknownMetric(name, known: known.map { $0.replacing("_", with: "-") })
    }

    /// What file names call an axis.
    private static func column(_ path: String, in results: SweepResults) -> String {
        results.axes.first { $0.path == path }?.column ?? path
    }

    /// `error` of several errors; the first metric of those that have nothing in common.
    private static func commonName(_ metrics: [String]) -> String {
        let common = CommonParts.of(metrics, separator: "_")
        return common.isEmpty ? metrics.first ?? "" : common.joined(separator: "-")
    }

    /// Lower-case letters, digits and dots, joined by dashes.
    private static func fileName(_ parts: [String]) -> String {
        let mapped = parts.joined(separator: "-").lowercased().map {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-"
        }
        return String(mapped).split(separator: "-").joined(separator: "-")
    }
}

/// What is drawn of a sweep whose file names nothing.
enum StandardPlots {
    /// The metrics worth a picture of their own: test error, Jacobian norm, local complexity at the middle
    /// radius.
    private static func subjects(_ results: SweepResults) -> [String] {
        let known = results.metricNames
        let complexity = known.filter { $0.hasPrefix("local_complexity_train_r") }
        let middle = complexity.isEmpty ? [] : [complexity[complexity.count / 2]]
        return (["test_error", "jacobian_norm"].filter(known.contains) + middle)
    }

    /// Width over epoch, and width over the first other axis, each for every subject.
    @Sendable
    static func heatmaps(of results: SweepResults) -> [PlotRequest] {
        let varying = varyingPaths(results)
        guard let x = capacityPath(varying, results) else { return [] }
        let others = varying.filter { $0 != x }
        return (["epoch"] + others.prefix(1)).flatMap { y in
            subjects(results).map { metric in
                .heatmap(ReportSpec.Heatmap(x: x, y: y, value: metric.replacing("_", with: "-")))
            }
        }
    }

    /// Errors and probes against width with lines by the first other axis, and errors against the epoch.
    @Sendable
    static func curves(of results: SweepResults) -> [PlotRequest] {
        let known = results.metricNames
        let errors = ["train_error", "test_error", "clean_error", "noisy_error"].filter(known.contains)
        var requests: [PlotRequest] = []
        let varying = varyingPaths(results)
        if let x = capacityPath(varying, results) {
            let by = varying.first { $0 != x }
            let first = ["test_error", "train_error"].filter(known.contains)
            let lists =
                (first.isEmpty ? [] : [first]) + subjects(results).filter { $0 != "test_error" }.map { [$0] }
            requests += lists.map { .curve(ReportSpec.Curve(x: x, values: dashed($0), by: by)) }
        }
        if !errors.isEmpty { requests.append(.curve(ReportSpec.Curve(values: dashed(errors)))) }
        return requests
    }

    /// What the probes draw of themselves against the epoch.
    static func probeCurves(of results: SweepResults) -> [PlotRequest] {
        let known = Set(dashed(results.metricNames))
        return results.figures.curves.filter { $0.values.allSatisfy(known.contains) }.map(PlotRequest.curve)
    }

    /// What the probes draw of their values per layer.
    @Sendable
    static func probeProfiles(of results: SweepResults) -> [PlotRequest] {
        let known = dashed(LayerTable.metricNames(of: results))
        return results.figures.profiles.filter { profile in
            profile.values.allSatisfy { value in known.contains { $0 == value || $0.hasPrefix(value + "-") } }
        }.map(PlotRequest.profile)
    }

    /// The pictures of linear regions that probes draw of themselves.
    @Sendable
    static func probePartitions(of results: SweepResults) -> [PlotRequest] {
        let isMeasured = LayerTable.metricNames(of: results).contains(PartitionPicture.metricOfEveryPicture)
        return isMeasured ? results.figures.partitions.map(PlotRequest.partition) : []
    }

    private static func dashed(_ names: [String]) -> [String] { names.map { $0.replacing("_", with: "-") } }

    /// Axes of more than one value, without the seed.
    private static func varyingPaths(_ results: SweepResults) -> [String] {
        ResultTable(results).axes.filter { $0.values.count > 1 }.map(\.axis.path)
    }

    /// The axis along which networks grow; else the first one of numbers.
    private static func capacityPath(_ varying: [String], _ results: SweepResults) -> String? {
        if varying.contains(Threshold.path) { return Threshold.path }
        return ResultTable(results).axes.first { axis in
            varying.contains(axis.axis.path) && axis.values.allSatisfy { $0.asNumber != nil }
        }?.axis.path
    }
}

public import Sweeps

/// The kinds of plots, and what is drawn of a sweep.
public enum Catalog {
    /// What the section `report` of a sweep file may name.
    public static let plots = kinds.map(\.entry)

    /// Every kind of plot.
    ///
    /// To add one, write its figure and its drawing in `Sources/Reporting/Plots/` and list it here: what it
    /// is called, what a sweep file asks of it, and what is drawn where the file is silent.
    private static let kinds: [PlotKind] = [
        PlotKind(
            entry: CatalogEntry(
                "heatmaps", "A metric's mean over seeds as colour over two axes; epoch counts as an axis."),
            asked: { report in report.heatmaps.map(PlotRequest.heatmap) },
            standard: StandardPlots.heatmaps),
        PlotKind(
            entry: CatalogEntry(
                "curves", "Metrics with their spread over seeds as lines over an axis or the epoch."),
            asked: { report in report.curves.map(PlotRequest.curve) },
            standard: { StandardPlots.curves(of: $0) + StandardPlots.probeCurves(of: $0) }),
        PlotKind(
            entry: CatalogEntry(
                "profiles",
                "Values of layers.csv as lines, bars or points over layers, indices, epochs or each other."),
            asked: { report in report.profiles.map(PlotRequest.profile) },
            standard: StandardPlots.probeProfiles),
        PlotKind(
            entry: CatalogEntry(
                "partitions",
                "Linear regions and decision boundary around three samples, a panel a task and epoch."),
            asked: { report in report.partitions.map(PlotRequest.partition) },
            standard: StandardPlots.probePartitions),
    ]

    /// Everything that is drawn of a sweep: what its file asks for, else what its axes suggest.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - report: The section `report` of the sweep file.
    /// - Returns: Plots in the order in which the page shows them; none as long as there is no result.
    /// - Throws: ``ReportError`` for an axis or metric that the sweep does not have.
    public static func plots(of results: SweepResults, report: ReportSpec) throws(ReportError) -> [Plot] {
        // Without a single result there is no metric to name.
        if results.metricNames.isEmpty { return [] }
        var plots: [Plot] = []
        for kind in kinds {
            let asked = kind.asked(report)
            for request in asked.isEmpty ? kind.standard(results) : asked {
                for plot in try request.plots(of: results) {
                    plots.append(plot.renamed(unlike: plots.map(\.name)))
                }
            }
        }
        return plots
    }
}

/// One kind of plot.
private struct PlotKind: Sendable {
    let entry: CatalogEntry
    /// The plots of this kind that a sweep file asks for.
    let asked: @Sendable (ReportSpec) -> [PlotRequest]
    /// What is drawn where it asks for none.
    let standard: @Sendable (SweepResults) -> [PlotRequest]
}

/// One finished drawing.
public struct Plot: Hashable, Sendable {
    /// The file's name without its ending: `heatmap-test-error-width-epoch`.
    public let name: String
    public let title: String
    /// The document: the same results give the same bytes.
    public let svg: String

    /// The plot with a number behind its name, where another has the same.
    fileprivate func renamed(unlike names: [String]) -> Plot {
        var (candidate, number) = (name, 2)
        while names.contains(candidate) {
            candidate = "\(name)-\(number)"
            number += 1
        }
        return Plot(name: candidate, title: title, svg: svg)
    }
}

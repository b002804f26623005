import Foundation
import Reporting
import Sweeps
import Testing

@Suite("Pictures to look at")
struct PictureTests {
    @Test("writes the pictures of the quickstart where PICTURES says")
    func pictures() throws {
        guard let folder = ProcessInfo.processInfo.environment["PICTURES"] else { return }
        let sets = [
            ("full", SyntheticSweep.quickstart.results),
            ("partial", SyntheticSweep.partial.results),
            ("small", SyntheticSweep().results),
            ("one", SyntheticSweep(widths: [8], rates: [0.2], seeds: [0]).results),
        ]
        for (name, results) in sets {
            let plots = try Catalog.plots(of: results, report: ReportSpec())
            for plot in plots { try FileWriter.write(plot.svg, to: "\(folder)/\(name)-\(plot.name).svg") }
            try FileWriter.write(
                ResultPage.html(results, plots: plots, hasRasterImages: false), to: "\(folder)/\(name).html")
            let request = ReportSpec(heatmaps: [
                .init(x: "epoch", y: "model.width", value: "jacobian-norm"),
                .init(x: "dataset.noise.rate", y: "epoch", value: "local-complexity"),
            ])
            for plot in try Catalog.plots(of: results, report: request) where plot.name.hasPrefix("heat") {
                try FileWriter.write(plot.svg, to: "\(folder)/\(name)-asked-\(plot.name).svg")
            }
            print(TerminalHeatmap.text(results, usesColor: false) ?? "nothing")
        }
    }
}

import Foundation
import Reporting
import Sweeps
import Testing

@Suite("Heatmaps")
struct HeatmapTests {
    private func svg(
        _ results: SweepResults, x: String = "model.width", y: String = "epoch", value: String = "test-error"
    ) throws -> String {
        let report = ReportSpec(
            heatmaps: [.init(x: x, y: y, value: value)], curves: [.init(values: ["test-error"])])
        return try #require(try Catalog.plots(of: results, report: report).first).svg
    }

    /// The rectangles of the group of cells of each panel, as (x, y, width, height).
    private func cells(_ svg: String) -> [[[Double]]] {
        svg.components(separatedBy: "<g class=\"cells\">").dropFirst().map { group in
            let body = group.components(separatedBy: "</g>")[0]
            return body.components(separatedBy: "<rect ").dropFirst().map { rectangle in
                let parts = rectangle.components(separatedBy: "\"")
                return [1, 3, 5, 7].compactMap { Double(parts[$0]) }
            }
        }
    }

    @Test("draws a small sweep over width and epoch, in panels by noise")
    func goldenEpochs() throws {
        try expectGolden(try svg(SyntheticSweep().results), "reporting-heatmap-epoch.svg")
    }

    @Test("draws a half-finished sweep over width and noise, with missing and diverged cells")
    func goldenMissing() throws {
        var sweep = SyntheticSweep()
        sweep.isMissing = { $0 > 30 }
        sweep.divergedWidth = 8
        let drawing = try svg(sweep.results, y: "dataset.noise.rate", value: "jacobian-norm")
        try expectGolden(drawing, "reporting-heatmap-missing.svg")
    }

    @Test("covers a panel with cells that neither overlap nor leave a seam")
    func seamless() throws {
        let drawing = try svg(SyntheticSweep.quickstart.results)
        for panel in cells(drawing).dropLast() {
            let areWhole = panel.allSatisfy { $0.count == 4 && $0.allSatisfy { $0 == $0.rounded() } }
            #expect(areWhole)
            let left = panel.map { $0[0] }.min() ?? 0
            let right = panel.map { $0[0] + $0[2] }.max() ?? 0
            let area = panel.reduce(0) { $0 + $1[2] * $1[3] }
            let rows = Dictionary(grouping: panel) { $0[1] }
            let height = rows.values.reduce(0) { $0 + ($1.first?[3] ?? 0) }
            #expect(area == (right - left) * height)
            #expect(right - left == 256 && rows.count == 23)
        }
    }

    @Test("gives the same bytes whatever the order of the tasks")
    func orderIndependence() throws {
        let sweep = SyntheticSweep()
        let shuffled = SweepResults(
            name: "synthetic", axes: sweep.axes, tasks: sweep.tasks.sorted { $0.id < $1.id },
            columns: SyntheticSweep.columns)
        let isSame = try svg(shuffled) == svg(sweep.results)
        #expect(isSame)
    }

    @Test("marks the smallest width that interpolates in each panel")
    func threshold() throws {
        let drawing = try svg(SyntheticSweep.quickstart.results)
        for note in ["threshold at width 20", "threshold at width 22", "threshold at width 24"] {
            #expect(drawing.contains(">\(note)</text>"))
        }
        #expect(drawing.contains("interpolation threshold: smallest width with training error ≤ 0.1 %"))
    }

    @Test("has no threshold line where nothing interpolates")
    func noThreshold() throws {
        let drawing = try svg(SyntheticSweep(widths: [1, 2, 4]).results)
        #expect(!drawing.contains("interpolation threshold"))
        #expect(!drawing.contains("class=\"threshold\""))
    }

    @Test("hatches what is not measured and names it")
    func missingCells() throws {
        var sweep = SyntheticSweep()
        #expect(try !svg(sweep.results).contains("not measured"))
        sweep.isMissing = { $0 > 40 }
        let drawing = try svg(sweep.results)
        #expect(drawing.contains(">not measured</text>"))
        #expect(drawing.contains("class=\"missing\""))
        #expect(drawing.contains("41 of 45 tasks done"))
    }

    @Test("draws single values, single tasks and seeds as an axis")
    func degenerate() throws {
        let one = SyntheticSweep(widths: [8], rates: [0.2], seeds: [7], epochs: [0]).results
        #expect(cells(try svg(one))[0].count == 1)
        let seeds = try svg(SyntheticSweep(widths: [8]).results, x: "seed", y: "epoch")
        #expect(cells(seeds)[0].count == 12)
        #expect(!seeds.contains("mean over"))
    }

    @Test("escapes names that would break the document")
    func escaping() throws {
        let sweep = SyntheticSweep()
        let results = SweepResults(
            name: "a<b>&\"c\"\u{1}", axes: sweep.axes, tasks: sweep.tasks, columns: SyntheticSweep.columns)
        let drawing = try svg(results)
        #expect(drawing.contains("sweep a&lt;b&gt;&amp;&quot;c&quot; "))
        #expect(!drawing.contains("<b>"))
    }

    @Test("shows errors in per cent and spans of decades on a logarithmic scale")
    func units() throws {
        let results = SyntheticSweep.quickstart.results
        #expect(try svg(results).contains("test error (%)"))
        #expect(try svg(results, value: "jacobian-norm").contains("logarithmic scale"))
    }

    @Test("stays small: tooltips only where cells are few")
    func size() throws {
        #expect(try svg(SyntheticSweep().results).contains("width 8, training epoch 10: "))
        let large = try svg(SyntheticSweep.quickstart.results)
        #expect(!large.contains("training epoch 10: ") && large.utf8.count < 400_000)
    }
}

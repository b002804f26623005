import Foundation
import Reporting
import Sweeps
import Testing

@Suite("Curves")
struct CurveTests {
    private func svg(_ results: SweepResults, _ curve: ReportSpec.Curve) throws -> String {
        let report = ReportSpec(
            heatmaps: [.init(x: "model.width", y: "epoch", value: "test-error")], curves: [curve])
        return try #require(try Catalog.plots(of: results, report: report).last).svg
    }

    private let overWidth = ReportSpec.Curve(
        x: "model.width", values: ["test-error", "train-error"], by: "dataset.noise.rate")
    private let overEpochs = ReportSpec.Curve(values: [
        "train-error", "test-error", "clean-error", "noisy-error",
    ])

    @Test("draws errors against width with a line a noise rate")
    func goldenWidths() throws {
        try expectGolden(try svg(SyntheticSweep().results, overWidth), "reporting-curve-width.svg")
    }

    @Test("draws errors against the epoch in panels")
    func goldenEpochs() throws {
        let sweep = SyntheticSweep(widths: [8, 64], rates: [0, 0.4])
        try expectGolden(try svg(sweep.results, overEpochs), "reporting-curve-epoch.svg")
    }

    @Test("has a band over several seeds and none for one")
    func bands() throws {
        let several = try svg(SyntheticSweep().results, overWidth)
        #expect(several.contains("mean ± standard deviation over 3 seeds"))
        #expect(several.contains("<polygon") && several.contains("band: ± one standard deviation over seeds"))
        let one = try svg(SyntheticSweep(seeds: [0]).results, overWidth)
        #expect(one.contains("one seed"))
        #expect(!one.contains("<polygon") && !one.contains("band: "))
    }

    @Test("breaks a line where a width is missing or diverged")
    func gaps() throws {
        var sweep = SyntheticSweep(rates: [0.2], seeds: [0])
        let whole = try svg(sweep.results, overWidth).components(separatedBy: "class=\"curve line0\"").count
        sweep.divergedWidth = 16
        let broken = try svg(sweep.results, overWidth).components(separatedBy: "class=\"curve line0\"").count
        // The key is one line; the curve is one, and then two with the gap between them.
        #expect(whole == 3 && broken == 4)
    }

    @Test("thins out panels and says which are left")
    func manyPanels() throws {
        let drawing = try svg(SyntheticSweep.quickstart.results, overEpochs)
        #expect(drawing.contains("4 of 64 values of width"))
        for width in [8, 16, 32, 64] { #expect(drawing.contains(">width \(width), label noise 0.4</text>")) }
    }

    @Test("draws a single task and a single width")
    func degenerate() throws {
        let one = SyntheticSweep(widths: [8], rates: [0.2], seeds: [0], epochs: [0]).results
        let drawing = try svg(one, overEpochs)
        #expect(drawing.contains("<circle"))
        #expect(try svg(one, overWidth).contains("<circle"))
    }
}

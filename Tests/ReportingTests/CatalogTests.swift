import Reporting
import Sweeps
import Testing

@Suite("Catalog of plots")
struct CatalogTests {
    @Test("draws the double descent of a sweep whose file names no plots")
    func standardPlots() throws {
        let names = try Catalog.plots(of: SyntheticSweep().results, report: ReportSpec()).map(\.name)
        #expect(
            names == [
                "heatmap-test-error-width-epoch", "heatmap-jacobian-norm-width-epoch",
                "heatmap-local-complexity-train-r0.05-width-epoch", "heatmap-test-error-width-rate",
                "heatmap-jacobian-norm-width-rate", "heatmap-local-complexity-train-r0.05-width-rate",
                "curve-test-error-train-error-width", "curve-jacobian-norm-width",
                "curve-local-complexity-train-r0.05-width", "curve-error-epoch",
            ])
    }

    @Test("draws what the sweep file names, a family of metrics one by one, each under its own name")
    func askedPlots() throws {
        let report = ReportSpec(
            heatmaps: [
                .init(x: "model.width", y: "epoch", value: "local-complexity"),
                .init(x: "model.width", y: "epoch", value: "test-error"),
                .init(x: "model.width", y: "epoch", value: "test_error"),
            ], curves: [.init(values: ["test-error"])])
        let names = try Catalog.plots(of: SyntheticSweep().results, report: report).map(\.name)
        #expect(
            names == [
                "heatmap-local-complexity-train-r0.05-width-epoch", "heatmap-test-error-width-epoch",
                "heatmap-test-error-width-epoch-2", "curve-test-error-epoch",
            ])
    }

    @Test("draws the epochs alone of a sweep without axes")
    func noAxes() throws {
        let task = try #require(SyntheticSweep(widths: [8], rates: [0.2], seeds: [0]).tasks.first)
        let alone = ReportedTask(id: task.id, axisValues: [], result: task.result)
        let results = SweepResults(name: "alone", axes: [], tasks: [alone], columns: SyntheticSweep.columns)
        let names = try Catalog.plots(of: results, report: ReportSpec()).map(\.name)
        #expect(names == ["curve-error-epoch"])
    }

    @Test("draws nothing as long as nothing is measured")
    func nothingMeasured() throws {
        var sweep = SyntheticSweep()
        sweep.isMissing = { _ in true }
        let isEmpty = try Catalog.plots(of: sweep.results, report: ReportSpec()).isEmpty
        #expect(isEmpty)
    }

    @Test("refuses an unknown metric with the nearest and all known ones")
    func unknownMetric() {
        let report = ReportSpec(heatmaps: [.init(x: "model.width", y: "epoch", value: "test-eror")])
        let error = #expect(throws: ReportError.self) {
            try Catalog.plots(of: SyntheticSweep().results, report: report)
        }
        let text = error?.description ?? ""
        #expect(
            text
                == "report: no metric is called 'test-eror'; did you mean 'test-error'? known: train-loss, "
                + "train-error, test-loss, test-error, clean-error, noisy-error, jacobian-norm, "
                + "local-complexity-train-r0.05"
        )
    }

    @Test("refuses an unknown axis and the same axis twice")
    func badAxes() {
        let results = SyntheticSweep().results
        let axes = ["model.width", "dataset.noise.rate", "seed", "epoch"]
        #expect(throws: ReportError.unknownAxis("model.depth", known: axes)) {
            let report = ReportSpec(heatmaps: [.init(x: "model.depth", y: "epoch", value: "test-error")])
            return try Catalog.plots(of: results, report: report)
        }
        #expect(throws: ReportError.sameAxis("epoch")) {
            let report = ReportSpec(heatmaps: [.init(x: "epoch", y: "epoch", value: "test-error")])
            return try Catalog.plots(of: results, report: report)
        }
    }
}

import Foundation
import Reporting
import Sweeps
import Testing

@Suite("Profiles")
struct ProfileTests {
    /// Two widths with two seeds each; `share` has 3 layers × 2 indices, the value layer + 10 · index + seed.
    private static func results(
        widths: [Int] = [4, 8], layerMetrics: [LayerMetric] = [], figures: ReportSpec = ReportSpec()
    ) -> SweepResults {
        let axes = [Axis("model.width", widths.map(Setting.integer)), Axis("seed", [0, 1])]
        let tasks = widths.flatMap { width in
            (0..<2).map { seed in
                let measurements = [0, 5].map { epoch in
                    Measurement(epoch: epoch, step: epoch, scalars: [0.5], layers: layers(seed, epoch))
                }
                return ReportedTask(
                    id: TaskID(of: ["width": .integer(width), "seed": .integer(seed)]),
                    axisValues: [.integer(width), .integer(seed)],
                    result: TaskResult(columns: ["test_error"], measurements: measurements))
            }
        }
        return SweepResults(
            name: "layered", axes: axes, tasks: tasks,
            columns: [Column("test_error", title: "test error", unit: "fraction")],
            layerMetrics: layerMetrics,
            figures: figures)
    }

    private static func layers(_ seed: Int, _ epoch: Int) -> [LayerValue] {
        var values: [LayerValue] = []
        for layer in 1...3 {
            for index in 0..<2 {
                let share = Double(layer + 10 * index) + Double(seed + 100 * epoch)
                let place = Double(layer) + 0.25 * Double(index)
                values.append(LayerValue(metric: "share", layer: layer, index: index, value: share))
                values.append(LayerValue(metric: "place", layer: layer, index: index, value: place))
            }
        }
        return values
    }

    private static func plot(_ profile: ReportSpec.Profile) throws -> Plot {
        let plots = try Catalog.plots(
            of: results(), report: ReportSpec(heatmaps: [], curves: [], profiles: [profile]))
        return try #require(plots.last)
    }

    private static func count(_ text: String, in svg: String) -> Int {
        svg.components(separatedBy: text).count - 1
    }

    @Test("draws a line a layer over indices, in a panel a cell, at the last epoch")
    func overIndices() throws {
        let plot = try Self.plot(ReportSpec.Profile(values: ["share"]))
        #expect(plot.name == "profile-share-index")
        #expect(Self.count("class=\"curve line", in: plot.svg) == 2 * 3 + 3, "two panels and the legend")
        #expect(plot.svg.contains("after 5 epochs") && plot.svg.contains(">width 8<"))
        #expect(plot.svg.contains(">layer 3<") && plot.svg.contains("± standard deviation over 2 seeds"))
    }

    @Test("draws what probes ask for where the sweep does not, and says what their coordinates count")
    func probesFigures() throws {
        let figures = ReportSpec(
            curves: [ReportSpec.Curve(values: ["test-error"]), ReportSpec.Curve(values: ["unmeasured"])],
            profiles: [ReportSpec.Profile(values: ["share"]), ReportSpec.Profile(values: ["unmeasured"])])
        let metric = LayerMetric("share", title: "share of neurons", layer: "class", by: "neuron")
        let results = Self.results(layerMetrics: [metric], figures: figures)
        let plots = try Catalog.plots(of: results, report: ReportSpec())
        #expect(plots.map(\.name).suffix(2) == ["curve-test-error-epoch-2", "profile-share-index"])
        let svg = try #require(plots.last).svg
        #expect(svg.contains("Share of neurons against neuron") && svg.contains(">class 3<"))
        let asked = ReportSpec(profiles: [ReportSpec.Profile(values: ["place"])])
        #expect(try Catalog.plots(of: results, report: asked).last?.name == "profile-place-index")
    }

    @Test("draws layers across, one of them alone, and epochs on their scale")
    func otherAxes() throws {
        let across = try Self.plot(ReportSpec.Profile(values: ["share"], x: "layer", by: .index))
        #expect(Self.count("class=\"curve line", in: across.svg) == 2 * 2 + 2)
        let alone = try Self.plot(ReportSpec.Profile(values: ["share"], layer: 2))
        #expect(alone.name == "profile-share-layer2-index" && alone.svg.contains("layer 2"))
        #expect(Self.count("class=\"curve line", in: alone.svg) == 2)
        let time = try Self.plot(ReportSpec.Profile(values: ["share"], x: "epoch"))
        #expect(time.svg.contains("training epoch") && !time.svg.contains("after 5 epochs"))
    }

    @Test("draws bars from zero with whiskers, and single points of the first seed")
    func marks() throws {
        let bars = try Self.plot(ReportSpec.Profile(values: ["share"], layer: 1, epoch: 0, drawing: .bars))
        #expect(Self.count("<rect", in: bars.svg) >= 4)
        #expect(bars.svg.contains("whisker: ± one standard deviation over seeds"))
        let points = try Self.plot(ReportSpec.Profile(values: ["share"], x: "place", drawing: .points))
        #expect(Self.count("<circle", in: points.svg) == 2 * 6)
        #expect(points.svg.contains("the first of 2 seeds"))
    }

    @Test("names the metric that no result has, and what there is")
    func unknownMetric() {
        #expect(throws: ReportError.unknownLayerMetric("shore", known: ["place", "share"])) {
            try Self.plot(ReportSpec.Profile(values: ["shore"]))
        }
        let text = ReportError.unknownLayerMetric("shore", known: ["place", "share"]).description
        #expect(text.contains("did you mean 'share'?"))
    }

    @Test("gives the same bytes in whichever order tasks come")
    func canonical() throws {
        let results = Self.results()
        let turned = SweepResults(
            name: results.name, axes: results.axes, tasks: results.tasks.reversed(), columns: results.columns)
        let report = ReportSpec(profiles: [ReportSpec.Profile(values: ["share"])])
        let (one, other) = (
            try Catalog.plots(of: results, report: report), try Catalog.plots(of: turned, report: report)
        )
        #expect(one == other)
    }
}

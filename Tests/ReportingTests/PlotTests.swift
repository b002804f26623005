import Foundation
import Reporting
import Sweeps
import Testing

@Suite("Plots")
struct PlotTests {
    static func plots(_ results: SweepResults, heatmaps: [ReportSpec.Heatmap] = []) throws -> [Plot] {
        try Catalog.plots(of: results, report: ReportSpec(heatmaps: heatmaps))
    }

    @Test("heatmap and curves are as committed")
    func goldens() throws {
        let plots = try Self.plots(SmallSweep.results { $0[0] == 16 && $0[1] != 0 })
        let heatmap = try #require(
            plots.first {
                $0.name == "heatmap-test-error-width-training-epoch"
                    || $0.name == "heatmap-test-error-width-epoch"
            })
        try expectGolden(heatmap.svg, "reporting-heatmap.svg")
        let curve = try #require(plots.first { $0.name.hasPrefix("curve-test-error-train-error-width") })
        try expectGolden(curve.svg, "reporting-curve.svg")
    }

    @Test("names are unique and every drawing is well-formed XML")
    func wellFormed() throws {
        let plots = try Self.plots(SmallSweep.results())
        #expect(plots.count >= 6)
        #expect(Set(plots.map(\.name)).count == plots.count)
        for plot in plots {
            let parser = XMLChecker(plot.svg)
            #expect(parser.isWellFormed, "\(plot.name)")
        }
    }

    @Test("missing cells are hatched and explained, complete maps are not")
    func missingCells() throws {
        let wanted = [ReportSpec.Heatmap(x: "model.width", y: "dataset.noise.rate", value: "test-error")]
        let whole = try Self.plots(SmallSweep.results(), heatmaps: wanted)[0].svg
        let holed = try Self.plots(SmallSweep.results { $0[0] == 4 }, heatmaps: wanted)[0].svg
        #expect(!whole.contains("not there yet"))
        #expect(holed.contains("not there yet"))
        #expect(whole.contains("interpolation threshold"))
    }

    @Test("an unknown axis or metric is refused with the choices")
    func unknownNames() {
        let results = SmallSweep.results()
        let axis = #expect(throws: ReportError.self) {
            try Self.plots(
                results, heatmaps: [ReportSpec.Heatmap(x: "model.depth", y: "epoch", value: "test-error")])
        }
        #expect(axis?.description.contains("model.width") == true)
        let metric = #expect(throws: ReportError.self) {
            try Self.plots(
                results, heatmaps: [ReportSpec.Heatmap(x: "model.width", y: "epoch", value: "sharpness")])
        }
        #expect(metric?.description.contains("jacobian-norm") == true)
    }

    @Test(
        "odd sweeps draw too: one task, one value an axis, nothing measured, diverged runs, huge and tiny values"
    )
    func oddSweeps() throws {
        #expect(try Self.plots(SweepResults(name: "none", axes: [], tasks: [], columns: [])).isEmpty)
        for values in [[0.5, 0.5], [.nan, .nan], [1e300, 1e-300], [-5, 0]] as [[Double]] {
            let measurements = values.enumerated().map {
                Measurement(epoch: $0.offset, step: 0, scalars: [$0.element])
            }
            let task = ReportedTask(
                id: TaskID(of: .null), axisValues: [3],
                result: TaskResult(columns: ["test_error"], measurements: measurements))
            let results = SweepResults(
                name: "odd", axes: [Axis("model.width", [3])], tasks: [task], columns: [])
            let plots = try Self.plots(
                results, heatmaps: [ReportSpec.Heatmap(x: "model.width", y: "epoch", value: "test-error")])
            for plot in plots {
                let isDrawable = !plot.svg.contains("nan\"") && !plot.svg.contains("inf\"")
                #expect(isDrawable, "\(values): \(plot.name)")
            }
        }
    }

    @Test("brighter means more: the lightness of the colours rises evenly")
    func lightness() throws {
        // The colour bar holds the scale from bottom to top.
        let wanted = [ReportSpec.Heatmap(x: "model.width", y: "epoch", value: "test-error")]
        let svg = try Self.plots(SmallSweep.results(), heatmaps: wanted)[0].svg
        let bar = svg.matches(of: /width="14" height="4\.06" fill="#([0-9a-f]{6})"/).map {
            String($0.output.1)
        }
        #expect(bar.count == 64)
        let steps = zip(bar.map(Self.lightness), bar.map(Self.lightness).dropFirst()).map { $1 - $0 }
        // CIELAB lightness goes from about 15 to 90 in 63 steps of 1.2 on average.
        #expect(steps.allSatisfy { $0 > 0.5 && $0 < 2 })
    }

    /// CIELAB lightness of an sRGB colour.
    static func lightness(_ hexadecimal: String) -> Double {
        let value = Int(hexadecimal, radix: 16) ?? 0
        let linear = [16, 8, 0].map { shift -> Double in
            let part = Double(value >> shift & 255) / 255
            return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
        let luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return luminance > 0.008856 ? 116 * cbrt(luminance) - 16 : 903.3 * luminance
    }

    @Test("the terminal picture fits in 80 columns, with and without colour")
    func terminal() throws {
        let plain = try #require(TerminalHeatmap.text(SmallSweep.results(), usesColor: false))
        #expect(plain.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(!plain.contains("\u{1b}"))
        let colored = try #require(TerminalHeatmap.text(SmallSweep.results(), usesColor: true))
        #expect(colored.contains("\u{1b}[48;2;"))
    }

    @Test("the page escapes what comes from the sweep and names every plot and file")
    func page() throws {
        let results = SweepResults(
            name: "<script>alert(1)</script>", axes: SmallSweep.axes, tasks: SmallSweep.tasks(),
            columns: SmallSweep.columns)
        let plots = try Self.plots(results)
        let html = ResultPage.html(results, plots: plots, hasRasterImages: true)
        #expect(!html.contains("<script>"))
        for plot in plots { #expect(html.contains("plots/\(plot.name).svg")) }
        for file in ["measurements", "layers", "summary", "provenance"] {
            #expect(html.contains("results/\(file).csv"))
        }
    }
}

/// Whether a text is balanced XML: tags closed in order, attributes quoted, no bare ampersand.
struct XMLChecker {
    let isWellFormed: Bool

    init(_ text: String) {
        var open: [Substring] = []
        var isBalanced = true
        let withoutStyle = text.replacing(/<style>[^<]*<\/style>/, with: "")
        for match in withoutStyle.matches(of: /<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z:-]+="[^"<>]*")*)\s*(\/?)>/) {
            if !match.output.1.isEmpty {
                isBalanced = isBalanced && open.popLast() == match.output.2
            } else if match.output.4.isEmpty {
                open.append(match.output.2)
            }
        }
        let tagsSeen = withoutStyle.matches(of: /<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z:-]+="[^"<>]*")*)\s*(\/?)>/)
            .count
        let anglesSeen = withoutStyle.count { $0 == "<" }
        let bareAmpersands = withoutStyle.matches(of: /&(?!amp;|lt;|gt;|quot;)/).count
        isWellFormed = isBalanced && open.isEmpty && tagsSeen == anglesSeen && bareAmpersands == 0
    }
}

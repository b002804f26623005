import Foundation
import Reporting
import Sweeps
import Testing

@Suite("ResultPage")
struct PageTests {
    private func page(_ results: SweepResults, hasRasterImages: Bool = false) throws -> String {
        ResultPage.html(
            results, plots: try Catalog.plots(of: results, report: ReportSpec()),
            hasRasterImages: hasRasterImages,
            command: "descent run <x> & co")
    }

    @Test("shows every plot, every file and where results come from, without a script")
    func golden() throws { try expectGolden(try page(SyntheticSweep().results), "reporting-index.html") }

    @Test("links PNG and PDF files where they are made")
    func rasterImages() throws {
        let page = try page(SyntheticSweep().results, hasRasterImages: true)
        #expect(page.contains("<a href=\"plots/curve-error-epoch.pdf\">PDF</a>"))
    }

    @Test("escapes every text that others wrote")
    func escaping() throws {
        var tasks = SyntheticSweep().tasks
        let first = tasks.removeFirst()
        let evil = Provenance(
            attempt: 1, worker: "<script>", host: "<script>alert(1)</script>", blasCore: "'\"",
            instructionSet: "&",
            threads: 1, started: "", seconds: .nan, hash: "")
        tasks.append(
            ReportedTask(id: first.id, axisValues: first.axisValues, result: first.result, provenance: evil))
        let page = try page(
            SweepResults(
                name: "<img>", axes: SyntheticSweep().axes, tasks: tasks, columns: SyntheticSweep.columns))
        #expect(!page.contains("<script>") && !page.contains("<img>"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.contains("descent run &lt;x&gt; &amp; co"))
    }

    @Test("says so where nothing is measured yet")
    func nothingMeasured() throws {
        var sweep = SyntheticSweep()
        sweep.isMissing = { _ in true }
        let page = try page(sweep.results)
        #expect(page.contains("Nothing is measured yet.") && page.contains("0 of them done"))
    }
}

@Suite("TerminalHeatmap")
struct TerminalHeatmapTests {
    @Test("draws shades with labels and a legend")
    func golden() throws {
        var sweep = SyntheticSweep.partial
        sweep.epochs = [0, 1, 10, 100, 400]
        let text = try #require(TerminalHeatmap.text(sweep.results, usesColor: false))
        try expectGolden(text + "\n", "reporting-terminal.txt")
    }

    @Test("keeps every line within its columns", arguments: [40, 60, 80])
    func width(columns: Int) throws {
        let sweep = SyntheticSweep(widths: Array(1...200), seeds: [0])
        let heatmap = ReportSpec.Heatmap(x: "model.width", y: "epoch", value: "test-error")
        for coloring in [TerminalHeatmap.Coloring.none, .palette, .full] {
            let text = try #require(
                try TerminalHeatmap.render(sweep.results, heatmap, columns: columns, coloring: coloring))
            let widths = text.split(separator: "\n").map { line in
                line.replacing(/\u{1b}\[[0-9;]*m/, with: "").count
            }
            let widest = widths.max() ?? 0
            #expect(widest <= columns)
        }
    }

    @Test("uses no escape sequence without colour, and ends every coloured line by resetting it")
    func escapes() throws {
        let results = SyntheticSweep.partial.results
        let plain = try #require(TerminalHeatmap.text(results, usesColor: false))
        #expect(!plain.contains("\u{1b}"))
        let colored = try #require(TerminalHeatmap.text(results, usesColor: true))
        for line in colored.split(separator: "\n") where line.contains("▀") {
            #expect(line.hasSuffix("\u{1b}[0m"))
        }
        #expect(colored.contains("38;2;") && !colored.contains("38;5;"))
    }

    @Test("has nothing to show of a single task or an unmeasured sweep")
    func nothing() {
        #expect(
            TerminalHeatmap.text(SyntheticSweep(widths: [1], rates: [0]).results, usesColor: false) == nil)
        var sweep = SyntheticSweep()
        sweep.isMissing = { _ in true }
        #expect(TerminalHeatmap.text(sweep.results, usesColor: false) == nil)
    }
}

@Suite("RasterImages", .timeLimit(.minutes(10)))
struct RasterImagesTests {
    @Test(
        "makes a PNG and a PDF where the converter is installed",
        .enabled(if: RasterImages.converter != nil, "needs rsvg-convert, of Debian's package librsvg2-bin"))
    func conversion() throws {
        let converter = try #require(RasterImages.converter)
        let plot = try #require(try Catalog.plots(of: SyntheticSweep().results, report: ReportSpec()).first)
        try withTemporaryFolder { folder in
            let path = "\(folder)/a plot's name.svg"
            try FileWriter.write(plot.svg, to: path)
            try RasterImages.convert(path, converter: converter)
            let starts = try ["png", "pdf"].map { format in
                try Data(contentsOf: URL(filePath: "\(folder)/a plot's name.\(format)")).prefix(4)
            }
            #expect(starts == [Data([0x89, 0x50, 0x4E, 0x47]), Data("%PDF".utf8)])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
        }
    }

    @Test("reports a converter that fails or cannot be started, and leaves nothing behind")
    func failure() throws {
        try withTemporaryFolder { folder in
            for converter in ["/bin/false", "/nowhere/rsvg-convert"] {
                let error = #expect(throws: RasterImages.Failure.self) {
                    try RasterImages.convert("\(folder)/plot.svg", converter: converter)
                }
                let text = error?.description ?? ""
                #expect(text.hasPrefix("\(folder)/plot.png could not be made: \(converter) "))
            }
            let remains = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(remains.isEmpty)
        }
    }
}

internal import Sweeps

/// The page of a run: every plot and every file, readable without a server and without scripts.
public enum ResultPage {
    /// The text of `index.html`, to stand in the run directory beside `plots/` and `results/`.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - plots: The drawings, whose files are `plots/<name>.svg`.
    ///   - hasRasterImages: Whether PNG and PDF files stand beside them.
    ///   - command: What reproduces the run.
    /// - Returns: One HTML document.
    public static func html(
        _ results: SweepResults, plots: [Plot], hasRasterImages: Bool,
        command: String = "descent run sweep.yaml"
    ) -> String {
        let name = SVG.escaped(results.name)
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(name)</title>
            <style>
            \(sheet)
            </style>
            </head>
            <body>
            <main>
            <h1>\(name)</h1>
            \(overview(results))
            <h2>Plots</h2>
            \(figures(plots, hasRasterImages))
            <h2>Files</h2>
            \(files)
            <h2>Where the results come from</h2>
            \(provenance(results))
            <h2>Reproduce</h2>
            <p>The same bytes, on any machine with the same numeric profile:</p>
            <pre><code>\(SVG.escaped(command))</code></pre>
            </main>
            </body>
            </html>

            """
    }

    private static func overview(_ results: SweepResults) -> String {
        let table = ResultTable(results)
        let (done, count) = (results.finishedCount, results.tasks.count)
        let tasks = count == 1 ? "One training run" : "\(count) training runs"
        let state = done == count ? "all done" : "\(done) of them done, the others are missing below"
        var sentence = "\(tasks), \(state)"
        if table.seedCount > 1 {
            sentence += "; \(table.cells.count) cells of up to \(table.seedCount) seeds"
        }
        if let first = table.epochs.first, let last = table.epochs.last {
            sentence +=
                "; measured at \(table.epochs.count) epochs from \(first.epochText) to \(last.epochText)"
        }
        let diverged = results.tasks.count { $0.result?.divergedAtEpoch != nil }
        if diverged > 0 { sentence += "; \(diverged) diverged" }
        return "<p>\(sentence).</p>" + axesTable(ResultTable(results, keepsSeeds: true))
    }

    private static func axesTable(_ table: ResultTable) -> String {
        if table.axes.isEmpty { return "" }
        let rows = table.axes.map { axis in
            let labels = axis.values.map(\.labelText)
            let listed =
                labels.count <= 12
                ? labels.joined(separator: ", ")
                : (labels.prefix(3) + ["…"] + labels.suffix(1)).joined(separator: ", ")
            return [
                SVG.escaped(AxisTitle.text(axis.axis.path)), "<code>\(SVG.escaped(axis.axis.path))</code>",
                String(labels.count), SVG.escaped(listed),
            ]
        }
        return "\n" + html(header: ["Axis", "Key", "Values", ""], rows: rows)
    }

    private static func figures(_ plots: [Plot], _ hasRasterImages: Bool) -> String {
        if plots.isEmpty { return "<p>Nothing is measured yet.</p>" }
        return plots.map { figure($0, hasRasterImages) }.joined(separator: "\n")
    }

    private static func figure(_ plot: Plot, _ hasRasterImages: Bool) -> String {
        let title = SVG.escaped(plot.title)
        let formats = hasRasterImages ? ["svg", "png", "pdf"] : ["svg"]
        let links = formats.map { "<a href=\"plots/\(plot.name).\($0)\">\($0.uppercased())</a>" }
        return """
            <figure>
            <img src="plots/\(plot.name).svg" alt="\(title)" loading="lazy">
            <figcaption>\(title) · \(links.joined(separator: " · "))</figcaption>
            </figure>
            """
    }

    private static let files = """
        <ul>
        <li><a href="results/measurements.csv">measurements.csv</a>: every metric of every task at every \
        measured epoch</li>
        <li><a href="results/summary.csv">summary.csv</a>: mean, standard deviation and count over seeds</li>
        <li><a href="results/layers.csv">layers.csv</a>: values per layer, class and radius</li>
        <li><a href="results/provenance.csv">provenance.csv</a>: who computed each result, where and when</li>
        <li><a href="sweep.yaml">sweep.yaml</a>: the frozen specification</li>
        </ul>
        """

    /// One row a machine and numeric profile: tasks, workers and hours of work.
    private static func provenance(_ results: SweepResults) -> String {
        struct Share {
            let key: [String]
            var workers: Set<String> = []
            var taskCount = 0
            var retriedCount = 0
            var seconds = 0.0
        }
        var shares: [Share] = []
        for provenance in results.tasks.compactMap(\.provenance) {
            let key = [provenance.host, provenance.blasCore, provenance.instructionSet]
            let place = shares.firstIndex { $0.key == key } ?? shares.count
            if place == shares.count { shares.append(Share(key: key)) }
            shares[place].workers.insert(provenance.worker)
            shares[place].taskCount += 1
            shares[place].retriedCount += provenance.attempt > 1 ? 1 : 0
            shares[place].seconds += provenance.seconds
        }
        if shares.isEmpty { return "<p>Not recorded.</p>" }
        let rows = shares.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { share in
            let counts = [share.workers.count, share.taskCount, share.retriedCount].map(String.init)
            return (share.key + counts + [NumberText.rounded(share.seconds, digits: 4)]).map(SVG.escaped)
        }
        return html(
            header: [
                "Host", "BLAS core", "Instruction set", "Workers", "Tasks", "After a retry", "Worker seconds",
            ], rows: rows)
    }

    private static func html(header: [String], rows: [[String]]) -> String {
        let head = header.map { "<th>\($0)</th>" }.joined()
        let body = rows.map { row in "<tr>" + row.map { "<td>\($0)</td>" }.joined() + "</tr>" }
        return "<table>\n<tr>\(head)</tr>\n\(body.joined(separator: "\n"))\n</table>"
    }

    private static let sheet = """
        :root { color-scheme: light dark; }
        :root { --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; }
        }
        body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 0; }
        main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
        h1, h2 { line-height: 1.2; }
        h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: 0.3rem; }
        figure { margin: 1.5rem 0 2.5rem; }
        img { max-width: 100%; height: auto; }
        figcaption { color: var(--soft); font-size: 0.875rem; }
        table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 0.9375rem; }
        th, td { text-align: left; padding: 0.25rem 1.25rem 0.25rem 0; border-bottom: 1px solid var(--line); }
        pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem 1rem; }
        """
}

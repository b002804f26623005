internal import Sweeps

/// The page of a run: every plot and every file, readable without a server.
public enum ResultPage {
    /// The text of `index.html`, to stand in the run directory beside `plots/` and `results/`.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - plots: The drawings, whose files are `plots/<name>.svg`.
    ///   - hasRasterImages: Whether PNG and PDF files stand beside them.
    /// - Returns: One HTML document without scripts.
    public static func html(_ results: SweepResults, plots: [Plot], hasRasterImages: Bool) -> String {
        let done = results.tasks.count { $0.result != nil }
        let name = SVG.escaped(results.name)
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(name)</title>
            \(sheet)
            </head>
            <body>
            <h1>\(name)</h1>
            <p>\(done) of \(results.tasks.count) tasks are done.</p>
            \(axesTable(results))
            <h2>Plots</h2>
            \(plots.map { figure($0, hasRasterImages) }.joined(separator: "\n"))
            <h2>Files</h2>
            \(files)
            \(provenance(results))
            </body>
            </html>

            """
    }

    private static func axesTable(_ results: SweepResults) -> String {
        if results.axes.isEmpty { return "" }
        let rows = results.axes.map { axis in
            let values = axis.values.map(\.plainText)
            let text =
                values.count <= 12
                ? values.joined(separator: ", ") : "\(values[0]) … \(values[values.count - 1])"
            return "<tr><td><code>\(SVG.escaped(axis.path))</code></td><td>\(values.count)</td>"
                + "<td>\(SVG.escaped(text))</td></tr>"
        }
        return
            "<table><tr><th>axis</th><th>values</th><th></th></tr>\n\(rows.joined(separator: "\n"))\n</table>"
    }

    private static func figure(_ plot: Plot, _ hasRasterImages: Bool) -> String {
        let title = SVG.escaped(plot.title)
        let formats = hasRasterImages ? ["svg", "png", "pdf"] : ["svg"]
        let links = formats.map { "<a href=\"plots/\(plot.name).\($0)\">\($0.uppercased())</a>" }
        return "<figure><img src=\"plots/\(plot.name).svg\" alt=\"\(title)\">"
            + "<figcaption>\(title) · \(links.joined(separator: " · "))</figcaption></figure>"
    }

    private static let files = """
        <ul>
        <li><a href="results/measurements.csv">measurements.csv</a>: one row a task and measured epoch</li>
        <li><a href="results/layers.csv">layers.csv</a>: values per layer and radius</li>
        <li><a href="results/summary.csv">summary.csv</a>: mean, standard deviation and count over seeds</li>
        <li><a href="results/provenance.csv">provenance.csv</a>: who computed what, where and when</li>
        <li><a href="sweep.yaml">sweep.yaml</a>: the specification; <code>descent run sweep.yaml</code> repeats it</li>
        </ul>
        """

    /// A table of the workers: how many tasks each did, on which machine and with which numerics.
    private static func provenance(_ results: SweepResults) -> String {
        var rows: [(key: [String], count: Int, seconds: Double)] = []
        for provenance in results.tasks.compactMap(\.provenance) {
            let key = [provenance.host, provenance.blasCore, provenance.instructionSet]
            let place = rows.firstIndex { $0.key == key } ?? rows.count
            if place == rows.count { rows.append((key, 0, 0)) }
            rows[place].count += 1
            rows[place].seconds += provenance.seconds
        }
        if rows.isEmpty { return "" }
        let cells = rows.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { row in
            let texts = row.key + [String(row.count), Ticks.text(row.seconds)]
            return "<tr>" + texts.map { "<td>\(SVG.escaped($0))</td>" }.joined() + "</tr>"
        }
        return """
            <h2>Provenance</h2>
            <table>
            <tr><th>host</th><th>BLAS core</th><th>instruction set</th><th>tasks</th><th>worker seconds</th></tr>
            \(cells.joined(separator: "\n"))
            </table>
            """
    }

    private static let sheet = """
        <style>
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        figure { margin: 0 0 2rem; } img { max-width: 100%; height: auto; } figcaption { opacity: 0.75; }
        table { border-collapse: collapse; } th, td { text-align: left; padding: 0.2rem 1rem 0.2rem 0; }
        </style>
        """
}

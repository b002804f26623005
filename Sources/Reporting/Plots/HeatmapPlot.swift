internal import Foundation

/// Draws a heatmap: panels side by side with one colour scale.
struct HeatmapPlot {
    let figure: HeatmapFigure
    let title: String
    let subtitle: String

    private static let panelWidth = 300.0
    private static let panelHeight = 260.0
    private static let gap = 22.0
    private static let left = 62.0
    private static let top = 78.0
    private static let bottom = 78.0
    private static let barSpace = 92.0

    /// Cells beyond which tooltips would make files too long to open.
    private static let tooltipsMax = 6000

    func svg() -> String {
        let count = Double(max(figure.panels.count, 1))
        let width = Self.left + count * Self.panelWidth + (count - 1) * Self.gap + Self.barSpace
        var svg = SVG(width: width, height: Self.top + Self.panelHeight + Self.bottom)
        svg.text(title, x: Self.left, y: 24, style: "title")
        svg.text(subtitle, x: Self.left, y: 42, style: "soft")
        let values = figure.panels.flatMap { $0.means.flatMap { $0.compactMap { $0 } } }
        let scale = ColorScale(over: values.map { $0 * figure.factor })
        let cellCount = figure.panels.reduce(0) { $0 + $1.means.count * ($1.means.first?.count ?? 0) }
        for (index, panel) in figure.panels.enumerated() {
            let x = Self.left + Double(index) * (Self.panelWidth + Self.gap)
            draw(panel, at: x, scale, withTooltips: cellCount <= Self.tooltipsMax, in: &svg)
            if index == 0 { drawRowLabels(at: x, in: &svg) }
            drawColumnLabels(at: x, in: &svg)
        }
        svg.text(
            figure.x.title, x: (Self.left + width - Self.barSpace) / 2, y: Self.top + Self.panelHeight + 36,
            anchor: .middle)
        svg.text(figure.y.title, x: 16, y: Self.top + Self.panelHeight / 2, anchor: .middle, turned: true)
        drawColorBar(at: width - Self.barSpace + 20, scale, in: &svg)
        drawLegend(in: &svg)
        return svg.document(title: title, description: "\(subtitle). Colour: \(figure.valueTitle).")
    }

    private func draw(
        _ panel: HeatmapFigure.Panel, at left: Double, _ scale: ColorScale, withTooltips: Bool,
        in svg: inout SVG
    ) {
        svg.text(panel.title, x: left + Self.panelWidth / 2, y: Self.top - 9, style: "panel", anchor: .middle)
        for (row, means) in panel.means.enumerated() {
            for (column, mean) in means.enumerated() {
                let (x0, x1, y0, y1) = rectangle(column: column, row: row, left: left)
                let size = (width: x1 - x0, height: y1 - y0)
                guard let mean, !mean.isNaN else {
                    svg.rectangle(
                        x: x0, y: y0, width: size.width, height: size.height, style: "cell missing",
                        tooltip: withTooltips ? (mean == nil ? "not there yet" : "diverged") : nil)
                    hatch(x0, x1, y0, y1, isCrossed: mean != nil, in: &svg)
                    continue
                }
                let value = mean * figure.factor
                let place =
                    "\(figure.x.title) \(figure.x.labels[column]), \(figure.y.title) \(figure.y.labels[row])"
                svg.rectangle(
                    x: x0, y: y0, width: size.width, height: size.height, fill: scale.color(value),
                    style: "cell",
                    tooltip: withTooltips ? "\(place): \(Ticks.text(value))" : nil)
            }
        }
        drawThreshold(panel, at: left, in: &svg)
        svg.rectangle(x: left, y: Self.top, width: Self.panelWidth, height: Self.panelHeight, style: "frame")
    }

    /// Neighbouring cells share their borders to the hundredth, so that no seam shows.
    private func rectangle(
        column: Int, row: Int, left: Double
    ) -> (x0: Double, x1: Double, y0: Double, y1: Double) {
        let (x, y) = (figure.x.edges[column], figure.y.edges[row])
        let bottom = Self.top + Self.panelHeight
        return (
            left + x.low * Self.panelWidth, left + x.high * Self.panelWidth,
            bottom - y.high * Self.panelHeight,
            bottom - y.low * Self.panelHeight
        )
    }

    /// Strokes across a cell: one way where a result is missing, both ways where the run diverged.
    private func hatch(
        _ x0: Double, _ x1: Double, _ y0: Double, _ y1: Double, isCrossed: Bool, in svg: inout SVG
    ) {
        svg.line([(x0, y1), (x1, y0)], style: "hatch")
        if isCrossed { svg.line([(x0, y0), (x1, y1)], style: "hatch") }
    }

    /// A step line at the left border of the first column that interpolates, from row to row.
    private func drawThreshold(_ panel: HeatmapFigure.Panel, at left: Double, in svg: inout SVG) {
        var points: [(x: Double, y: Double)] = []
        func flush() {
            svg.line(points, style: "thresholdBack")
            svg.line(points, style: "threshold")
            points = []
        }
        for (row, threshold) in panel.thresholds.enumerated() {
            guard let threshold else {
                flush()
                continue
            }
            let (x0, _, y0, y1) = rectangle(column: threshold, row: row, left: left)
            points += [(x0, y1), (x0, y0)]
        }
        flush()
    }

    private func drawRowLabels(at left: Double, in svg: inout SVG) {
        for row in figure.y.labelled {
            let edges = figure.y.edges[row]
            let y = Self.top + Self.panelHeight * (1 - (edges.low + edges.high) / 2)
            svg.line([(left - 4, y), (left, y)], style: "tick")
            svg.text(figure.y.labels[row], x: left - 7, y: y + 4, anchor: .end)
        }
    }

    private func drawColumnLabels(at left: Double, in svg: inout SVG) {
        let bottom = Self.top + Self.panelHeight
        var lastEnd = -Double.infinity
        for column in figure.x.labelled {
            let edges = figure.x.edges[column]
            let x = left + Self.panelWidth * (edges.low + edges.high) / 2
            svg.line([(x, bottom), (x, bottom + 4)], style: "tick")
            let half = Double(figure.x.labels[column].count) * 3.6
            // A label that would touch the last one keeps its tick only.
            guard x - half > lastEnd + 3 else { continue }
            svg.text(figure.x.labels[column], x: x, y: bottom + 17, anchor: .middle)
            lastEnd = x + half
        }
    }

    private func drawColorBar(at left: Double, _ scale: ColorScale, in svg: inout SVG) {
        let steps = 64
        let height = Self.panelHeight / Double(steps)
        for step in 0..<steps {
            let color = ColorScale.hexadecimal(ColorScale.rgb((Double(step) + 0.5) / Double(steps)))
            svg.rectangle(
                x: left, y: Self.top + Self.panelHeight - Double(step + 1) * height, width: 14,
                height: height,
                fill: color, style: "cell")
        }
        svg.rectangle(x: left, y: Self.top, width: 14, height: Self.panelHeight, style: "frame")
        for tick in scale.ticks {
            let y = Self.top + Self.panelHeight * (1 - scale.fraction(tick))
            svg.line([(left + 14, y), (left + 18, y)], style: "tick")
            svg.text(Ticks.text(tick), x: left + 21, y: y + 4)
        }
        let title = figure.valueTitle + (scale.isLogarithmic ? ", log" : "")
        svg.text(title, x: left + 60, y: Self.top + Self.panelHeight / 2, anchor: .middle, turned: true)
    }

    /// Says what the threshold line and the hatching mean, where they are drawn.
    private func drawLegend(in svg: inout SVG) {
        let y = Self.top + Self.panelHeight + 60
        var x = Self.left
        if figure.panels.contains(where: { $0.thresholds.contains { $0 != nil } }) {
            svg.line([(x, y - 4), (x + 26, y - 4)], style: "thresholdBack")
            svg.line([(x, y - 4), (x + 26, y - 4)], style: "threshold")
            svg.text("interpolation threshold: training error at most 0.1 %", x: x + 32, y: y)
            x += 330
        }
        let means = figure.panels.flatMap { $0.means.flatMap { $0 } }
        let kinds = [
            (means.contains { $0 == nil }, "not there yet", false),
            (means.contains { $0?.isNaN == true }, "diverged", true),
        ]
        for (isShown, label, isCrossed) in kinds where isShown {
            svg.rectangle(x: x, y: y - 10, width: 14, height: 11, style: "missing")
            hatch(x, x + 14, y - 10, y + 1, isCrossed: isCrossed, in: &svg)
            svg.text(label, x: x + 20, y: y)
            x += 110
        }
    }
}

internal import Foundation
internal import Sweeps

/// Draws a heatmap: panels side by side with one colour scale.
struct HeatmapPlot {
    private let figure: HeatmapFigure
    private let layout: FigureLayout
    private let barLabels: [String]
    /// What the colour bar shows, in lines that fit beside it.
    private let barTitle: [String]

    /// Cells beyond which tooltips would make files too long to open; equal neighbours then become one
    /// rectangle.
    private static let tooltipsMax = 4000
    private static let barWidth = 14

    init(_ figure: HeatmapFigure) {
        self.figure = figure
        let widest = figure.y.ticks.map { SVG.width(of: $0.text, size: PlotStyle.labelSize) }.max() ?? 0
        barLabels = Ticks.labels(figure.scale.ticks)
        let barLabelWidth = barLabels.map { SVG.width(of: $0, size: PlotStyle.labelSize) }.max() ?? 0
        let notes =
            (figure.scale.isLogarithmic ? ", logarithmic scale" : "")
            + (figure.scale.isClippedBelow ? ", smaller values darkest" : "")
            + (figure.scale.isClippedAbove ? ", larger values brightest" : "")
        let rowCount = (figure.panels.count + figure.columnCount - 1) / figure.columnCount
        barTitle = SVG.wrapped(
            figure.metric.titleWithUnit + notes, width: Double(rowCount * figure.y.length) + 20,
            size: PlotStyle.textSize)
        layout = FigureLayout(
            title: figure.title, subtitle: figure.subtitle, panelWidth: figure.x.length,
            panelHeight: figure.y.length, panelCount: figure.panels.count, columnCount: figure.columnCount,
            rightSpace: 20 + HeatmapPlot.barWidth + 8 + Int(barLabelWidth.rounded(.up)) + 10 + 16
                * barTitle.count,
            yLabelWidth: widest,
            hasPanelTitles: figure.panels.contains { !$0.title.isEmpty || !$0.note.isEmpty })
    }

    func svg() -> String {
        var svg = SVG()
        layout.drawTitles(x: figure.x.title, y: figure.y.title, in: &svg)
        let cellCount = figure.panels.count * figure.x.labels.count * figure.y.labels.count
        for index in figure.panels.indices {
            let panel = figure.panels[index]
            layout.drawPanelTitle(panel.title, note: panel.note, panel: index, in: &svg)
            svg.group("cells") { svg in
                for row in panel.means.indices {
                    drawRow(row, panel: index, withTooltips: cellCount <= HeatmapPlot.tooltipsMax, in: &svg)
                }
            }
            drawFrames(index, in: &svg)
            drawThreshold(index, in: &svg)
        }
        drawColorBar(in: &svg)
        let legendRows = drawLegend(in: &svg)
        return svg.document(
            width: Double(layout.width), height: Double(layout.height(legendRows: legendRows)),
            title: figure.title,
            description: description)
    }

    /// What the picture shows, for those who cannot see it.
    private var description: String {
        let range = [figure.scale.low, figure.scale.high].map { figure.metric.text($0) }.joined(
            separator: " to ")
        let notes = figure.panels.filter { !$0.note.isEmpty }.map {
            $0.title.isEmpty ? $0.note : "\($0.title): \($0.note)"
        }
        return ([figure.subtitle, "Colour: \(figure.metric.titleWithUnit), \(range)"] + notes).joined(
            separator: ". ")
    }
}

// MARK: - Panels

extension HeatmapPlot {
    /// The corner of a cell in pixels of the drawing, y downwards.
    private func cell(_ panel: Int, column: Int, row: Int) -> (x: Range<Int>, y: Range<Int>) {
        let origin = layout.origin(of: panel)
        let (x, y) = (figure.x.spans[column], figure.y.spans[row])
        let bottom = origin.y + layout.panelHeight
        return (
            origin.x + x.lowerBound..<origin.x + x.upperBound, bottom - y.upperBound..<bottom - y.lowerBound
        )
    }

    /// Cells from left to right; equal neighbours are one rectangle where nothing tells them apart.
    private func drawRow(_ row: Int, panel: Int, withTooltips: Bool, in svg: inout SVG) {
        let means = figure.panels[panel].means[row]
        var column = 0
        while column < means.count {
            let fill = fill(means[column])
            let start = column
            column += 1
            let isSplit = { (at: Int) in figure.x.spans[at - 1].upperBound != figure.x.spans[at].lowerBound }
            while !withTooltips, column < means.count, self.fill(means[column]) == fill, !isSplit(column) {
                column += 1
            }
            let first = cell(panel, column: start, row: row)
            let last = cell(panel, column: column - 1, row: row)
            let width = last.x.upperBound - first.x.lowerBound
            if width == 0 || first.y.isEmpty { continue }
            svg.rectangle(
                x: Double(first.x.lowerBound), y: Double(first.y.lowerBound), width: Double(width),
                height: Double(first.y.count), fill: fill.color, style: fill.style,
                tooltip: withTooltips ? tooltip(means[start], column: start, row: row) : nil)
        }
    }

    private struct Fill: Hashable {
        var color: String?
        var style: String?
    }

    private func fill(_ mean: Double?) -> Fill {
        guard let mean else { return Fill(style: "missing") }
        return mean.isFinite ? Fill(color: figure.scale.color(mean).hexadecimal) : Fill(style: "undefined")
    }

    private func tooltip(_ mean: Double?, column: Int, row: Int) -> String {
        let value = mean.map { $0.isFinite ? figure.metric.text($0) : $0.plainText } ?? "not measured"
        let (x, y) = (AxisTitle.short(figure.x.title), AxisTitle.short(figure.y.title))
        return "\(x) \(figure.x.labels[column]), \(y) \(figure.y.labels[row]): \(value)"
    }

    private func drawFrames(_ panel: Int, in svg: inout SVG) {
        let origin = layout.origin(of: panel)
        let bottom = origin.y + layout.panelHeight
        for x in figure.x.segments {
            for y in figure.y.segments {
                // Strokes cover half a pixel on both sides: half a pixel outwards they hide no cell.
                svg.rectangle(
                    x: Double(origin.x + x.lowerBound) - 0.5, y: Double(bottom - y.upperBound) - 0.5,
                    width: Double(x.count) + 1, height: Double(y.count) + 1, style: "frame")
            }
        }
        if layout.isFirstColumn(panel) {
            for tick in figure.y.ticks {
                let y = Double(bottom) - tick.position
                svg.line(
                    [(Double(origin.x) - (tick.text.isEmpty ? 3 : 5), y), (Double(origin.x), y)],
                    style: "tick")
                svg.text(tick.text, x: Double(origin.x) - 8, y: y + 4, anchor: .end)
            }
        }
        if layout.isLastRow(panel) {
            for tick in figure.x.ticks {
                let x = Double(origin.x) + tick.position
                svg.line(
                    [(x, Double(bottom)), (x, Double(bottom) + (tick.text.isEmpty ? 3 : 5))], style: "tick")
                svg.text(tick.text, x: x, y: Double(bottom) + 18, anchor: .middle)
            }
        }
    }

    /// A step line on the border before the first width that interpolates, broken where there is none.
    private func drawThreshold(_ panel: Int, in svg: inout SVG) {
        let along = figure.hasThresholdUpwards ? figure.y : figure.x
        let across = figure.hasThresholdUpwards ? figure.x : figure.y
        let origin = layout.origin(of: panel)
        let bottom = Double(origin.y + layout.panelHeight)
        var lines: [[SVG.Point]] = []
        var end: Int?
        for (index, threshold) in figure.panels[panel].thresholds.enumerated() {
            guard let threshold, !along.spans[index].isEmpty else { continue }
            let border = Double(across.spans[threshold].lowerBound)
            let span = along.spans[index]
            let points = [span.lowerBound, span.upperBound].map { position -> SVG.Point in
                figure.hasThresholdUpwards
                    ? (Double(origin.x) + border, bottom - Double(position))
                    : (Double(origin.x + position), bottom - border)
            }
            if end == span.lowerBound {
                lines[lines.count - 1] += points
            } else {
                lines.append(points)
            }
            end = span.upperBound
        }
        for line in lines { svg.line(line, style: "casing") }
        for line in lines { svg.line(line, style: "threshold") }
    }
}

// MARK: - Colour bar and legend

extension HeatmapPlot {
    private func drawColorBar(in svg: inout SVG) {
        // A bar taller than a few panels is no easier to read.
        let height = min(layout.bottom - layout.top, 320)
        let top = layout.top + (layout.bottom - layout.top - height) / 2
        let left = layout.right + 20
        svg.group("cells") { svg in
            for y in 0..<height {
                let color = ColorMap.viridis(1 - (Double(y) + 0.5) / Double(height)).hexadecimal
                svg.rectangle(
                    x: Double(left), y: Double(top + y), width: Double(HeatmapPlot.barWidth), height: 1,
                    fill: color)
            }
        }
        svg.rectangle(
            x: Double(left) - 0.5, y: Double(top) - 0.5, width: Double(HeatmapPlot.barWidth) + 1,
            height: Double(height) + 1, style: "frame")
        let edge = Double(left + HeatmapPlot.barWidth)
        for (tick, text) in zip(figure.scale.ticks, barLabels) {
            let y = Double(top) + Double(height) * (1 - figure.scale.fraction(tick))
            svg.line([(edge, y), (edge + 5, y)], style: "tick")
            svg.text(text, x: edge + 8, y: y + 4)
        }
        let labelWidth = barLabels.map { SVG.width(of: $0, size: PlotStyle.labelSize) }.max() ?? 0
        for (index, line) in barTitle.enumerated() {
            svg.text(
                line, x: edge + 8 + labelWidth + 18 + Double(index) * 16, y: Double(top) + Double(height) / 2,
                style: "axis", anchor: .middle, isTurned: true)
        }
    }

    /// Says what the threshold line and the fills without a colour mean, where they occur.
    ///
    /// - Returns: The number of rows it takes.
    private func drawLegend(in svg: inout SVG) -> Int {
        var row = 0
        func baseline() -> Double { Double(layout.legendTop + row * 20 + 10) }
        let left = Double(layout.left)
        if figure.panels.contains(where: { $0.thresholds.contains { $0 != nil } }) {
            let line: [SVG.Point] = [(left, baseline() - 4), (left + 24, baseline() - 4)]
            svg.line(line, style: "casing")
            svg.line(line, style: "threshold")
            svg.text(Threshold.legend, x: left + 32, y: baseline())
            row += 1
        }
        let means = figure.panels.flatMap { $0.means.flatMap { $0 } }
        let kinds = [
            (means.contains { $0 == nil }, "not measured", "missing"),
            (means.contains { $0.map { !$0.isFinite } ?? false }, "not a finite number", "undefined"),
        ]
        var x = left
        for (_, label, style) in kinds.filter(\.0) {
            svg.rectangle(x: x, y: baseline() - 11, width: 24, height: 14, style: style)
            svg.rectangle(x: x + 0.5, y: baseline() - 10.5, width: 23, height: 13, style: "frame")
            svg.text(label, x: x + 32, y: baseline())
            x += 32 + SVG.width(of: label, size: PlotStyle.labelSize) + 24
        }
        return x > left ? row + 1 : row
    }
}

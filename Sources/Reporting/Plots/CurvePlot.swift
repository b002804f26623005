internal import Foundation
internal import Sweeps

/// Draws curves with bands of one standard deviation, panels with one vertical scale.
struct CurvePlot {
    let figure: CurveFigure
    let layout: FigureLayout

    init(_ figure: CurveFigure) {
        self.figure = figure
        layout = FigureLayout(
            title: figure.title, subtitle: figure.subtitle, panelWidth: figure.x.length,
            panelHeight: figure.y.height, panelCount: figure.panels.count, columnCount: figure.columnCount,
            rightSpace: 12,
            yLabelWidth: figure.y.ticks.map { SVG.width(of: $0.text, size: PlotStyle.labelSize) }.max() ?? 0,
            hasPanelTitles: figure.panels.contains { !$0.title.isEmpty })
    }

    func svg() -> String {
        var svg = SVG()
        let note = figure.y.isLogarithmic ? ", logarithmic scale" : ""
        layout.drawTitles(x: figure.x.title, y: figure.yTitle + note, in: &svg)
        for (index, panel) in figure.panels.enumerated() {
            layout.drawPanelTitle(panel.title, note: "", panel: index, in: &svg)
            drawAxes(index, in: &svg)
            switch figure.drawing {
            case .lines:
                for line in panel.lines where line.dash == 0 { drawBand(line, panel: index, in: &svg) }
                for threshold in panel.thresholds { drawThreshold(threshold, panel: index, in: &svg) }
                for line in panel.lines { draw(line, panel: index, in: &svg) }
            case .bars: drawBars(panel.lines, panel: index, in: &svg)
            case .points: for line in panel.lines { drawPoints(line, panel: index, in: &svg) }
            }
        }
        let legendRows = drawLegend(in: &svg)
        return svg.document(
            width: Double(layout.width), height: Double(layout.height(legendRows: legendRows)),
            title: figure.title,
            description: "\(figure.subtitle). \(figure.yTitle) against \(figure.x.title)")
    }
}

// MARK: - Panels

extension CurvePlot {
    private func drawAxes(_ panel: Int, in svg: inout SVG) {
        let origin = layout.origin(of: panel)
        let (left, right) = (Double(origin.x), Double(origin.x + layout.panelWidth))
        let (top, bottom) = (Double(origin.y), Double(origin.y + layout.panelHeight))
        for tick in figure.y.ticks {
            let y = bottom - tick.position
            svg.line([(left, y), (right, y)], style: "grid")
            if layout.isFirstColumn(panel) {
                svg.line([(left - 5, y), (left, y)], style: "tick")
                svg.text(tick.text, x: left - 8, y: y + 4, anchor: .end)
            }
        }
        for tick in figure.x.ticks {
            let x = left + tick.position
            if !tick.text.isEmpty { svg.line([(x, top), (x, bottom)], style: "grid") }
            if layout.isLastRow(panel) {
                svg.line([(x, bottom), (x, bottom + (tick.text.isEmpty ? 3 : 5))], style: "tick")
                svg.text(tick.text, x: x, y: bottom + 18, anchor: .middle)
            }
        }
        svg.rectangle(
            x: left - 0.5, y: top - 0.5, width: right - left + 1, height: bottom - top + 1, style: "frame")
    }

    /// Stretches of neighbouring points that were measured, as indices.
    private func stretches(_ line: CurveFigure.Line) -> [[Int]] {
        var stretches: [[Int]] = []
        for index in line.points.indices where line.points[index] != nil {
            // Epochs are joined over those that other tasks measured, but not over the gap behind epoch 0.
            let joins = figure.x.separateIndex == nil ? index - 1 : stretches.last?.last ?? -1
            if let last = stretches.last?.last, last == joins, last != figure.x.separateIndex {
                stretches[stretches.count - 1].append(index)
            } else {
                stretches.append([index])
            }
        }
        return stretches
    }

    func place(_ index: Int, _ value: Double, _ panel: Int) -> SVG.Point {
        let origin = layout.origin(of: panel)
        return (
            Double(origin.x) + figure.x.positions[index],
            Double(origin.y + layout.panelHeight) - figure.y.position(of: value)
        )
    }

    private func drawBand(_ line: CurveFigure.Line, panel: Int, in svg: inout SVG) {
        for stretch in stretches(line) {
            let points = stretch.compactMap { index in line.points[index].map { (index, $0) } }
            guard points.contains(where: { $0.1.deviation > 0 }) else { continue }
            let above = points.map { place($0.0, $0.1.high, panel) }
            let below = points.map { place($0.0, $0.1.low, panel) }.reversed()
            svg.polygon(above + below, style: "band fill\(line.color)")
        }
    }

    private func draw(_ line: CurveFigure.Line, panel: Int, in svg: inout SVG) {
        for stretch in stretches(line) {
            let points = stretch.compactMap { index in line.points[index].map { place(index, $0.mean, panel) }
            }
            svg.line(points, style: "\(CurvePlot.style(ofDash: line.dash)) line\(line.color)")
            // Few points are shown as such; one alone would not be seen otherwise.
            if points.count == 1 || (line.dash == 0 && line.points.count <= 16) {
                for point in points { svg.dot(point, radius: 2.75, style: "fill\(line.color)") }
            }
        }
    }

    private static func style(ofDash dash: Int) -> String {
        switch dash {
        case 0: "curve"
        case 1: "second"
        default: "third"
        }
    }

    private func drawThreshold(_ threshold: (index: Int, color: Int), panel: Int, in svg: inout SVG) {
        let origin = layout.origin(of: panel)
        let x = Double(origin.x) + figure.x.positions[threshold.index]
        let ends: [SVG.Point] = [(x, Double(origin.y)), (x, Double(origin.y + layout.panelHeight))]
        svg.line(ends, style: "mark line\(threshold.color)")
    }
}

// MARK: - Legend

extension CurvePlot {
    /// Keys from left to right, in as many rows as they take.
    ///
    /// - Returns: The number of rows.
    private func drawLegend(in svg: inout SVG) -> Int {
        var row = 0
        var x = Double(layout.left)
        func advance(by label: String, inNewRow: Bool = false) -> (x: Double, y: Double) {
            let width = 32 + SVG.width(of: label, size: PlotStyle.labelSize)
            if x > Double(layout.left), inNewRow || x + width > Double(layout.width - 12) {
                row += 1
                x = Double(layout.left)
            }
            defer { x += width + 20 }
            return (x, Double(layout.legendTop + row * 20 + 10))
        }
        for key in figure.keys {
            // Colours first, then what broken lines mean.
            let at = advance(by: key.label, inNewRow: key.color == nil && key.dash == 0)
            let style = CurvePlot.style(ofDash: key.dash) + " " + (key.color.map { "line\($0)" } ?? "neutral")
            svg.line([(at.x, at.y - 4), (at.x + 24, at.y - 4)], style: style)
            svg.text(key.label, x: at.x + 32, y: at.y)
        }
        let hasThresholds = figure.panels.contains { !$0.thresholds.isEmpty }
        let notes = [
            (
                figure.hasBands && figure.drawing == .lines, "band: ± one standard deviation over seeds",
                "band"
            ),
            (
                figure.hasBands && figure.drawing == .bars, "whisker: ± one standard deviation over seeds",
                "whisker"
            ),
            (hasThresholds, Threshold.legend, "mark"),
        ].filter(\.0)
        for (_, label, kind) in notes {
            let at = advance(by: label, inNewRow: true)
            if kind == "whisker" {
                svg.line([(at.x + 12, at.y - 12), (at.x + 12, at.y + 3)], style: "tick")
            } else if kind == "band" {
                svg.rectangle(x: at.x, y: at.y - 10, width: 24, height: 12, style: "band fill0")
            } else {
                svg.line([(at.x + 12, at.y - 12), (at.x + 12, at.y + 3)], style: "mark neutral")
            }
            svg.text(label, x: at.x + 32, y: at.y)
        }
        return x > Double(layout.left) ? row + 1 : row
    }
}

internal import Foundation

/// Draws curves with bands, panels side by side with one vertical scale.
struct CurvePlot {
    let figure: CurveFigure
    let title: String
    let subtitle: String

    private static let panelHeight = 280.0
    private static let gap = 22.0
    private static let left = 62.0
    private static let top = 78.0
    private static let legendLine = 17.0

    private var panelWidth: Double { figure.panels.count > 1 ? 300 : 560 }

    func svg() -> String {
        let count = Double(max(figure.panels.count, 1))
        let legend = figure.panels.first?.lines.map(\.label) ?? []
        let rows = (legend.count + 2) / 3
        let width = Self.left + count * panelWidth + (count - 1) * Self.gap + 24
        let height = Self.top + Self.panelHeight + 52 + Double(rows + 1) * Self.legendLine
        var svg = SVG(width: max(width, 640), height: height)
        svg.text(title, x: Self.left, y: 24, style: "title")
        svg.text(subtitle, x: Self.left, y: 42, style: "soft")
        guard let scales = Scales(figure) else {
            svg.text("nothing measured yet", x: Self.left, y: Self.top + 40, style: "soft")
            return svg.document(title: title, description: subtitle)
        }
        for (index, panel) in figure.panels.enumerated() {
            let left = Self.left + Double(index) * (panelWidth + Self.gap)
            drawAxes(panel, at: left, scales, isFirst: index == 0, in: &svg)
            for marker in panel.markers {
                let x = left + panelWidth * scales.x(marker.x)
                svg.line(
                    [(x, Self.top), (x, Self.top + Self.panelHeight)], style: "marker",
                    stroke: PlotStyle.line(marker.color))
            }
            for line in panel.lines { draw(line, at: left, scales, in: &svg) }
        }
        let axisX = Self.left + (count * panelWidth + (count - 1) * Self.gap) / 2
        svg.text(figure.xTitle, x: axisX, y: Self.top + Self.panelHeight + 36, anchor: .middle)
        svg.text(figure.yTitle, x: 16, y: Self.top + Self.panelHeight / 2, anchor: .middle, turned: true)
        drawLegend(width: svg.width, in: &svg)
        return svg.document(
            title: title, description: "\(subtitle). \(figure.yTitle) against \(figure.xTitle).")
    }

    private func drawAxes(
        _ panel: CurveFigure.Panel, at left: Double, _ scales: Scales, isFirst: Bool, in svg: inout SVG
    ) {
        let bottom = Self.top + Self.panelHeight
        svg.text(panel.title, x: left + panelWidth / 2, y: Self.top - 9, style: "panel", anchor: .middle)
        for tick in scales.yTicks {
            let y = bottom - Self.panelHeight * scales.y(tick)
            svg.line([(left, y), (left + panelWidth, y)], style: "grid")
            if isFirst { svg.text(Ticks.text(tick), x: left - 7, y: y + 4, anchor: .end) }
        }
        for tick in scales.xTicks {
            let x = left + panelWidth * scales.x(tick)
            svg.line([(x, bottom), (x, bottom + 4)], style: "tick")
            svg.text(Ticks.text(tick), x: x, y: bottom + 17, anchor: .middle)
        }
        svg.rectangle(x: left, y: Self.top, width: panelWidth, height: Self.panelHeight, style: "frame")
    }

    private func draw(_ line: CurveFigure.Line, at left: Double, _ scales: Scales, in svg: inout SVG) {
        let color = PlotStyle.line(line.color)
        let bottom = Self.top + Self.panelHeight
        func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
            (left + panelWidth * scales.x(x), bottom - Self.panelHeight * min(max(scales.y(y), 0), 1))
        }
        let banded = line.points.filter { $0.deviation != nil }
        if banded.count > 1, !line.isDashed {
            let upper = banded.map { place($0.x, $0.mean + ($0.deviation ?? 0)) }
            let lower = banded.reversed().map { place($0.x, $0.mean - ($0.deviation ?? 0)) }
            svg.polygon(upper + lower, style: "band", fill: color)
        }
        svg.line(
            line.points.map { place($0.x, $0.mean) }, style: line.isDashed ? "thin" : "curve", stroke: color)
    }

    private func drawLegend(width: Double, in svg: inout SVG) {
        let lines = figure.panels.first?.lines ?? []
        let top = Self.top + Self.panelHeight + 58
        let columnWidth = (width - Self.left) / 3
        for (index, line) in lines.enumerated() {
            let x = Self.left + Double(index % 3) * columnWidth
            let y = top + Double(index / 3) * Self.legendLine
            svg.line(
                [(x, y - 4), (x + 24, y - 4)], style: line.isDashed ? "thin" : "curve",
                stroke: PlotStyle.line(line.color))
            svg.text(line.label, x: x + 30, y: y)
        }
        let y = top + Double((lines.count + 2) / 3) * Self.legendLine
        let seeds =
            "band: one standard deviation over \(figure.seedCount) seed\(figure.seedCount == 1 ? "" : "s")"
        let hasMarkers = figure.panels.contains { !$0.markers.isEmpty }
        let threshold = hasMarkers ? " · dashed vertical: interpolation threshold" : ""
        svg.text(seeds + threshold, x: Self.left, y: y, style: "soft")
    }
}

extension CurvePlot {
    /// The common scales of all panels.
    private struct Scales {
        private let xLow: Double
        private let xHigh: Double
        private let yLow: Double
        private let yHigh: Double
        private let isLogarithmic: Bool
        private let hasZero: Bool

        /// `nil` where there is no point at all.
        init?(_ figure: CurveFigure) {
            let points = figure.panels.flatMap { $0.lines.flatMap(\.points) }
            guard !points.isEmpty else { return nil }
            isLogarithmic = figure.isLogarithmic
            let xs = points.map(\.x).filter { !figure.isLogarithmic || $0 > 0 }
            hasZero = figure.isLogarithmic && points.contains { $0.x <= 0 }
            (xLow, xHigh) = (xs.min() ?? 1, max(xs.max() ?? 1, (xs.min() ?? 1) * 1.0001))
            let highs = points.map { $0.mean + ($0.deviation ?? 0) }
            let lows = points.map { $0.mean - ($0.deviation ?? 0) }
            let (low, high) = (lows.min() ?? 0, highs.max() ?? 1)
            // Curves near zero start at zero: a floating axis exaggerates.
            yLow = low >= 0 && low < 0.5 * high ? 0 : low - 0.05 * (high - low)
            yHigh = high > yLow ? high + 0.05 * (high - yLow) : yLow + 1
        }

        /// The share of the width that epoch 0 takes on a logarithmic axis.
        private var zeroShare: Double { hasZero ? 0.06 : 0 }

        func x(_ value: Double) -> Double {
            guard isLogarithmic else { return xHigh > xLow ? (value - xLow) / (xHigh - xLow) : 0.5 }
            guard value > 0 else { return 0 }
            return zeroShare + (1 - zeroShare) * log(value / xLow) / log(xHigh / xLow)
        }

        func y(_ value: Double) -> Double { (value - yLow) / (yHigh - yLow) }

        var xTicks: [Double] {
            guard isLogarithmic else { return Ticks.linear(from: xLow, to: xHigh, about: 8) }
            return (hasZero ? [0] : []) + Ticks.logarithmic(from: xLow, to: xHigh)
        }

        var yTicks: [Double] { Ticks.linear(from: yLow, to: yHigh, about: 6) }
    }
}

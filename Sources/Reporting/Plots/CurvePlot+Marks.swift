internal import Sweeps

// MARK: - Bars and points

extension CurvePlot {
    /// Bars side by side at each place, with a whisker of one standard deviation either way.
    func drawBars(_ lines: [CurveFigure.Line], panel: Int, in svg: inout SVG) {
        let positions = figure.x.positions
        let distances = zip(positions, positions.dropFirst()).map { $1 - $0 }
        let room = (distances.min() ?? Double(figure.x.length) / 2) * 0.8
        let width = room / Double(max(lines.count, 1))
        let origin = layout.origin(of: panel)
        let bottom = Double(origin.y + layout.panelHeight)
        for (place, line) in lines.enumerated() {
            for index in line.points.indices {
                guard let point = line.points[index] else { continue }
                let left = Double(origin.x) + positions[index] - room / 2 + Double(place) * width
                let (top, base) = (
                    bottom - figure.y.position(of: point.mean), bottom - figure.y.position(of: 0)
                )
                svg.rectangle(
                    x: left, y: min(top, base), width: max(width - 1, 0.5), height: max(abs(base - top), 0.5),
                    style: "fill\(line.color)")
                guard point.deviation > 0 else { continue }
                let middle = left + max(width - 1, 0.5) / 2
                let ends = [point.low, point.high].map { bottom - figure.y.position(of: $0) }
                svg.line([(middle, ends[0]), (middle, ends[1])], style: "tick")
            }
        }
    }

    /// A dot for every value.
    func drawPoints(_ line: CurveFigure.Line, panel: Int, in svg: inout SVG) {
        for index in line.points.indices {
            guard let point = line.points[index] else { continue }
            svg.dot(place(index, point.mean, panel), radius: 2, style: "fill\(line.color)")
        }
    }
}

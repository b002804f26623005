public import Sweeps

/// Draws the linear regions of squares in input space, coloured by class, with the decision boundary.
public struct PartitionPlot {
    let figure: PartitionFigure
    private let layout: FigureLayout
    /// Half the side that all squares have; `nil` where they differ, and axes count in half sides.
    private let radius: Double?
    private let ticks: [Double]
    /// Classes on any panel, ascending: their places choose the colours.
    private let labels: [Int]

    /// One picture alone.
    public init(_ picture: PartitionPicture) { self.init(PartitionFigure(picture)) }

    init(_ figure: PartitionFigure) {
        self.figure = figure
        let pictures = figure.panels.compactMap(\.picture)
        let radii = Set(pictures.map(\.radius))
        radius = radii.count == 1 ? radii.first : nil
        ticks = Ticks.linear(
            from: -(radius ?? 1), to: radius ?? 1, about: figure.columnCount == 1 ? 6 : 4)
        labels = Set(pictures.flatMap { $0.cells.map(\.label) + $0.samplesInside.map(\.label) }).sorted()
        let side = PartitionPlot.side(figure.columnCount)
        let widths = Ticks.labels(ticks).map { SVG.width(of: $0, size: PlotStyle.labelSize) }
        layout = FigureLayout(
            title: figure.title, subtitle: figure.subtitle, panelWidth: side, panelHeight: side,
            panelCount: figure.panels.count, columnCount: figure.columnCount, rightSpace: 12,
            yLabelWidth: widths.max() ?? 0,
            hasPanelTitles: figure.panels.contains { !$0.title.isEmpty || !$0.note.isEmpty })
    }

    /// Of a panel, in pixels.
    private static func side(_ columnCount: Int) -> Int {
        switch columnCount {
        case 1: 520
        case 2: 360
        case 3: 264
        default: 216
        }
    }

    public func svg() -> String {
        var svg = SVG()
        let unit = radius == nil ? "half sides of the square" : "units of the scaled input"
        layout.drawTitles(x: "towards the second sample (\(unit))", y: "across, towards the third", in: &svg)
        for (index, panel) in figure.panels.enumerated() {
            layout.drawPanelTitle(panel.title, note: panel.note, panel: index, in: &svg)
            if let picture = panel.picture {
                draw(picture, panel: index, in: &svg)
            } else {
                drawGap(panel, index, in: &svg)
            }
            drawAxes(panel: index, in: &svg)
        }
        let rows = drawLegend(in: &svg)
        return svg.document(
            width: Double(layout.width), height: Double(layout.height(legendRows: rows)), title: figure.title,
            description:
                "\(figure.subtitle). Polygons on which a network is linear, and the lines between classes",
            rules: PartitionPlot.rules)
    }
}

// MARK: - Panels

extension PartitionPlot {
    private func draw(_ picture: PartitionPicture, panel: Int, in svg: inout SVG) {
        func point(_ place: PartitionPicture.Place) -> SVG.Point {
            self.point(place.x / picture.radius, place.y / picture.radius, panel)
        }
        for label in labels {
            let cells = picture.cells.filter { $0.label == label }
            svg.shapes(
                cells.map { picture.outline(of: $0).map(point) }, areClosed: true, style: style(of: label))
        }
        let edges = picture.edges
        let kinds = [(\PartitionPicture.Edge.isRegionBorder, "region"), (\.isClassBorder, "boundary")]
        for (kind, style) in kinds {
            svg.shapes(
                edges.filter { $0[keyPath: kind] }.map { [point($0.start), point($0.end)] }, areClosed: false,
                style: style)
        }
        for sample in picture.samplesInside {
            let center = point(sample.place)
            svg.dot(center, radius: 5, style: "sample \(style(of: sample.label))")
            svg.text("\(sample.label)", x: center.x + 9, y: center.y + 4, style: "panel halo")
        }
    }

    /// The colour of a class; beyond the last they begin anew.
    private func style(of label: Int) -> String {
        "class\((labels.firstIndex(of: label) ?? 0) % PartitionPlot.colors.count)"
    }

    private func drawGap(_ panel: PartitionFigure.Panel, _ index: Int, in svg: inout SVG) {
        let (left, top) = layout.origin(of: index)
        svg.rectangle(
            x: Double(left), y: Double(top), width: Double(layout.panelWidth),
            height: Double(layout.panelHeight),
            style: "missing", tooltip: panel.note)
    }

    /// A place in pixels, from coordinates in half sides of the square.
    private func point(_ x: Double, _ y: Double, _ panel: Int) -> SVG.Point {
        let (left, top) = layout.origin(of: panel)
        let half = Double(layout.panelWidth) / 2
        return (Double(left) + (1 + x) * half, Double(top) + (1 - y) * half)
    }

    private func drawAxes(panel: Int, in svg: inout SVG) {
        let (lower, upper) = (point(-1, -1, panel), point(1, 1, panel))
        for (tick, text) in zip(ticks, Ticks.labels(ticks)) {
            let place = point(tick / (radius ?? 1), tick / (radius ?? 1), panel)
            if layout.isLastRow(panel) {
                svg.line([(place.x, lower.y), (place.x, lower.y + 5)], style: "tick")
                svg.text(text, x: place.x, y: lower.y + 18, anchor: .middle)
            }
            if layout.isFirstColumn(panel) {
                svg.line([(lower.x - 5, place.y), (lower.x, place.y)], style: "tick")
                svg.text(text, x: lower.x - 8, y: place.y + 4, anchor: .end)
            }
        }
        svg.rectangle(
            x: lower.x - 0.5, y: upper.y - 0.5, width: Double(layout.panelWidth + 1),
            height: Double(layout.panelHeight + 1), style: "frame")
    }
}

// MARK: - Legend and colours

extension PartitionPlot {
    /// - Returns: The number of rows.
    private func drawLegend(in svg: inout SVG) -> Int {
        var (x, row) = (Double(layout.left), 0)
        var y: Double { Double(layout.legendTop + row * 20 + 10) }
        func place(_ text: String, mark: Double) {
            let width = mark + 6 + SVG.width(of: text, size: PlotStyle.labelSize)
            if x > Double(layout.left), x + width > Double(layout.width - 12) {
                (x, row) = (Double(layout.left), row + 1)
            }
            svg.text(text, x: x + mark + 6, y: y)
            x += width + 16
        }
        for label in labels {
            let text = "class \(label)"
            place(text, mark: 14)
            let start = x - 36 - SVG.width(of: text, size: PlotStyle.labelSize)
            svg.rectangle(x: start, y: y - 10, width: 14, height: 12, style: style(of: label))
        }
        for (text, style) in [("decision boundary", "boundary"), ("border of a linear region", "region")] {
            place(text, mark: 24)
            let start = x - 46 - SVG.width(of: text, size: PlotStyle.labelSize)
            svg.line([(start, y - 4), (start + 24, y - 4)], style: style)
        }
        return row + 1
    }

    /// Fills that are told apart side by side, after Tol (2021), lightened for lines to be seen on them.
    private static let colors = [
        "#77aadd", "#ee8866", "#bbcc33", "#ffaabb", "#eedd88", "#44bb99", "#cc99dd", "#bbbbbb", "#c49a6c",
        "#99ddff", "#8da05a", "#d08aa0",
    ]

    private static let rules =
        colors.enumerated().map { ".class\($0) { fill: \($1); stroke: none; }" } + [
            ".region { fill: none; stroke: #3d444d; stroke-width: 0.5; stroke-opacity: 0.7; }",
            ".boundary { fill: none; stroke: #b30021; stroke-width: 2; stroke-linecap: round; }",
            ".sample { stroke: #1f2328; stroke-width: 1.5; }",
            ".halo { fill: #1f2328; paint-order: stroke; stroke: #ffffff; stroke-width: 3; }",
            "@media (prefers-color-scheme: dark) {",
            "  .halo { fill: #1f2328; }",
            "}",
        ]
}

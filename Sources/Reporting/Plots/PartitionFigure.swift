/// Draws the linear regions of a square in input space, coloured by class, with the decision boundary.
public struct PartitionFigure: Sendable {
    /// In units of the scaled input, from the middle of the square; y upwards.
    public typealias Place = (x: Double, y: Double)

    private static let side = 520

    private let radius: Double
    private let regions: [[Place]]
    private let cells: [(label: Int, corners: [Place])]
    private let boundary: [[Place]]
    private let samples: [(label: Int, place: Place)]
    private let layout: FigureLayout
    private let ticks: [Double]

    private static let title = "Linear regions around three training samples"

    /// - Parameters:
    ///   - radius: Half the side of the square.
    ///   - regions: Convex polygons that cover it.
    ///   - cells: Parts of regions of one class.
    ///   - boundary: Lines along which the class changes.
    ///   - samples: Training samples in the plane with their labels.
    public init(
        radius: Double, regions: [[Place]], cells: [(label: Int, corners: [Place])], boundary: [[Place]],
        samples: [(label: Int, place: Place)]
    ) {
        self.radius = radius
        self.regions = regions
        self.cells = cells
        self.boundary = boundary
        self.samples = samples
        ticks = Ticks.linear(from: -radius, to: radius, about: 6)
        let widths = Ticks.labels(ticks).map { SVG.width(of: $0, size: PlotStyle.labelSize) }
        layout = FigureLayout(
            title: PartitionFigure.title,
            subtitle: "\(regions.count) linear regions · coloured by the class of the largest logit",
            panelWidth: Self.side, panelHeight: Self.side, panelCount: 1, columnCount: 1, rightSpace: 12,
            yLabelWidth: widths.max() ?? 0, hasPanelTitles: false)
    }

    /// Classes on the picture, ascending: their places choose the colours.
    private var labels: [Int] { Set(cells.map(\.label) + samples.map(\.label)).sorted() }

    public func svg() -> String {
        var svg = SVG()
        layout.drawTitles(
            x: "towards the second sample (units of the scaled input)", y: "across, towards the third",
            in: &svg)
        let labels = labels
        func color(_ label: Int) -> Int { (labels.firstIndex(of: label) ?? 0) % PlotStyle.lineCount }
        for cell in cells { svg.polygon(cell.corners.map(point), style: "cell fill\(color(cell.label))") }
        for region in regions { svg.polygon(region.map(point), style: "region") }
        for line in boundary { svg.line(line.map(point), style: "boundary") }
        for sample in samples {
            let center = point(sample.place)
            svg.dot(center, radius: 5, style: "sample fill\(color(sample.label))")
            svg.text("\(sample.label)", x: center.x + 9, y: center.y + 4, style: "panel")
        }
        drawAxes(in: &svg)
        let rows = drawLegend(labels, color, in: &svg)
        return svg.document(
            width: Double(layout.width), height: Double(layout.height(legendRows: rows)),
            title: PartitionFigure.title,
            description:
                "\(regions.count) polygons on which the network is linear, and the lines between classes",
            rules: PartitionFigure.rules)
    }

    private static let rules = [
        ".cell { fill-opacity: 0.3; stroke: none; }",
        ".region { fill: none; stroke: #59636e; stroke-width: 0.6; stroke-linejoin: round; }",
        ".boundary { fill: none; stroke: #cf222e; stroke-width: 2.5; stroke-linecap: round; }",
        ".sample { stroke: #ffffff; stroke-width: 1.5; }",
        "@media (prefers-color-scheme: dark) {",
        "  .region { stroke: #9198a1; }",
        "  .boundary { stroke: #ff7b72; }",
        "  .sample { stroke: #0d1117; }",
        "}",
    ]

    private func point(_ place: Place) -> SVG.Point {
        let (left, top) = layout.origin(of: 0)
        let scale = Double(Self.side) / (2 * radius)
        return (Double(left) + (place.x + radius) * scale, Double(top) + (radius - place.y) * scale)
    }

    private func drawAxes(in svg: inout SVG) {
        let (lower, upper) = (point((-radius, -radius)), point((radius, radius)))
        for (tick, text) in zip(ticks, Ticks.labels(ticks)) {
            let (x, y) = (point((tick, 0)).x, point((0, tick)).y)
            svg.line([(x, lower.y), (x, lower.y + 5)], style: "tick")
            svg.text(text, x: x, y: lower.y + 18, anchor: .middle)
            svg.line([(lower.x - 5, y), (lower.x, y)], style: "tick")
            svg.text(text, x: lower.x - 8, y: y + 4, anchor: .end)
        }
        svg.rectangle(
            x: lower.x - 0.5, y: upper.y - 0.5, width: Double(Self.side + 1), height: Double(Self.side + 1),
            style: "frame")
    }

    /// - Returns: The number of rows.
    private func drawLegend(_ labels: [Int], _ color: (Int) -> Int, in svg: inout SVG) -> Int {
        var (x, row) = (Double(layout.left), 0)
        var y: Double { Double(layout.legendTop + row * 20 + 10) }
        for label in labels {
            let text = "class \(label)"
            let width = 20 + SVG.width(of: text, size: PlotStyle.labelSize)
            if x + width > Double(layout.width - 12) { (x, row) = (Double(layout.left), row + 1) }
            svg.rectangle(x: x, y: y - 10, width: 14, height: 12, style: "cell fill\(color(label))")
            svg.text(text, x: x + 20, y: y)
            x += width + 16
        }
        (x, row) = (Double(layout.left), row + 1)
        svg.line([(x, y - 4), (x + 24, y - 4)], style: "boundary")
        svg.text("decision boundary", x: x + 32, y: y)
        svg.line([(x + 160, y - 4), (x + 184, y - 4)], style: "region")
        svg.text("border of a linear region", x: x + 192, y: y)
        return row + 1
    }
}

/// Where the parts of a figure stand: title on top, a grid of equal panels, axis titles, legend below.
///
/// Panels stand on whole pixels, so that cells and frames are crisp.
struct FigureLayout {
    let panelWidth: Int
    let panelHeight: Int
    let panelCount: Int
    let columnCount: Int
    /// Space right of the panels, for a colour bar.
    let rightSpace: Int
    /// Width of the widest label of the y axis.
    let yLabelWidth: Double
    let hasPanelTitles: Bool
    let titleLines: [String]
    let subtitleLines: [String]

    private static let margin = 18
    private static let gap = 20

    init(
        title: String, subtitle: String, panelWidth: Int, panelHeight: Int, panelCount: Int, columnCount: Int,
        rightSpace: Int, yLabelWidth: Double, hasPanelTitles: Bool
    ) {
        self.panelWidth = panelWidth
        self.panelHeight = panelHeight
        self.panelCount = panelCount
        self.columnCount = columnCount
        self.rightSpace = rightSpace
        self.yLabelWidth = yLabelWidth
        self.hasPanelTitles = hasPanelTitles
        let left = FigureLayout.left(yLabelWidth)
        let panels = left + columnCount * panelWidth + (columnCount - 1) * FigureLayout.gap
        let room = Double(max(panels + rightSpace - 2 * FigureLayout.margin, 420))
        titleLines = SVG.wrapped(title, width: room, size: PlotStyle.titleSize * 1.06)
        subtitleLines = SVG.wrapped(subtitle, width: room, size: PlotStyle.textSize)
    }

    private static func left(_ yLabelWidth: Double) -> Int { margin + 22 + Int(yLabelWidth.rounded(.up)) + 8 }

    var left: Int { FigureLayout.left(yLabelWidth) }
    private var rowCount: Int { (panelCount + columnCount - 1) / max(columnCount, 1) }
    private var headHeight: Int { FigureLayout.margin + titleLines.count * 21 + subtitleLines.count * 17 + 6 }
    private var rowGap: Int { hasPanelTitles ? 36 : FigureLayout.gap }
    var top: Int { headHeight + (hasPanelTitles ? 26 : 10) }
    var right: Int { left + columnCount * panelWidth + (columnCount - 1) * FigureLayout.gap }
    var bottom: Int { top + rowCount * panelHeight + (rowCount - 1) * rowGap }
    var width: Int { max(right + rightSpace, 460) + FigureLayout.margin }
    /// Where legend rows start.
    var legendTop: Int { bottom + 62 }

    func height(legendRows: Int) -> Int {
        legendRows == 0 ? bottom + 58 : legendTop + legendRows * 20 + 4
    }

    /// The upper left corner of a panel.
    func origin(of panel: Int) -> (x: Int, y: Int) {
        (
            left + panel % columnCount * (panelWidth + FigureLayout.gap),
            top + panel / columnCount * (panelHeight + rowGap)
        )
    }

    /// Whether the labels of the y axis stand at this panel.
    func isFirstColumn(_ panel: Int) -> Bool { panel % columnCount == 0 }

    /// Whether nothing stands below a panel, so that it gets the labels of the x axis.
    func isLastRow(_ panel: Int) -> Bool { panel + columnCount >= panelCount }

    func drawTitles(x xTitle: String, y yTitle: String, in svg: inout SVG) {
        var y = Double(FigureLayout.margin)
        for line in titleLines {
            y += 16
            svg.text(line, x: Double(FigureLayout.margin), y: y, style: "title")
            y += 5
        }
        for line in subtitleLines {
            y += 13
            svg.text(line, x: Double(FigureLayout.margin), y: y, style: "subtitle")
            y += 4
        }
        let center = Double(left + right) / 2
        svg.text(xTitle, x: center, y: Double(bottom + 40), style: "axis", anchor: .middle)
        // A long title would run over the figure's own.
        let fitting = [yTitle, AxisTitle.short(yTitle)].first {
            SVG.width(of: $0, size: PlotStyle.textSize) <= Double(bottom - top)
        }
        // The legend names what a title of several metrics has no room for.
        svg.text(
            fitting ?? "", x: Double(FigureLayout.margin + 10),
            y: Double(top + bottom) / 2, style: "axis", anchor: .middle,
            isTurned: true)
    }

    func drawPanelTitle(_ title: String, note: String, panel: Int, in svg: inout SVG) {
        let (x, y) = origin(of: panel)
        svg.text(title, x: Double(x), y: Double(y - 8), style: "panel")
        let titleWidth = SVG.width(of: title, size: PlotStyle.textSize * 1.08)
        let noteWidth = SVG.width(of: note, size: PlotStyle.labelSize)
        // Better no note than one over the title.
        guard titleWidth + noteWidth + 8 <= Double(panelWidth) else { return }
        svg.text(note, x: Double(x + panelWidth), y: Double(y - 8), style: "note", anchor: .end)
    }
}

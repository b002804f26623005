/// A drawing in the making: elements in order, text escaped, numbers short.
struct SVG {
    let width: Double
    let height: Double
    private var body = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// Where a text hangs on its point.
    enum Anchor: String {
        case start
        case middle
        case end
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, fill: String? = nil, style: String? = nil,
        tooltip: String? = nil
    ) {
        var element = "<rect x=\"\(SVG.text(x))\" y=\"\(SVG.text(y))\" width=\"\(SVG.text(width))\" "
        element += "height=\"\(SVG.text(height))\""
        if let fill { element += " fill=\"\(fill)\"" }
        if let style { element += " class=\"\(style)\"" }
        body += element + (tooltip.map { "><title>\(SVG.escaped($0))</title></rect>\n" } ?? "/>\n")
    }

    mutating func line(_ points: [(x: Double, y: Double)], style: String, stroke: String? = nil) {
        guard points.count > 1 else { return }
        let path = points.map { "\(SVG.text($0.x)),\(SVG.text($0.y))" }.joined(separator: " ")
        body +=
            "<polyline points=\"\(path)\" class=\"\(style)\"\(stroke.map { " stroke=\"\($0)\"" } ?? "")/>\n"
    }

    mutating func polygon(_ points: [(x: Double, y: Double)], style: String, fill: String) {
        let path = points.map { "\(SVG.text($0.x)),\(SVG.text($0.y))" }.joined(separator: " ")
        body += "<polygon points=\"\(path)\" class=\"\(style)\" fill=\"\(fill)\"/>\n"
    }

    mutating func text(
        _ content: String, x: Double, y: Double, style: String = "ink", anchor: Anchor = .start,
        turned: Bool = false
    ) {
        let turn = turned ? " transform=\"rotate(-90 \(SVG.text(x)) \(SVG.text(y)))\"" : ""
        body += "<text x=\"\(SVG.text(x))\" y=\"\(SVG.text(y))\" class=\"\(style)\" "
        body += "text-anchor=\"\(anchor.rawValue)\"\(turn)>\(SVG.escaped(content))</text>\n"
    }

    /// The document, with a title and a description for those who cannot see it.
    func document(title: String, description: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(SVG.text(width)) \(SVG.text(height))" \
        width="\(SVG.text(width))" height="\(SVG.text(height))" role="img">
        <title>\(SVG.escaped(title))</title>
        <desc>\(SVG.escaped(description))</desc>
        \(PlotStyle.sheet)
        <rect class="paper" width="100%" height="100%"/>
        \(body)</svg>

        """
    }

    /// A coordinate with at most two decimals: finer is invisible and only makes files longer.
    static func text(_ value: Double) -> String {
        let hundredths = (value * 100).rounded()
        let text = (hundredths / 100).description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // Control characters are no XML, whatever they are called.
            case _ where character.value < 0x20: result += " "
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// The look of all plots, in light and in dark.
enum PlotStyle {
    static let sheet = """
        <style>
        text { font-family: "DejaVu Sans", Verdana, Helvetica, Arial, sans-serif; font-size: 11px; fill: #1b1f24; }
        .title { font-size: 15px; font-weight: bold; }
        .soft { fill: #57606a; }
        .panel { font-size: 12px; font-weight: bold; }
        .paper { fill: #ffffff; }
        .frame { fill: none; stroke: #57606a; stroke-width: 1; }
        .tick { fill: none; stroke: #57606a; stroke-width: 1; }
        .grid { fill: none; stroke: #d0d7de; stroke-width: 0.7; }
        .cell { shape-rendering: crispEdges; }
        .threshold { fill: none; stroke: #ffffff; stroke-width: 2.5; stroke-dasharray: 5 3; }
        .thresholdBack { fill: none; stroke: #000000; stroke-width: 4; opacity: 0.55; }
        .marker { fill: none; stroke: #57606a; stroke-width: 1.2; stroke-dasharray: 4 3; }
        .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .thin { fill: none; stroke-width: 1.4; stroke-dasharray: 3 2; }
        .band { opacity: 0.2; stroke: none; }
        .missing { fill: #d0d7de; }
        .hatch { fill: none; stroke: #8c959f; stroke-width: 0.8; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .soft { fill: #9da7b1; }
          .paper { fill: #0d1117; }
          .frame, .tick, .marker { stroke: #9da7b1; }
          .grid { stroke: #30363d; }
          .missing { fill: #30363d; }
          .hatch { stroke: #6e7681; }
        }
        </style>
        """

    /// Okabe and Ito's colours (2008): told apart with every kind of colour vision, on white and on black.
    static let lines = [
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#999999",
    ]

    static func line(_ index: Int) -> String { lines[index % lines.count] }
}

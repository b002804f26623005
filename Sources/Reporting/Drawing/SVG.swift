internal import Sweeps

/// A drawing in the making: elements in order, text escaped, numbers short, the same calls the same bytes.
struct SVG {
    private var body = ""
    private var depth = 1

    /// Where a text hangs on its point.
    enum Anchor: String {
        case start
        case middle
        case end
    }

    /// A point in pixels, y downwards.
    typealias Point = (x: Double, y: Double)

    /// Elements that share a class.
    mutating func group(_ style: String, _ content: (inout SVG) -> Void) {
        append("<g class=\"\(style)\">")
        depth += 1
        content(&self)
        depth -= 1
        append("</g>")
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, fill: String? = nil, style: String? = nil,
        tooltip: String? = nil
    ) {
        var element = "<rect x=\"\(SVG.text(x))\" y=\"\(SVG.text(y))\" width=\"\(SVG.text(width))\" "
        element += "height=\"\(SVG.text(height))\""
        if let fill { element += " fill=\"\(fill)\"" }
        if let style { element += " class=\"\(style)\"" }
        append(element + (tooltip.map { "><title>\(SVG.escaped($0))</title></rect>" } ?? "/>"))
    }

    mutating func line(_ points: [Point], style: String) {
        guard points.count > 1 else { return }
        append("<polyline points=\"\(SVG.text(points))\" class=\"\(style)\"/>")
    }

    mutating func polygon(_ points: [Point], style: String) {
        guard points.count > 2 else { return }
        append("<polygon points=\"\(SVG.text(points))\" class=\"\(style)\"/>")
    }

    /// Many polygons or lines of one style as one element, so that fills that touch show no seam.
    mutating func shapes(_ shapes: [[Point]], areClosed: Bool, style: String) {
        let paths = shapes.filter { $0.count > 1 }.map { points in
            "M" + SVG.text(points) + (areClosed ? "Z" : "")
        }
        if paths.isEmpty { return }
        append("<path d=\"\(paths.joined())\" class=\"\(style)\"/>")
    }

    mutating func dot(_ center: Point, radius: Double, style: String) {
        append(
            "<circle cx=\"\(SVG.text(center.x))\" cy=\"\(SVG.text(center.y))\" r=\"\(SVG.text(radius))\" "
                + "class=\"\(style)\"/>")
    }

    mutating func text(
        _ content: String, x: Double, y: Double, style: String = "label", anchor: Anchor = .start,
        isTurned: Bool = false
    ) {
        if content.isEmpty { return }
        var element = "<text x=\"\(SVG.text(x))\" y=\"\(SVG.text(y))\" class=\"\(style)\""
        if anchor != .start { element += " text-anchor=\"\(anchor.rawValue)\"" }
        if isTurned { element += " transform=\"rotate(-90 \(SVG.text(x)) \(SVG.text(y)))\"" }
        append(element + ">\(SVG.escaped(content))</text>")
    }

    /// The document, with a title and a description for those who cannot see it.
    ///
    /// `rules` are lines of CSS that follow those of all plots.
    func document(
        width: Double, height: Double, title: String, description: String, rules: [String] = []
    ) -> String {
        let sheet = ([PlotStyle.sheet] + rules.map { "    " + $0 }).joined(separator: "\n")
        let (width, height) = (SVG.text(width), SVG.text(height))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="title description">
              <title id="title">\(SVG.escaped(title))</title>
              <desc id="description">\(SVG.escaped(description))</desc>
              <style>
            \(sheet)
              </style>
              <defs>
                <pattern id="missing" width="6" height="6" patternUnits="userSpaceOnUse">
                  <rect width="6" height="6" class="missing-back"/>
                  <path d="M-1.5 1.5l3 -3M0 6l6 -6M4.5 7.5l3 -3" class="missing-line"/>
                </pattern>
              </defs>
              <rect width="\(width)" height="\(height)" class="paper"/>
            \(body)</svg>

            """
    }

    private mutating func append(_ element: String) {
        body += String(repeating: "  ", count: depth) + element + "\n"
    }

    /// A coordinate with at most two decimals: finer is invisible and only makes files longer.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let rounded = (value * 100).rounded() / 100
        return rounded == 0 ? "0" : rounded.shortestText
    }

    private static func text(_ points: [Point]) -> String {
        points.map { "\(text($0.x)),\(text($0.y))" }.joined(separator: " ")
    }

    /// The text as content or attribute of XML and HTML.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // Control characters and these two are no XML, whatever they are called.
            case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff:
                result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// About how wide a text is, in pixels: a little more than most sans-serif faces take.
    static func width(of text: String, size: Double) -> Double {
        let ems = text.unicodeScalars.reduce(0.0) { sum, scalar in
            switch scalar {
            case "i", "j", "l", ".", ",", ":", ";", "|", "'", " ", "I", "(", ")", "·": sum + 0.36
            case "f", "r", "t", "-", "⁻", "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹": sum + 0.43
            case "m", "w", "M", "W", "%": sum + 0.95
            case "A"..."Z", "=", "×", "±", "≤", "−": sum + 0.75
            default: sum + 0.62
            }
        }
        return ems * size
    }

    /// A text in lines that fit a width, broken between its parts where it is a list, else between words.
    static func wrapped(_ text: String, width: Double, size: Double) -> [String] {
        let joint = [" · ", ", "].first { text.contains($0) } ?? " "
        // A comma stays where it is when what follows it goes to the next line.
        let end = joint == ", " ? "," : ""
        var lines: [String] = []
        for piece in text.split(separator: joint) {
            if let last = lines.last, SVG.width(of: last + joint + piece, size: size) <= width {
                lines[lines.count - 1] = last + joint + piece
            } else {
                if let last = lines.last { lines[lines.count - 1] = last + end }
                lines.append(String(piece))
            }
        }
        return lines
    }
}

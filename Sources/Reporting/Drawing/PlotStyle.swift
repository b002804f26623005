/// The look of all plots, in light and in dark.
///
/// Colours are given twice instead of as variables, which converters of SVG to other formats do not know.
enum PlotStyle {
    static let titleSize = 16.0
    static let textSize = 12.0
    static let labelSize = 11.0

    /// Colours of lines, after Okabe and Ito (2008): told apart with every kind of colour vision.
    ///
    /// The lighter ones are darkened for white paper; on black they are lightened.
    private static let lines: [(light: String, dark: String)] = [
        ("#0072b2", "#5ab4e5"), ("#d55e00", "#ff8c42"), ("#009e73", "#2fc99b"), ("#b5548d", "#e79ac4"),
        ("#b37a00", "#f0b429"), ("#3a8fc2", "#9ad4f5"), ("#6e7681", "#b1bac4"), ("#7a4fb5", "#b79af0"),
    ]

    static let lineCount = lines.count

    static let sheet: String = {
        let light = lines.enumerated().map { rules(line: $0, color: $1.light) }
        let dark = lines.enumerated().map { "  " + rules(line: $0, color: $1.dark) }
        return (base + light + ["@media (prefers-color-scheme: dark) {"] + darkBase + dark + ["}"])
            .map { "    " + $0 }.joined(separator: "\n")
    }()

    private static func rules(line: Int, color: String) -> String {
        ".line\(line) { stroke: \(color); } .fill\(line) { fill: \(color); }"
    }

    private static let base = [
        "text { font-family: Helvetica, Arial, sans-serif; fill: #1f2328; }",
        ".title { font-size: 16px; font-weight: bold; }",
        ".subtitle { font-size: 12px; fill: #59636e; }",
        ".axis { font-size: 12px; }",
        ".panel { font-size: 12px; font-weight: bold; }",
        ".note { font-size: 11px; fill: #59636e; }",
        ".label { font-size: 11px; }",
        ".paper { fill: #ffffff; }",
        ".frame, .tick { fill: none; stroke: #59636e; stroke-width: 1; shape-rendering: crispEdges; }",
        ".grid { fill: none; stroke: #e4e8ec; stroke-width: 1; shape-rendering: crispEdges; }",
        ".cells { shape-rendering: crispEdges; }",
        ".missing { fill: url(#missing); }",
        ".missing-back { fill: #f6f8fa; }",
        ".missing-line { fill: none; stroke: #9aa4ae; stroke-width: 1; }",
        ".undefined { fill: #b4bcc4; }",
        ".casing { fill: none; stroke: #000000; stroke-opacity: 0.6; stroke-width: 4; }",
        ".threshold { fill: none; stroke: #ffffff; stroke-width: 2; }",
        ".curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }",
        ".second { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke-dasharray: 5 3; }",
        ".third { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke-dasharray: 1.5 2.5; }",
        ".mark { fill: none; stroke-width: 1.25; stroke-dasharray: 2 3; }",
        ".neutral { stroke: #59636e; }",
        ".band { fill-opacity: 0.18; stroke: none; }",
    ]

    private static let darkBase = [
        "  text { fill: #e6edf3; }",
        "  .subtitle, .note { fill: #9198a1; }",
        "  .paper { fill: #0d1117; }",
        "  .frame, .tick, .neutral { stroke: #9198a1; }",
        "  .grid { stroke: #262c34; }",
        "  .missing-back { fill: #161b22; }",
        "  .missing-line { stroke: #59636e; }",
        "  .undefined { fill: #59636e; }",
    ]
}

import ArgumentParser
import Experiments
import Reporting
import Sweeps

struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog",
        abstract: "List every model, data set, noise, optimiser, probe and plot that a sweep file may name.",
        discussion: """
            Example:
              descent catalog probes
              descent catalog --json
            """)

    @Argument(help: "Only this kind, such as probes or models.")
    var kind: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        let kinds = CatalogSection.all.map(\.kind)
        if let kind, !kinds.contains(kind) {
            throw ValidationError(
                "There is no kind '\(kind)'; the kinds are \(kinds.joined(separator: ", ")).")
        }
    }

    func run() throws {
        let sections = CatalogSection.all.filter { kind == nil || $0.kind == kind }
        if json { return try printJSON(sections) }
        print(sections.map(\.text).joined(separator: "\n\n"))
    }
}

/// The entries of one kind, as people and programs read them.
struct CatalogSection: Encodable {
    struct Entry: Encodable {
        let name: String
        let summary: String
        let built: Bool
        let options: [OptionLine]
    }

    struct OptionLine: Encodable {
        let key: String
        let values: String
        let standard: String?
        let unit: String?
        let summary: String
    }

    let kind: String
    /// The key of a sweep file under which the names stand.
    let key: String
    let entries: [Entry]

    static var all: [CatalogSection] {
        Vocabulary.sections.map { CatalogSection(kind: $0.kind, key: $0.key, $0.entries) } + [
            CatalogSection(kind: "plots", key: "report", Reporting.Catalog.plots),
            CatalogSection(
                kind: "launchers", key: "",
                [
                    CatalogEntry(
                        "local",
                        "Worker processes on this machine, started by descent run and descent worker.")
                ]),
        ]
    }

    private init(kind: String, key: String, _ entries: [CatalogEntry]) {
        self.kind = kind
        self.key = key
        self.entries = entries.map { entry in
            Entry(
                name: entry.name, summary: entry.summary, built: entry.isBuilt,
                options: entry.options.map { option in
                    OptionLine(
                        key: option.key, values: option.kind.words, standard: option.standard?.plainText,
                        unit: option.unit, summary: option.summary)
                })
        }
    }

    /// The section for a terminal: a heading, then each entry with its options below.
    var text: String {
        let heading = key.isEmpty ? kind.uppercased() : "\(kind.uppercased())  (\(key))"
        return ([heading] + entries.map(CatalogSection.text)).joined(separator: "\n")
    }

    private static func text(_ entry: Entry) -> String {
        var lines = ["  \(entry.name)\(entry.built ? "" : " (not built yet)"): \(entry.summary)"]
        for option in entry.options {
            let unit = option.unit.map { " \($0)" } ?? ""
            let standard = option.standard.map { ", default \($0)" } ?? ""
            lines.append("      \(option.key): \(option.values)\(unit)\(standard). \(option.summary)")
        }
        return lines.joined(separator: "\n")
    }
}

extension Sweeps.Option.Kind {
    /// What may stand there, in words.
    var words: String {
        switch self {
        case .integer(let range):
            range.upperBound == .max
                ? "\(range.lowerBound) or more" : "\(range.lowerBound)…\(range.upperBound)"
        case .number(let range): "\(range.lowerBound.shortestText)…\(range.upperBound.shortestText)"
        case .boolean: "true or false"
        case .text: "text"
        case .choice(let names): names.joined(separator: " | ")
        case .numbers(let range):
            "list of numbers in \(range.lowerBound.shortestText)…\(range.upperBound.shortestText)"
        case .sampleCount: "a count, or {first: count}"
        case .epochSchedule: "logarithmic | piecewise | {every: n} | [epochs or steps]"
        }
    }
}

extension Setting {
    /// The setting without quotes around a bare text.
    var plainText: String { asText ?? canonicalText }
}

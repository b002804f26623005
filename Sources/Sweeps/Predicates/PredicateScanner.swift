/// Cuts the text of a predicate into words.
struct PredicateScanner {
    enum Token: Hashable {
        /// A name, a number, a state or a keyword.
        case word(String)
        /// Text in quotes, which is never a keyword.
        case quoted(String)
        case comparison(Predicate.Comparison)
        /// One of `( ) [ ] ,`.
        case mark(Character)
        case end

        var text: String {
            switch self {
            case .word(let text), .quoted(let text): text
            case .comparison(let comparison): comparison.rawValue
            case .mark(let mark): String(mark)
            case .end: "the end"
            }
        }
    }

    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    mutating func next() throws(Predicate.Problem) -> Token {
        rest = rest.drop(while: \.isWhitespace)
        guard let first = rest.first else { return .end }
        // `==` is what programmers write.
        for (text, comparison) in [("==", Predicate.Comparison.equal)] + PredicateScanner.comparisons
        where rest.hasPrefix(text) {
            rest = rest.dropFirst(text.count)
            return .comparison(comparison)
        }
        if "()[],".contains(first) {
            rest = rest.dropFirst()
            return .mark(first)
        }
        if first == "'" || first == "\"" {
            let content = rest.dropFirst().prefix { $0 != first }
            rest = rest.dropFirst(1 + content.count)
            guard rest.first == first else {
                throw Predicate.Problem(description: "the quotation \(first)\(content) has no end")
            }
            rest = rest.dropFirst()
            return .quoted(String(content))
        }
        let word = rest.prefix { $0.isLetter || $0.isNumber || "._-+".contains($0) }
        guard !word.isEmpty else {
            throw Predicate.Problem(description: "'\(first)' has no meaning in a predicate")
        }
        rest = rest.dropFirst(word.count)
        return .word(String(word))
    }

    /// Longer ones first, or `<=` would read as `<`.
    private static let comparisons = Predicate.Comparison.allCases.map { ($0.rawValue, $0) }
        .sorted { $0.0.count > $1.0.count }
}

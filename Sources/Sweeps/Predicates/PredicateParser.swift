/// Reads a predicate: `or` binds loosest, then `and`, then `not`.
struct PredicateParser {
    private let text: String
    private let axes: [Axis]
    private var scanner: PredicateScanner
    private var token = PredicateScanner.Token.end
    private var depth = 0

    /// Nobody writes more parentheses; a stack is finite.
    private static let depthMax = 64
    /// Fields that every task has, beside the axes.
    private static let fields: [(name: String, field: Predicate.Field)] = [
        ("state", .state), ("attempts", .attempts), ("worker", .worker), ("class", .failureClass),
        ("task", .task),
    ]
    private static let conditions = TaskCondition.allCases.map(\.rawValue)

    init(_ text: String, axes: [Axis]) {
        self.text = text
        self.axes = axes
        scanner = PredicateScanner(text)
    }

    mutating func parse() throws(Predicate.Problem) -> Predicate.Node {
        try advance()
        let node = try parseAny()
        if token != .end { throw problem("'\(token.text)' comes where 'and', 'or' or the end was expected") }
        return node
    }

    private func problem(_ message: String) -> Predicate.Problem {
        Predicate.Problem(description: "'\(text)': \(message)")
    }

    private mutating func advance() throws(Predicate.Problem) {
        do {
            token = try scanner.next()
        } catch {
            throw problem(error.description)
        }
    }

    /// Takes the keyword, if it comes next.
    private mutating func take(_ keyword: String) throws(Predicate.Problem) -> Bool {
        guard case .word(let word) = token, word.lowercased() == keyword else { return false }
        try advance()
        return true
    }

    private mutating func expect(_ mark: Character) throws(Predicate.Problem) {
        guard token == .mark(mark) else { throw problem("'\(mark)' was expected and not '\(token.text)'") }
        try advance()
    }

    private mutating func parseAny() throws(Predicate.Problem) -> Predicate.Node {
        var nodes = [try parseAll()]
        while try take("or") { nodes.append(try parseAll()) }
        return nodes.count == 1 ? nodes[0] : .any(nodes)
    }

    private mutating func parseAll() throws(Predicate.Problem) -> Predicate.Node {
        var nodes = [try parseOne()]
        while try take("and") { nodes.append(try parseOne()) }
        return nodes.count == 1 ? nodes[0] : .all(nodes)
    }

    private mutating func parseOne() throws(Predicate.Problem) -> Predicate.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PredicateParser.depthMax else { throw problem("has too many parentheses") }
        if try take("not") { return .not(try parseOne()) }
        if token == .mark("(") {
            try advance()
            let node = try parseAny()
            try expect(")")
            return node
        }
        guard case .word(let name) = token else {
            throw problem("an axis or a state was expected and not '\(token.text)'")
        }
        try advance()
        return try parseComparison(of: name)
    }

    private mutating func parseComparison(of name: String) throws(Predicate.Problem) -> Predicate.Node {
        if case .comparison(let comparison) = token {
            let field = try field(name)
            try advance()
            let value = try parseValue(of: field, name)
            guard !comparison.isOrder || value.asNumber != nil else {
                throw problem("'\(comparison.rawValue)' compares numbers, and '\(value.excerpt)' is none")
            }
            return .compare(field, comparison, value)
        }
        if case .word(let word) = token, word.lowercased() == "not" {
            try advance()
            guard try take("in") else { throw problem("'in' was expected after 'not'") }
            return .not(try parseList(of: name))
        }
        if try take("in") { return try parseList(of: name) }
        guard PredicateParser.conditions.contains(name) else { throw bareWord(name) }
        return .compare(.state, .equal, .text(name))
    }

    private func bareWord(_ name: String) -> Predicate.Problem {
        if (try? field(name)) != nil {
            return problem("'\(name)' needs a comparison, such as '\(name)=1'")
        }
        let known = PredicateParser.conditions + axes.map(\.column)
        return problem("'\(name)' is no state\(Spelling.hint(for: name, among: known, called: "word"))")
    }

    private mutating func parseList(of name: String) throws(Predicate.Problem) -> Predicate.Node {
        let field = try field(name)
        try expect("[")
        var values = [try parseValue(of: field, name)]
        while token == .mark(",") {
            try advance()
            values.append(try parseValue(of: field, name))
        }
        try expect("]")
        return .among(field, values)
    }

    private mutating func parseValue(
        of field: Predicate.Field, _ name: String
    ) throws(Predicate.Problem) -> Setting {
        let value: Setting
        switch token {
        case .quoted(let text): value = .text(text)
        case .word(let word): value = PredicateParser.value(of: word)
        default: throw problem("a value of '\(name)' was expected and not '\(token.text)'")
        }
        try advance()
        return try checked(value, field, name)
    }

    private static func value(of word: String) -> Setting {
        if let integer = Int(word) { return .integer(integer) }
        if let number = Double(word), number.isFinite { return .number(number) }
        return switch word {
        case "true": .boolean(true)
        case "false": .boolean(false)
        case "null": .null
        default: .text(word)
        }
    }

    /// Refuses words that no task can have there: they are misspelt.
    private func checked(
        _ value: Setting, _ field: Predicate.Field, _ name: String
    ) throws(Predicate.Problem) -> Setting {
        let known: [String]
        switch field {
        // An id or a name may look like a number.
        case .task, .worker: return .text(value.asText ?? value.canonicalText)
        case .attempts: return value
        case .state: known = PredicateParser.conditions
        case .failureClass: known = FailureClass.allCases.map(\.rawValue)
        case .axis(let index): known = axes[index].values.compactMap(\.asText)
        }
        guard let text = value.asText, !known.contains(text) else { return value }
        let hint = Spelling.hint(for: text, among: known, called: "value")
        throw problem("'\(name)' is never '\(text)'\(hint)")
    }

    /// What a name stands for.
    private func field(_ name: String) throws(Predicate.Problem) -> Predicate.Field {
        let wanted = PredicateParser.plain(name)
        if let index = axes.firstIndex(where: { PredicateParser.plain($0.path) == wanted }) {
            return .axis(index)
        }
        let found = axes.indices.filter { index in
            axes[index].column == wanted || PredicateParser.plain(axes[index].path).hasSuffix("." + wanted)
        }
        if found.count > 1 {
            let paths = found.map { "'\(axes[$0].path)'" }.joined(separator: " and ")
            throw problem("'\(name)' could be \(paths); write the longer name")
        }
        if let index = found.first { return .axis(index) }
        if let known = PredicateParser.fields.first(where: { $0.name == wanted }) { return known.field }
        let known = axes.map(\.path) + axes.map(\.column) + PredicateParser.fields.map(\.name)
        let nearest = Spelling.nearest(to: name, among: known)
        let axisList = axes.map(\.path).joined(separator: ", ")
        let advice =
            nearest.map { "nearest known axis '\($0)'" }
            ?? (axes.isEmpty ? "this sweep has none" : "its axes are \(axisList)")
        throw problem("'\(name)' is no axis of this sweep; \(advice)")
    }

    /// Columns of result files have underscores where paths have dashes.
    private static func plain(_ name: String) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }
}

internal import Sweeps

extension Setting {
    /// How two settings stand to each other.
    enum Order: Hashable {
        case before
        case same
        case after

        fileprivate init<Value: Comparable>(_ first: Value, _ second: Value) {
            self = first < second ? .before : first == second ? .same : .after
        }
    }

    /// The order of rows and of plot axes: numbers by value, texts by bytes, and null, booleans, numbers,
    /// texts, lists and maps in this order among each other.
    ///
    /// `1` and `1.0` are the same; `nan` comes after all numbers.
    func order(to other: Setting) -> Order {
        switch (self, other) {
        case (.integer(let first), .integer(let second)): return Order(first, second)
        case (.text(let first), .text(let second)):
            // Comparing strings directly would treat canonically equivalent spellings as one.
            if first.utf8.elementsEqual(second.utf8) { return .same }
            return first.utf8.lexicographicallyPrecedes(second.utf8) ? .before : .after
        case (.boolean(let first), .boolean(let second)): return Order(first ? 1 : 0, second ? 1 : 0)
        default: break
        }
        if let first = asNumber, let second = other.asNumber {
            if first.isNaN || second.isNaN { return Order(first.isNaN ? 1 : 0, second.isNaN ? 1 : 0) }
            return Order(first, second)
        }
        if rank != other.rank { return Order(rank, other.rank) }
        return Order(canonicalText, other.canonicalText)
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .boolean: 1
        case .integer, .number: 2
        case .text: 3
        case .list: 4
        case .map: 5
        }
    }

    /// The value as tables write it: texts without quotes, null as nothing.
    var plainText: String {
        switch self {
        case .null: ""
        case .text(let text): text
        case .number(let value): value.plainText
        default: canonicalText
        }
    }
}

extension Setting {
    /// The value as plots write it: numbers without superfluous digits, an absent value as a dash.
    var labelText: String {
        switch self {
        case .null: "–"
        case .number(let value): NumberText.label(value)
        default: plainText
        }
    }
}

extension Double {
    /// The shortest text that reads back to the same bits; `nan` for every undefined number, whatever its
    /// sign.
    var plainText: String { isNaN ? "nan" : shortestText }
}

extension [Setting] {
    /// The values without repetition, in order.
    func distinctSorted() -> [Setting] {
        var distinct: [Setting] = []
        for value in sorted(by: { $0.order(to: $1) == .before })
        where distinct.last.map({ $0.order(to: value) != .same }) ?? true {
            distinct.append(value)
        }
        return distinct
    }
}

/// Values of an axis as sweep files abbreviate them.
package enum AxisValues {
    /// The most values that one axis may have.
    package static let countMax = 1_000_000

    /// Why a notation gives no values.
    package struct Refusal: Error, Hashable {
        package let message: String

        package init(message: String) { self.message = message }
    }

    /// The values that a setting under `grid` stands for: `1..64`, `{from: 1, to: 64, step: 3}`, `{log2: [1, 64]}`,
    /// a list of values and of such `a..b`, or a single value.
    package static func expand(_ setting: Setting) throws(Refusal) -> [Setting] {
        let values: [Setting]
        switch setting {
        case .list(let members):
            var expanded: [Setting] = []
            for member in members { expanded += try interval(member) ?? [member] }
            values = expanded
        case .map(let map) where map["log2"] != nil && map.keys == ["log2"]:
            values = try powersOfTwo(map["log2"] ?? .null)
        case .map(let map) where map["from"] != nil && map["to"] != nil:
            values = try progression(map)
        case .null: values = []
        default: values = try interval(setting) ?? [setting]
        }
        if values.isEmpty { throw Refusal(message: "needs at least one value") }
        if values.count > countMax { throw tooMany }
        return values
    }

    private static let tooMany = Refusal(message: "more than \(countMax) values")

    /// `a..b`: the whole numbers from a to b, both among them; `nil` where the setting is nothing like it.
    private static func interval(_ setting: Setting) throws(Refusal) -> [Setting]? {
        guard let text = setting.asText, let dots = text.firstRange(of: "..") else { return nil }
        guard let from = Int(text[..<dots.lowerBound]), let to = Int(text[dots.upperBound...]) else {
            return nil
        }
        return try integers(from: from, to: to, step: 1)
    }

    private static func integers(from: Int, to: Int, step: Int) throws(Refusal) -> [Setting] {
        if step < 1 { throw Refusal(message: "the step must be greater than 0; is \(step)") }
        if from > to {
            throw Refusal(message: "the range from \(from) to \(to) is empty; give the smaller one first")
        }
        let (span, overflow) = to.subtractingReportingOverflow(from)
        if overflow || span / step >= countMax { throw tooMany }
        return stride(from: from, through: to, by: step).map(Setting.integer)
    }

    private static func progression(_ map: SettingMap) throws(Refusal) -> [Setting] {
        let known = ["from", "to", "step"]
        if let key = map.keys.first(where: { !known.contains($0) }) {
            let hint = Spelling.hint(for: key, among: known, called: "key")
            throw Refusal(message: "a range has no key '\(key)'\(hint)")
        }
        let (first, last, step) = (map["from"] ?? .null, map["to"] ?? .null, map["step"] ?? .integer(1))
        if let from = first.asInteger, let to = last.asInteger, let step = step.asInteger {
            return try integers(from: from, to: to, step: step)
        }
        guard let from = first.asNumber, let to = last.asNumber, let step = step.asNumber,
            from.isFinite, to.isFinite, step.isFinite
        else { throw Refusal(message: "from, to and step of a range must be numbers") }
        return try decimals(from: from, to: to, step: step)
    }

    /// Counts in the last decimal place, so that the fourth value of 0, 0.1 … is 0.3 and not 0.30000000000000004.
    private static func decimals(from: Double, to: Double, step: Double) throws(Refusal) -> [Setting] {
        if !(step > 0) { throw Refusal(message: "the step must be greater than 0; is \(step.shortestText)") }
        if from > to {
            let range = "from \(from.shortestText) to \(to.shortestText)"
            throw Refusal(message: "the range \(range) is empty; give the smaller one first")
        }
        if (to - from) / step >= Double(countMax) { throw tooMany }
        var scale = 1.0
        while scale < 1e15, !isWhole(from * scale) || !isWhole(step * scale) { scale *= 10 }
        let (start, increment) = ((from * scale).rounded(), (step * scale).rounded())
        // A value that misses the end by a rounding error is the end.
        let count = Int(((to - from) / step + 1e-9).rounded(.down))
        return (0...count).map { .number((start + Double($0) * increment) / scale) }
    }

    private static func isWhole(_ value: Double) -> Bool {
        abs(value - value.rounded()) <= abs(value) * 1e-12
    }

    private static func powersOfTwo(_ setting: Setting) throws(Refusal) -> [Setting] {
        guard let bounds = setting.asList, bounds.count == 2, let from = bounds[0].asWholeNumber,
            let to = bounds[1].asWholeNumber, from >= 1, from <= to
        else {
            throw Refusal(
                message: "log2 takes two whole numbers, such as {log2: [1, 64]}; is \(setting.excerpt)")
        }
        var values: [Setting] = []
        var value = from
        while value <= to {
            values.append(.integer(value))
            let (next, overflow) = value.multipliedReportingOverflow(by: 2)
            if overflow { break }
            value = next
        }
        return values
    }
}

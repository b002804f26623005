extension Setting {
    /// The value as an integer where it is one, written with a decimal point or an exponent or without: `1e3`.
    public var asWholeNumber: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }
}

extension Option {
    /// What a checked value is, or why it is refused.
    package enum Verdict: Hashable, Sendable {
        /// The value as configurations write it, so that `1` and `1.0` are the same task.
        case accepted(Setting)
        /// What it must be instead.
        case refused(String)
    }

    /// Checks one value against ``kind`` and gives it the one form that it has in configurations.
    package func check(_ value: Setting) -> Verdict {
        if let canonical = canonical(value) { return .accepted(canonical) }
        if case .choice(let choices) = kind { return .refused(refusal(of: value, choices: choices)) }
        return .refused("must be \(requirement); is \(value.excerpt)")
    }

    /// What ``kind`` asks for, with range and unit: `a number from 0 to 1`.
    package var requirement: String {
        let suffix = unit.map { " \($0)" } ?? ""
        return switch kind {
        case .integer(let range): "a whole number\(range.text)\(suffix)"
        case .number(let range): "a number\(range.text)\(suffix)"
        case .boolean: "true or false"
        case .text: "text"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        case .numbers(let range): "a list of numbers, each\(range.text)\(suffix)"
        case .sampleCount: "a number of samples of at least 1, 'all', or {first: N}"
        case .epochSchedule: "'logarithmic', 'piecewise', {every: N} or a list of epochs (or steps)"
        }
    }

    private func canonical(_ value: Setting) -> Setting? {
        switch kind {
        case .integer(let range): value.asWholeNumber.flatMap { range.contains($0) ? .integer($0) : nil }
        case .number(let range): value.canonicalNumber(in: range)
        case .boolean: value.asBoolean.map(Setting.boolean)
        case .text: value.asText.map(Setting.text)
        case .choice(let choices):
            value.asText.flatMap { choices.contains($0) && !planned.contains($0) ? .text($0) : nil }
        case .numbers(let range): Option.canonicalNumbers(value.asList ?? [value], in: range)
        case .sampleCount: SampleCount(value)?.setting
        case .epochSchedule: EpochSchedule(value)?.setting
        }
    }

    private static func canonicalNumbers(_ values: [Setting], in range: ClosedRange<Double>) -> Setting? {
        let numbers = values.compactMap { $0.canonicalNumber(in: range) }
        return numbers.count == values.count && !numbers.isEmpty ? .list(numbers) : nil
    }

    private func refusal(of value: Setting, choices: [String]) -> String {
        let built = choices.filter { !planned.contains($0) }
        guard let text = value.asText else {
            return "must be one of \(built.joined(separator: ", ")); is \(value.excerpt)"
        }
        if planned.contains(text) {
            return "'\(text)' is planned but not built yet; available: \(built.joined(separator: ", "))"
        }
        let hint = Spelling.nearest(to: text, among: built).map { "; nearest known value '\($0)'" } ?? ""
        return "must be one of \(built.joined(separator: ", ")); is '\(text)'\(hint)"
    }
}

extension Setting {
    /// A number in the range with one zero: -0 is 0, or else equal tasks would have different names.
    fileprivate func canonicalNumber(in range: ClosedRange<Double>) -> Setting? {
        guard let number = asNumber, number.isFinite, range.contains(number) else { return nil }
        return .number(number == 0 ? 0 : number)
    }

    /// The value as messages quote it: short, and with the kind that quotes give away.
    package var excerpt: String {
        switch self {
        case .text(let text): return text.count > 60 ? "'\(text.prefix(57))...'" : "'\(text)'"
        case .null: return "empty"
        default:
            let text = canonicalText
            return text.count > 60 ? "\(text.prefix(57))..." : text
        }
    }
}

extension ClosedRange<Int> {
    fileprivate var text: String {
        switch (lowerBound == .min, upperBound == .max) {
        case (true, true): ""
        case (false, true): " of at least \(lowerBound)"
        case (true, false): " of at most \(upperBound)"
        case (false, false): " from \(lowerBound) to \(upperBound)"
        }
    }
}

extension ClosedRange<Double> {
    fileprivate var text: String {
        let isOpenBelow = lowerBound <= -Double.greatestFiniteMagnitude
        let isOpenAbove = upperBound >= Double.greatestFiniteMagnitude
        return switch (isOpenBelow, isOpenAbove) {
        case (true, true): ""
        case (false, true) where lowerBound == .leastNonzeroMagnitude: " greater than 0"
        case (false, true): " of at least \(lowerBound.shortestText)"
        case (true, false): " of at most \(upperBound.shortestText)"
        case (false, false): " from \(lowerBound.shortestText) to \(upperBound.shortestText)"
        }
    }
}

internal import Sweeps

extension CatalogEntry {
    /// The number under `key` in validated options, or the option's default.
    func number(_ key: String, in options: Setting) -> Double {
        guard let value = setting(key, in: options).asNumber else {
            preconditionFailure("\(name): \(key) is not a number in \(options.canonicalText)")
        }
        return value
    }

    /// The integer under `key` in validated options, or the option's default.
    func integer(_ key: String, in options: Setting) -> Int {
        guard let value = setting(key, in: options).asInteger else {
            preconditionFailure("\(name): \(key) is not an integer in \(options.canonicalText)")
        }
        return value
    }

    private func setting(_ key: String, in options: Setting) -> Setting {
        options.asMap?[key] ?? self.options.first { $0.key == key }?.standard ?? .null
    }
}

extension Option {
    static let learningRate = Option(
        "learning-rate", .number(0...1e30), standard: 0.001,
        "What a step is multiplied by, before the schedule.")

    static func weightDecay(standard: Double = 0, _ summary: String) -> Option {
        Option("weight-decay", .number(0...1e6), standard: .number(standard), summary)
    }
}

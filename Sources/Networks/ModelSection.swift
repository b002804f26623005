import Sweeps

/// Reads the `model` section of a sweep file, key by key, with errors that name the key.
///
/// Sweep files are validated against ``Catalog`` before they come here; this is the last door, so that a section
/// from anywhere else cannot trap either.
struct ModelSection {
    private let setting: Setting

    init(_ setting: Setting) { self.setting = setting }

    func text(_ key: String, default standard: String) throws(NetworkError) -> String {
        guard let value = setting[key] else { return standard }
        guard let text = value.asText else { throw wrongType(key, value, "a name") }
        return text
    }

    /// `nil` where the section is silent.
    func boolean(_ key: String) throws(NetworkError) -> Bool? {
        guard let value = setting[key], value != .null else { return nil }
        guard let boolean = value.asBoolean else { throw wrongType(key, value, "true or false") }
        return boolean
    }

    /// The whole number of an option, or its default where the section is silent.
    func integer(_ option: Option) throws(NetworkError) -> Int {
        let value = setting[option.key] ?? option.standard ?? .null
        guard case .integer(let range) = option.kind, let integer = value.asInteger else {
            throw wrongType(option.key, value, "a whole number")
        }
        guard range.contains(integer) else {
            throw NetworkError(
                .outOfRange(option.key, "\(integer)", range: "\(range.lowerBound)...\(range.upperBound)"))
        }
        return integer
    }

    /// The family's name, once it is known that the section asks for nothing that is only planned.
    func builtFamily() throws(NetworkError) -> String {
        let family = try text("family", default: "mlp")
        guard let entry = Catalog.families.first(where: { $0.name == family }) else {
            let choices = Catalog.families.filter(\.isBuilt).map(\.name)
            throw NetworkError(.unknown("family", family, choices: choices))
        }
        guard entry.isBuilt else { throw NetworkError(.notBuilt("family", family)) }
        return family
    }

    /// Units of each hidden layer: the family's own, the list `widths`, or `depth` times `width`.
    ///
    /// - Throws: ``NetworkError`` for sizes out of range, and for skips that would join layers of different widths.
    func hiddenWidths(of family: String) throws(NetworkError) -> [Int] {
        let widths = try listedOrRepeated(family)
        if try boolean("residual") ?? false, let layer = MLPWindows.mismatchedSkip(widths) {
            throw NetworkError(
                .impossible(
                    "residual", "true",
                    "hidden layer \(layer + 1) has \(widths[layer]) units and layer \(layer - 1), which it would add, "
                        + "\(widths[layer - 2]); give every second layer one width, or take false"))
        }
        return widths
    }

    private func listedOrRepeated(_ family: String) throws(NetworkError) -> [Int] {
        if let widths = Catalog.presets[family] { return widths }
        if family == "mlp-widths" { return try listedWidths(setting["widths"] ?? .list([])) }
        let width = try integer(Catalog.width)
        return Array(repeating: width, count: try integer(Catalog.depth))
    }

    private func listedWidths(_ value: Setting) throws(NetworkError) -> [Int] {
        let elements = value.asList ?? [value]
        guard (1...100).contains(elements.count) else {
            throw NetworkError(.outOfRange("widths", "a list of \(elements.count)", range: "1...100 layers"))
        }
        var widths: [Int] = []
        for element in elements {
            guard let width = element.asNumber.flatMap({ Int(exactly: $0) }), (1...2048).contains(width)
            else {
                throw wrongType("widths", value, "a list of whole numbers in 1...2048")
            }
            widths.append(width)
        }
        return widths
    }

    func activation() throws(NetworkError) -> Activation {
        let name = try text("activation", default: "relu")
        guard let activation = Activation(rawValue: name) else {
            throw NetworkError(.unknown("activation", name, choices: Activation.allCases.map(\.rawValue)))
        }
        return activation
    }

    func initialization() throws(NetworkError) -> Initialization {
        let name = try text("init.scheme", default: "default")
        guard let scheme = Initialization.Scheme(rawValue: name) else {
            let choices = Initialization.Scheme.allCases.map(\.rawValue)
            throw NetworkError(.unknown("init.scheme", name, choices: choices))
        }
        guard let value = setting["init.scale"] else { return Initialization(scheme) }
        guard let scale = value.asNumber else { throw wrongType("init.scale", value, "a number") }
        guard (0...1000).contains(scale) else {
            throw NetworkError(.outOfRange("init.scale", "\(scale)", range: "0...1000"))
        }
        return Initialization(scheme, scale: scale)
    }

    private func wrongType(_ key: String, _ value: Setting, _ expected: String) -> NetworkError {
        NetworkError(.wrongType(key, value.canonicalText, expected: expected))
    }
}

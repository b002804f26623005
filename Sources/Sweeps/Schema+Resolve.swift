/// What a task computes, with every key resolved to a value.
public struct ResolvedSettings: Hashable, Sendable {
    /// Everything that decides the result: what ``TaskID`` is made from.
    public let configuration: Setting
    /// What cannot change the result but is needed to compute it, under the same paths as in the file.
    public let environment: Setting

    public init(configuration: Setting, environment: Setting) {
        self.configuration = configuration
        self.environment = environment
    }
}

extension Schema {
    /// Validates the settings of one task and fills in what they leave out.
    ///
    /// Every default is filled in, numbers have one form, and bare texts are maps. An option whose default is `null`
    /// and that the settings leave out stays out, as do maps without any key.
    ///
    /// - Throws: Every problem at once: unknown keys, wrong types, impossible values, missing ones, and what is
    ///   planned but not built.
    public func resolve(_ raw: Setting) throws(InvalidSettings) -> ResolvedSettings {
        var resolver = Resolver()
        let map = resolver.map(raw, at: "") ?? SettingMap()
        for key in map.keys where !parts.contains(where: { $0.key == key }) {
            resolver.reportUnknown(key, at: "", known: parts.map(\.key), elsewhere: self)
        }
        var configuration = SettingMap()
        var environment = SettingMap()
        for part in parts {
            let resolved = resolver.resolve(part, map[part.key], in: self)
            configuration[part.key] = resolved.scientific
            environment[part.key] = resolved.environment
        }
        guard resolver.problems.isEmpty else { throw InvalidSettings(resolver.problems) }
        return ResolvedSettings(configuration: .map(configuration), environment: .map(environment))
    }

    /// Writes out what a file may abbreviate: bare texts and lists of probes become maps.
    ///
    /// A path such as `measure.probes.jacobian-norm.points` then leads somewhere. What makes no sense is left as it
    /// is.
    public func writingOutShorthands(_ raw: Setting) -> Setting {
        guard var map = raw.asMap else { return raw }
        for case .section(let section) in parts {
            map[section.key] = map[section.key].map { section.writingOutShorthands($0) }
        }
        return .map(map)
    }

    /// Every path that some file might hold, for suggestions.
    var paths: [String] {
        parts.flatMap { part in
            switch part {
            case .option(let option): [option.key]
            case .section(let section): section.paths(under: "")
            }
        }
    }
}

extension Schema.Section {
    func writingOutShorthands(_ raw: Setting) -> Setting {
        guard var map = Resolver.expanded(raw, of: self) else { return raw }
        for section in sections {
            map[section.key] = map[section.key].map { section.writingOutShorthands($0) }
        }
        return .map(map)
    }

    func paths(under parent: String) -> [String] {
        let path = parent.isEmpty ? key : "\(parent).\(key)"
        let chooser = shorthandKey.map { [$0] } ?? []
        let keys = chooser + options.map(\.key) + entries.flatMap { $0.options.map(\.key) }
        return [path] + keys.map { "\(path).\($0)" } + sections.flatMap { $0.paths(under: path) }
    }
}

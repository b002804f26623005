/// Walks through settings beside their schema and collects values and problems.
struct Resolver {
    private(set) var problems: [SettingProblem] = []

    /// One key's share of a task; `nil` where it has none.
    struct Resolved: Hashable, Sendable {
        var scientific: Setting?
        var environment: Setting?
    }

    mutating func report(_ path: String, _ message: String) { problems.append(SettingProblem(path, message)) }

    mutating func resolve(_ part: Schema.Part, _ raw: Setting?, in schema: Schema) -> Resolved {
        switch part {
        case .section(let section): return resolve(section, raw, at: section.key, in: schema)
        case .option(let option):
            let value = resolve(option, raw, at: option.key)
            return option.isScientific ? Resolved(scientific: value) : Resolved(environment: value)
        }
    }

    private mutating func resolve(
        _ section: Schema.Section, _ raw: Setting?, at path: String, in schema: Schema
    ) -> Resolved {
        guard let map = expanded(raw ?? .null, of: section, at: path) else { return Resolved() }
        var fields = Fields()
        if case .anyOf(let entries) = section.choice {
            resolve(members: map, of: entries, at: path, into: &fields)
            return fields.resolved
        }
        let choice = choose(in: section, map, at: path)
        if case .chooser(let key, _, _) = section.choice, let entry = choice.entry {
            fields.add(key, .text(entry.name), isScientific: true)
        }
        if choice.isUnderstood {
            let options = section.options(with: choice.entry)
            reportUnknownKeys(of: map, in: section, entry: choice.entry, at: path, schema)
            for option in options where !isReplaced(option, by: options, in: map, at: path) {
                let value = resolve(option, map[option.key], at: "\(path).\(option.key)")
                fields.add(option.key, value, isScientific: option.isScientific)
            }
        } else {
            reportUnknownKeys(of: map, in: section, entry: nil, at: path, schema)
        }
        for inner in section.sections {
            fields.add(inner.key, resolve(inner, map[inner.key], at: "\(path).\(inner.key)", in: schema))
        }
        return fields.resolved
    }

    /// Whether another key of the map stands in for an option, which then has no value, not even its default.
    private mutating func isReplaced(
        _ option: Option, by options: [Option], in map: SettingMap, at path: String
    ) -> Bool {
        let others = options.filter { $0.replaces == option.key && (map[$0.key] ?? .null) != .null }
        guard let other = others.first else { return false }
        if let given = map[option.key], given != .null {
            report(
                "\(path).\(other.key)",
                "stands in for \(path).\(option.key), which is given too; take out one of them")
        }
        return true
    }

    /// The value of an option in its canonical form, or its default.
    mutating func resolve(_ option: Option, _ raw: Setting?, at path: String) -> Setting? {
        guard let raw, raw != .null else {
            switch option.standard {
            case nil: report(path, "is missing; give \(option.requirement) (\(option.summary))")
            case .null?: break
            case let standard?:
                // A default is what the catalog says, in the form that a file's value would have.
                if case .accepted(let value) = option.check(standard) { return value }
                return standard
            }
            return nil
        }
        switch option.check(raw) {
        case .accepted(let value): return value
        case .refused(let message): report(path, message)
        }
        return nil
    }
}

extension Resolver {
    /// What collects under one map.
    private struct Fields {
        var scientific = SettingMap()
        var environment = SettingMap()

        mutating func add(_ key: String, _ value: Setting?, isScientific: Bool) {
            if isScientific { scientific[key] = value } else { environment[key] = value }
        }

        mutating func add(_ key: String, _ resolved: Resolved) {
            scientific[key] = resolved.scientific
            environment[key] = resolved.environment
        }

        /// A map without keys is left out: a section that is new to the schema must not rename old tasks.
        var resolved: Resolved {
            Resolved(
                scientific: scientific.entries.isEmpty ? nil : .map(scientific),
                environment: environment.entries.isEmpty ? nil : .map(environment))
        }
    }

    private mutating func resolve(
        members map: SettingMap, of entries: [CatalogEntry], at path: String, into fields: inout Fields
    ) {
        for member in map.entries {
            let place = "\(path).\(member.key)"
            guard let entry = lookUp(member.key, in: entries, at: place) else { continue }
            guard let given = self.map(member.setting, at: place) else { continue }
            for key in given.keys where !entry.options.contains(where: { $0.key == key }) {
                report(
                    "\(place).\(key)",
                    "unknown key" + Spelling.hint(for: key, among: entry.options.map(\.key), called: "key"))
            }
            var inner = Fields()
            for option in entry.options {
                let value = resolve(option, given[option.key], at: "\(place).\(option.key)")
                inner.add(option.key, value, isScientific: option.isScientific)
            }
            // Present even without options: the name alone asks for the measurement.
            fields.scientific[member.key] = .map(inner.scientific)
            fields.environment[member.key] = inner.resolved.environment
        }
    }

    /// The chosen entry; not understood where the chooser itself is wrong, so that nothing can be said of its options.
    private mutating func choose(
        in section: Schema.Section, _ map: SettingMap, at path: String
    ) -> (entry: CatalogEntry?, isUnderstood: Bool) {
        guard case .chooser(let key, let entries, let standard) = section.choice else { return (nil, true) }
        let place = "\(path).\(key)"
        let known = entries.filter(\.isBuilt).map(\.name).joined(separator: ", ")
        guard let given = map[key] ?? standard.map(Setting.text), given != .null else {
            report(place, "is missing; available: \(known)")
            return (nil, false)
        }
        guard let name = given.asText else {
            report(place, "must be one of \(known); is \(given.excerpt)")
            return (nil, false)
        }
        let entry = lookUp(name, in: entries, at: place)
        return (entry, entry != nil)
    }

    private mutating func lookUp(_ name: String, in entries: [CatalogEntry], at path: String) -> CatalogEntry?
    {
        let built = entries.filter(\.isBuilt).map(\.name)
        let available = "available: \(built.joined(separator: ", "))"
        guard let entry = entries.first(where: { $0.name == name }) else {
            let hint = Spelling.nearest(to: name, among: built).map { "nearest known value '\($0)'; " } ?? ""
            report(path, "'\(name)' is not known; \(hint)\(available)")
            return nil
        }
        guard entry.isBuilt else {
            report(path, "'\(name)' is planned but not built yet; \(available)")
            return nil
        }
        return entry
    }
}

extension Resolver {
    /// The map that a section's setting stands for; `nil` where it stands for none.
    static func expanded(_ raw: Setting, of section: Schema.Section) -> SettingMap? {
        var resolver = Resolver()
        let map = resolver.expanded(raw, of: section, at: section.key)
        return resolver.problems.isEmpty ? map : nil
    }

    /// The same, and a report of what is wrong.
    mutating func expanded(_ raw: Setting, of section: Schema.Section, at path: String) -> SettingMap? {
        if case .anyOf = section.choice, let members = raw.asList { return expanded(members, at: path) }
        if case .text(let text) = raw, let key = section.shorthandKey { return [key: .text(text)] }
        return map(raw, at: path)
    }

    /// `[a, {b: {points: 4}}]` as `{a: {}, b: {points: 4}}`.
    private mutating func expanded(_ members: [Setting], at path: String) -> SettingMap? {
        var map = SettingMap()
        for (index, member) in members.enumerated() {
            let place = "\(path)[\(index)]"
            let entry: SettingMap.Entry
            switch member {
            case .text(let name): entry = SettingMap.Entry(key: name, setting: .map(SettingMap()))
            case .map(let single) where single.entries.count == 1: entry = single.entries[0]
            default:
                report(place, "must be a name or {name: {options}}; is \(member.excerpt)")
                continue
            }
            if map[entry.key] != nil { report(place, "'\(entry.key)' is listed twice") }
            map[entry.key] = entry.setting == .null ? .map(SettingMap()) : entry.setting
        }
        return map
    }

    mutating func map(_ raw: Setting, at path: String) -> SettingMap? {
        switch raw {
        case .map(let map): return map
        case .null: return SettingMap()
        default:
            report(path, "must be a map of keys; is \(raw.excerpt)")
            return nil
        }
    }

    private mutating func reportUnknownKeys(
        of map: SettingMap, in section: Schema.Section, entry: CatalogEntry?, at path: String,
        _ schema: Schema
    ) {
        let chooser = section.shorthandKey.map { [$0] } ?? []
        // As long as nothing is chosen, every entry's options may be meant.
        let options =
            entry.map { section.options(with: $0) } ?? section.options + section.entries.flatMap(\.options)
        let known = chooser + options.map(\.key) + section.sections.map(\.key)
        for key in map.keys where !known.contains(key) {
            let takers = section.entries.filter { $0.options.contains { $0.key == key } }.map(\.name)
            if let entry, !takers.isEmpty {
                report(
                    "\(path).\(key)",
                    "unknown key for '\(entry.name)'; it belongs to \(takers.joined(separator: ", "))")
            } else {
                reportUnknown(key, at: path, known: known, elsewhere: schema)
            }
        }
    }

    /// Names the nearest key beside it, or else the place where such a key is known.
    mutating func reportUnknown(_ key: String, at path: String, known: [String], elsewhere schema: Schema) {
        let place = path.isEmpty ? key : "\(path).\(key)"
        if let nearest = Spelling.nearest(to: key, among: known) {
            return report(place, "unknown key; nearest known key '\(nearest)'")
        }
        let suffix = ".\(key)"
        if let path = schema.paths.first(where: { $0.hasSuffix(suffix) || $0 == key }) {
            return report(place, "unknown key here; nearest known key '\(path)'")
        }
        report(place, "unknown key; known: \(known.joined(separator: ", "))")
    }
}

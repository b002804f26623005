extension Grid {
    /// The same sweep with all defaults written down and every value in its one form: what a run directory keeps, so
    /// that a later program with other defaults still means the same tasks.
    ///
    /// Options of an entry that the grid itself chooses (an axis over `optimizer.name`) differ from cell to cell and
    /// cannot be written once; they stay as they were.
    public var frozen: SweepSpec {
        var frozen = spec
        let varying = axes.map(\.path) + spec.include.flatMap(\.keys)
        var base = schema.writingOutShorthands(spec.base).asMap ?? SettingMap()
        for part in schema.parts { base[part.key] = part.frozen(base[part.key], varying: varying) }
        frozen.base = .map(base)
        frozen.axes = axes.enumerated().map { index, axis in
            Axis(axis.path, frozenValues(of: axis, index: index))
        }
        return frozen
    }

    /// The values of an axis as configurations write them.
    private func frozenValues(of axis: Axis, index: Int) -> [Setting] {
        for part in parts {
            guard let place = part.axes.firstIndex(where: { $0.index == index }) else { continue }
            let digit = part.axes[place]
            var values = axis.values
            for (combination, resolved) in part.resolved.enumerated() {
                guard let resolved else { continue }
                values[combination / digit.combinationStride % digit.count] = resolved.axisValues[place]
            }
            return values
        }
        return axis.values
    }
}

extension Schema.Part {
    fileprivate func frozen(_ raw: Setting?, varying: [String]) -> Setting? {
        switch self {
        case .option(let option): option.frozen(raw)
        case .section(let section): section.frozen(raw, at: section.key, varying: varying)
        }
    }
}

extension Option {
    /// The value in its one form, or the default; `nil` where neither is there.
    fileprivate func frozen(_ raw: Setting?) -> Setting? {
        let given = raw.flatMap { $0 == .null ? nil : $0 }
        guard let value = given ?? standard, value != .null else { return nil }
        if case .accepted(let canonical) = check(value) { return canonical }
        return value
    }
}

extension Schema.Section {
    fileprivate func frozen(_ raw: Setting?, at path: String, varying: [String]) -> Setting? {
        let isReplaced = varying.contains { $0 == path || path.hasPrefix($0 + ".") }
        guard !isReplaced, var map = Resolver.expanded(raw ?? .null, of: self) else { return raw }
        if case .anyOf = choice {
            for entry in entries {
                guard let given = map[entry.name] else { continue }
                map[entry.name] = .map(frozen(given.asMap ?? SettingMap(), entry.options, varying: []))
            }
            return map.entries.isEmpty ? raw : .map(map)
        }
        let contested = entries.flatMap { $0.options.map(\.key) }
        var known = options.filter { !contested.contains($0.key) }
        if case .chooser(let key, _, let standard) = choice {
            let isVarying = varying.contains("\(path).\(key)")
            if !isVarying, let name = map[key]?.asText ?? standard {
                map[key] = .text(name)
                known = options(with: entries.first { $0.name == name })
            }
        }
        let prefix = "\(path)."
        map = frozen(
            map, known, varying: varying.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) })
        for section in sections {
            map[section.key] = section.frozen(
                map[section.key], at: "\(path).\(section.key)", varying: varying)
        }
        return map.entries.isEmpty ? raw : .map(map)
    }

    /// Fills in every default but those of options that others stand in for, here or in the grid.
    private func frozen(_ map: SettingMap, _ options: [Option], varying: [Substring]) -> SettingMap {
        var result = map
        for option in options {
            let isReplaced = options.contains { other in
                other.replaces == option.key
                    && ((map[other.key] ?? .null) != .null || varying.contains { $0 == other.key })
            }
            let given = map[option.key] == .null ? nil : map[option.key]
            result[option.key] = isReplaced && given == nil ? nil : option.frozen(given)
        }
        return result
    }
}

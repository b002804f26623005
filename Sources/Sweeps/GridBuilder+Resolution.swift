extension GridBuilder {
    mutating func resolveCells() {
        for position in 0..<cells.count {
            let cell = cells[position]
            for index in parts.indices {
                let combination = parts[index].combination(of: cell)
                if parts[index].resolved[combination] == nil { resolve(index, combination) }
            }
        }
        reportFound()
    }

    /// What can be judged where some axis is wrong: the parts that only others touch, whatever is excluded.
    mutating func resolveSoundParts() {
        let unsound = Set(problems.map(\.path))
        for index in parts.indices {
            let axes = parts[index].axes.map { spec.axes[$0.index] }
            guard axes.allSatisfy({ !$0.values.isEmpty && !unsound.contains($0.path) }) else { continue }
            for combination in parts[index].resolved.indices.prefix(10_000) { resolve(index, combination) }
        }
        reportFound()
    }

    private mutating func reportFound() {
        problems += found.problems { index in parts[index].resolved.count { $0 != nil } }
    }

    private mutating func resolve(_ index: Int, _ combination: Int) {
        // Not the whole part: holding on to its table would copy that table for every entry.
        let (part, digits, key) = (parts[index].part, parts[index].axes, parts[index].key)
        var raw = Setting.map([:])
        raw[key] = base[key]
        var values: [(axis: Axis, value: Setting)] = []
        for digit in digits {
            let axis = spec.axes[digit.index]
            let value = axis.values[combination / digit.combinationStride % digit.count]
            raw[axis.path] = value
            values.append((axis, value))
        }
        var resolver = Resolver()
        let resolved = resolver.resolve(part, raw[key], in: schema)
        let place = values.map { "\($0.axis.path)=\($0.value.excerpt)" }.joined(separator: ", ")
        for problem in resolver.problems {
            let isOfAxis = values.contains { Axis.overlap($0.axis.path, problem.path) }
            found.note(problem, in: index, with: isOfAxis ? nil : place)
        }
        var configuration = Setting.map([:])
        configuration[key] = resolved.scientific
        var environment = Setting.map([:])
        environment[key] = resolved.environment
        let axisValues = values.map { axis, value in
            let standing = configuration[axis.path]
            if standing == nil, environment[axis.path] != nil {
                report(axis.path, "cannot be a grid axis: it cannot change a result")
            }
            return GridBuilder.axisValue(standing, writtenAs: value)
        }
        let text = resolved.scientific.map { "\"\(key)\":\($0.canonicalText)" } ?? ""
        let identity = identities[index][text] ?? identities[index].count
        identities[index][text] = identity
        parts[index].resolved[combination] = GridPart.Resolved(
            scientific: resolved.scientific, environment: resolved.environment, text: text,
            identity: identity,
            axisValues: axisValues)
    }

    /// The resolved value; a map stays as it was written, without the defaults that it stands for.
    private static func axisValue(_ resolved: Setting?, writtenAs raw: Setting) -> Setting {
        guard let resolved else { return raw }
        return resolved.asMap == nil || raw.asMap?.keys == resolved.asMap?.keys ? resolved : raw
    }

    mutating func resolveIncluded() {
        for (number, inclusion) in spec.include.enumerated() {
            let place = "include[\(number)]"
            var raw = base
            for entry in inclusion.entries { raw[entry.key] = entry.setting }
            do {
                let resolved = try schema.resolve(raw)
                let task = TrainingTask(
                    configuration: resolved.configuration, environment: resolved.environment,
                    axisValues: spec.axes.map { axis in
                        let value = resolved.configuration[axis.path]
                        return value.map { GridBuilder.axisValue($0, writtenAs: inclusion[axis.path] ?? $0) }
                            ?? .null
                    })
                included.append((task, identities(of: task)))
            } catch {
                for problem in error.problems {
                    let owner = inclusion.keys.first { Axis.overlap($0, problem.path) }
                    report(
                        owner.map { "\(place).\($0)" } ?? place,
                        owner == problem.path ? problem.message : problem.description)
                }
            }
        }
    }

    private func identities(of task: TrainingTask) -> [Int?] {
        parts.indices.map { index in
            let setting = task.configuration[parts[index].key]
            let text = setting.map { "\"\(parts[index].key)\":\($0.canonicalText)" } ?? ""
            return identities[index][text]
        }
    }
}

/// Problems of many cells, each told once.
struct CellProblems {
    private var order: [SettingProblem] = []
    private var cells: [SettingProblem: (part: Int, count: Int, place: String?)] = [:]

    mutating func note(_ problem: SettingProblem, in part: Int, with place: String?) {
        if cells[problem] == nil { order.append(problem) }
        cells[problem, default: (part, 0, place)].count += 1
    }

    /// All problems, with the first cell that has each where other cells do not have it.
    func problems(combinations: (_ part: Int) -> Int) -> [SettingProblem] {
        order.map { problem in
            guard let (part, count, place) = cells[problem], let place, count < combinations(part) else {
                return problem
            }
            return SettingProblem(problem.path, "\(problem.message) (with \(place))")
        }
    }
}

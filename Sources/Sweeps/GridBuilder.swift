/// Finds the cells of a sweep that stand, and everything that is wrong with any of them.
struct GridBuilder {
    var problems: [SettingProblem] = []
    var parts: [GridPart] = []
    var cells = Grid.Cells.all(0)
    var included: [(task: TrainingTask, identities: [Int?])] = []

    var found = CellProblems()
    let spec: SweepSpec
    let schema: Schema
    let base: Setting
    /// By part: what distinct texts there are, and the number of each.
    var identities: [[String: Int]]

    init(_ spec: SweepSpec, schema: Schema) {
        self.spec = spec
        self.schema = schema
        base = schema.writingOutShorthands(spec.base)
        identities = Array(repeating: [:], count: schema.parts.count)
    }

    mutating func build() {
        var resolver = Resolver()
        for key in base.asMap?.keys ?? [] where !schema.parts.contains(where: { $0.key == key }) {
            resolver.reportUnknown(
                key, at: "", known: Schema.sweepKeys + schema.parts.map(\.key), elsewhere: schema)
        }
        problems += resolver.problems
        let areAxesSound = checkAxes()
        guard let count = cellCount() else { return }
        layOutParts()
        standingCells(of: count)
        if areAxesSound { resolveCells() } else { resolveSoundParts() }
        resolveIncluded()
        if problems.isEmpty { checkDuplicates() }
    }

    mutating func report(_ path: String, _ message: String) {
        problems.append(SettingProblem(path, message))
    }

    // MARK: Axes

    private mutating func checkAxes() -> Bool {
        let before = problems.count
        let keys = schema.parts.map(\.key)
        for (index, axis) in spec.axes.enumerated() {
            let root = String(axis.path.prefix { $0 != "." })
            if axis.values.isEmpty { report(axis.path, "needs at least one value") }
            if ["training.epochs", "training.steps"].contains(axis.path) {
                // Time is an axis of the results: one training yields it all.
                let unit = axis.path.split(separator: ".")[1]
                report(
                    axis.path, "cannot be a grid axis: one run measures all its \(unit); set the largest once"
                )
            } else if Schema.sweepKeys.contains(root) {
                report(axis.path, "cannot be a grid axis: it describes the sweep and no task")
            } else if !keys.contains(root) {
                let hint = Spelling.hint(for: axis.path, among: schema.paths, called: "key")
                report(axis.path, "unknown key" + (hint.utf8.count > 80 ? "" : hint))
            }
            for earlier in spec.axes[..<index] where Axis.overlap(earlier.path, axis.path) {
                report(axis.path, "overlaps the axis '\(earlier.path)'; a key can vary only once")
            }
        }
        return problems.count == before
    }

    /// The size of the product; `nil` where it is beyond all measure.
    private mutating func cellCount() -> Int? {
        var count = 1
        for axis in spec.axes {
            let (product, overflow) = count.multipliedReportingOverflow(by: axis.values.count)
            if overflow || product > Grid.countMax {
                let sizes = spec.axes.map { String($0.values.count) }.joined(separator: " × ")
                report("grid", "\(sizes) cells are more than \(Grid.countMax); split the sweep")
                return nil
            }
            count = product
        }
        return count
    }

    private mutating func layOutParts() {
        var strides = [Int](repeating: 1, count: spec.axes.count)
        for index in spec.axes.indices.dropLast().reversed() {
            strides[index] = strides[index + 1] * spec.axes[index + 1].values.count
        }
        // In the order of canonical text, which sorts keys.
        let sorted = schema.parts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        parts = sorted.map { part in
            var combinations = 1
            var digits: [GridPart.Digit] = []
            for (index, axis) in spec.axes.enumerated().reversed() where Axis.overlap(axis.path, part.key) {
                digits.append(
                    GridPart.Digit(
                        index: index, count: axis.values.count, stride: strides[index],
                        combinationStride: combinations))
                combinations *= axis.values.count
            }
            return GridPart(
                part: part, axes: digits.reversed(), resolved: Array(repeating: nil, count: combinations))
        }
    }

    // MARK: Exclusion

    private mutating func standingCells(of count: Int) {
        cells = .all(count)
        guard !spec.exclude.isEmpty else { return }
        var masks: [[(axis: Int, isHit: [Bool])]] = []
        for (index, exclusion) in spec.exclude.enumerated() {
            var mask: [(axis: Int, isHit: [Bool])] = []
            for entry in exclusion.entries {
                if let hit = matches(entry, at: "exclude[\(index)].\(entry.key)") { mask.append(hit) }
            }
            if mask.count == exclusion.entries.count, !mask.isEmpty { masks.append(mask) }
            if exclusion.entries.isEmpty {
                report("exclude[\(index)]", "names no axis, and would exclude every cell")
            }
        }
        let counts = spec.axes.map(\.values.count)
        var strides = [Int](repeating: 1, count: counts.count)
        for index in counts.indices.dropLast().reversed() {
            strides[index] = strides[index + 1] * counts[index + 1]
        }
        let standing = (0..<count).filter { cell in
            !masks.contains { mask in mask.allSatisfy { $0.isHit[cell / strides[$0.axis] % counts[$0.axis]] }
            }
        }
        cells = .some(standing)
        if standing.isEmpty, count > 0, spec.include.isEmpty {
            report("exclude", "leaves no cell of the grid")
        }
    }

    private mutating func matches(_ entry: SettingMap.Entry, at path: String) -> (axis: Int, isHit: [Bool])? {
        guard let index = spec.axes.firstIndex(where: { $0.path == entry.key }) else {
            let hint = Spelling.hint(for: entry.key, among: spec.axes.map(\.path), called: "axis")
            report(path, "is no axis of the grid\(hint)")
            return nil
        }
        let values = entry.setting.asList ?? [entry.setting]
        let isHit = spec.axes[index].values.map { value in values.contains { value.means($0) } }
        if !isHit.isEmpty, !isHit.contains(true) {
            report(path, "no value of this axis is \(values.map(\.excerpt).joined(separator: " or "))")
            return nil
        }
        return (index, isHit)
    }
}

// MARK: - Duplicates

extension GridBuilder {
    /// Equal settings are equal tasks; whoever asks for one twice has made a mistake.
    private mutating func checkDuplicates() {
        let areDistinct = parts.indices.allSatisfy { index in
            identities[index].count == parts[index].resolved.reduce(0) { $0 + ($1 == nil ? 0 : 1) }
        }
        if areDistinct, included.isEmpty { return }
        var first: [[Int]: Int] = [:]
        first.reserveCapacity(cells.count)
        for position in 0..<cells.count {
            let identity = parts.map { part in
                part.resolved[part.combination(of: cells[position])]?.identity ?? -1
            }
            if let earlier = first.updateValue(position, forKey: identity) {
                let (one, other) = (describe(cells[earlier]), describe(cells[position]))
                report("grid", "the cells \(one) and \(other) are the same task")
                return
            }
        }
        var ids: [TaskID: Int] = [:]
        for (number, (task, identities)) in included.enumerated() {
            let known = identities.compactMap { $0 }
            if known.count == identities.count, let position = first[known] {
                let cell = describe(cells[position])
                report("include[\(number)]", "is the same task as the cell \(cell) of the grid")
            }
            if let earlier = ids.updateValue(number, forKey: task.id) {
                report("include[\(number)]", "is the same task as include[\(earlier)]")
            }
        }
    }

    private func describe(_ cell: Int) -> String {
        var remainder = cell
        let values = spec.axes.reversed().map { axis in
            defer { remainder /= axis.values.count }
            return "\(axis.path)=\(axis.values[remainder % axis.values.count].excerpt)"
        }
        return "(\(values.reversed().joined(separator: ", ")))"
    }
}

extension Setting {
    /// Whether both are the same value, whether numbers were written as integers or not.
    func means(_ other: Setting) -> Bool {
        if let a = asNumber, let b = other.asNumber { return a == b }
        return self == other
    }
}

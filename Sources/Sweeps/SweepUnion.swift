/// One sweep that has the tasks of two.
public enum SweepUnion {
    /// A sweep whose tasks are those of both, and no others.
    ///
    /// Tried in this order: one that has the other's tasks already; the product of both sweeps' values on every axis;
    /// the first sweep with what it lacks of the second as `include`. Which one is right is not argued but looked up:
    /// the ids of the tasks decide.
    ///
    /// - Returns: `nil` where the sweeps have too little in common to be one.
    public static func of(_ first: Grid, _ second: Grid, schema: Schema) -> Grid? {
        let (own, others) = (Set(first.ids), Set(second.ids))
        if others.isSubset(of: own) { return first }
        if own.isSubset(of: others) { return second }
        let wanted = own.union(others)
        for spec in [product(first.frozen, second.frozen), extended(first, by: second, without: own)] {
            guard let spec, let grid = try? Grid(spec, schema: schema), grid.count == wanted.count,
                grid.ids.allSatisfy(wanted.contains)
            else { continue }
            return grid
        }
        return nil
    }

    /// The first sweep over the values of both; `nil` where they have other axes.
    private static func product(_ first: SweepSpec, _ second: SweepSpec) -> SweepSpec? {
        guard Set(first.axes.map(\.path)) == Set(second.axes.map(\.path)) else { return nil }
        var spec = first
        spec.exclude = []
        spec.include = []
        spec.axes = first.axes.map { axis in
            let more = second.axes.first { $0.path == axis.path }?.values ?? []
            let values = axis.values + more.filter { value in !axis.values.contains { $0.means(value) } }
            return Axis(axis.path, sorted(values))
        }
        return spec
    }

    /// In rising order where all are numbers, else as they came.
    private static func sorted(_ values: [Setting]) -> [Setting] {
        let numbers = values.compactMap(\.asNumber)
        guard numbers.count == values.count else { return values }
        return zip(numbers, values).sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The first sweep with the tasks of the second that it lacks, one by one.
    private static func extended(_ first: Grid, by second: Grid, without own: Set<TaskID>) -> SweepSpec? {
        var spec = first.frozen
        let base = second.frozen.base.asMap ?? SettingMap()
        // What is the same in both need not be said for every task.
        let differing = base.entries.filter { $0.setting != spec.base[$0.key] }
        for task in second where !own.contains(task.id) {
            var inclusion = SettingMap()
            for entry in differing { inclusion[entry.key] = entry.setting }
            for (axis, value) in zip(second.axes, task.axisValues) where value != .null {
                inclusion[axis.path] = value
            }
            spec.include.append(inclusion)
        }
        return spec
    }
}

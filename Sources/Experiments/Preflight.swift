public import Datasets
internal import Probes
public import Sweeps

/// What can be found out about a sweep before anything runs: that its data are there and that every task can run.
public enum Preflight {
    /// Opens every data set that the grid names, once each.
    ///
    /// - Throws: ``Datasets/DatasetError``: files that are missing or damaged, or label noise that the drawn samples
    ///   cannot have.
    public static func checkData(of grid: Grid) throws(DatasetError) {
        var checked: Set<[Setting?]> = []
        // By cell: whether its seeds must be looked at one by one.
        var seedsMatter: [Int: Bool] = [:]
        for place in grid.indices {
            let cell = grid.cellWithoutSeed(place)
            if let cell, seedsMatter[cell] == false { continue }
            let task = grid[place]
            let dependsOnDraw = noiseDependsOnDraw(task)
            if let cell { seedsMatter[cell] = dependsOnDraw }
            var key = [task.configuration["dataset.name"], task.environment["dataset.path"]]
            if dependsOnDraw {
                key += [task.configuration["dataset"], task.configuration["seed"]]
            }
            if checked.insert(key).inserted { try checkData(of: task) }
        }
    }

    /// Opens the data set of one task.
    ///
    /// - Throws: As the check of a whole grid does.
    public static func checkData(of task: TrainingTask) throws(DatasetError) {
        let section = task.configuration["dataset"] ?? .null
        if noiseDependsOnDraw(task), let seed = task.configuration["seed"]?.asWholeNumber {
            _ = try Datasets.Catalog.load(
                section, environment: task.environment, seed: UInt64(bitPattern: Int64(seed)))
        } else {
            try Datasets.Catalog.checkFiles(of: section["name"]?.asText ?? "", environment: task.environment)
        }
    }

    /// Whether only the drawn samples tell if the labels can be made as wrong as the task asks.
    private static func noiseDependsOnDraw(_ task: TrainingTask) -> Bool {
        task.configuration["dataset.noise.kind"]?.asText == "asymmetric-classes"
    }

    /// The cost of every task, in grid order; computed once for all seeds of a cell.
    ///
    /// - Throws: ``TaskError`` of class `invalidConfiguration` for a task that could never run, naming the key, and for
    ///   a probe that would have nothing to say about any task.
    public static func costs(of grid: Grid) throws(TaskError) -> [TaskCost] {
        var known: [Int: TaskCost] = [:]
        var costs: [TaskCost] = []
        costs.reserveCapacity(grid.count)
        for place in grid.indices {
            let cell = grid.cellWithoutSeed(place)
            if let cell, let cost = known[cell] {
                costs.append(cost)
                continue
            }
            let cost = try TaskCost.predict(grid[place].configuration)
            if let cell { known[cell] = cost }
            costs.append(cost)
        }
        if let gap = gaps(in: costs).first(where: { $0.gap.isRefusedEverywhere && $0.tasks == costs.count }) {
            throw .invalid("measure.probes.\(gap.probe): in every task \(gap.gap.reason)")
        }
        return costs
    }

    /// What the probes of a sweep leave empty, a sentence for each, with the number of tasks.
    public static func notes(on costs: [TaskCost]) -> [String] {
        gaps(in: costs).map { probe, gap, tasks in
            let place = tasks == costs.count ? "" : "in \(tasks) of \(costs.count) tasks "
            return "\(probe): \(place)\(gap.reason)"
        }
    }

    /// Every gap once with the number of tasks that have it, in the order in which they are met.
    private static func gaps(in costs: [TaskCost]) -> [(probe: String, gap: ProbeGap, tasks: Int)] {
        var found: [(probe: String, gap: ProbeGap, tasks: Int)] = []
        for cost in costs {
            for probe in cost.probes {
                for gap in probe.gaps {
                    if let place = found.firstIndex(where: { $0.probe == probe.name && $0.gap == gap }) {
                        found[place].tasks += 1
                    } else {
                        found.append((probe.name, gap, 1))
                    }
                }
            }
        }
        return found
    }
}

public import Datasets
public import Sweeps

/// What can be found out about a sweep before anything runs: that its data are there and that every task can run.
public enum Preflight {
    /// Opens every data set that the grid names, once each.
    ///
    /// - Throws: ``Datasets/DatasetError``: files that are missing or damaged.
    public static func checkData(of grid: Grid) throws(DatasetError) {
        var checked: Set<[Setting?]> = []
        for place in placesOfCells(grid) {
            let task = grid[place]
            let key = [task.configuration["dataset.name"], task.environment["dataset.path"]]
            if checked.insert(key).inserted { try checkData(of: task) }
        }
    }

    /// Opens the data set of one task.
    ///
    /// - Throws: ``Datasets/DatasetError``: files that are missing or damaged.
    public static func checkData(of task: TrainingTask) throws(DatasetError) {
        let name = task.configuration["dataset.name"]?.asText ?? ""
        try Datasets.Catalog.checkFiles(of: name, environment: task.environment)
    }

    /// The cost of every task, in grid order; computed once for all seeds of a cell.
    ///
    /// - Throws: ``TaskError`` of class `invalidConfiguration` for a task that could never run, naming the key.
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
        return costs
    }

    /// One task of every cell, and all included ones: seeds change nothing that could be missing.
    private static func placesOfCells(_ grid: Grid) -> [Int] {
        var seen: Set<Int> = []
        return grid.indices.filter { place in
            grid.cellWithoutSeed(place).map { seen.insert($0).inserted } ?? true
        }
    }
}

internal import Sweeps

/// The tasks of a sweep gathered by the values of some of its axes, in the order of those values.
struct Cells {
    /// Tasks that differ only in axes that were left out, such as the seed.
    struct Cell {
        let axisValues: [Setting]
        var results: [TaskResult] = []
        /// Tasks of the cell, with a result or without.
        var taskCount = 0

        /// Measured epochs of any result, ascending.
        var epochs: [Int] { Set(results.flatMap { $0.measurements.map(\.epoch) }).sorted() }

        /// The values of a metric at an epoch, one a result that has it, in the order of the tasks.
        func values(of metric: String, at epoch: Int) -> [Double] {
            results.compactMap { result in
                guard let place = result.columns.firstIndex(of: metric),
                    let measurement = result.measurements.first(where: { $0.epoch == epoch })
                else { return nil }
                return measurement.scalars[place]
            }
        }
    }

    let cells: [Cell]

    /// - Parameters:
    ///   - results: What was measured.
    ///   - axes: Indices of the axes that tell cells apart.
    init(_ results: SweepResults, axes: [Int]) {
        var places: [[Setting]: Int] = [:]
        var cells: [Cell] = []
        // Tasks are sorted, so results enter every cell in the same order whoever computed them first.
        for task in results.tasks {
            let values = axes.map { task.axisValues[$0] }
            let place = places[values] ?? cells.count
            if place == cells.count {
                places[values] = place
                cells.append(Cell(axisValues: values))
            }
            cells[place].taskCount += 1
            if let result = task.result { cells[place].results.append(result) }
        }
        self.cells = cells.sorted { a, b in
            for (one, other) in zip(a.axisValues, b.axisValues) where one != other {
                return Setting.precedes(one, other)
            }
            return false
        }
    }
}

/// Mean and spread of some numbers.
struct Moments: Hashable {
    let mean: Double
    /// With n − 1 in the denominator; `nil` for a single number.
    let standardDeviation: Double?
    let count: Int

    /// `nil` for no numbers at all.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        count = values.count
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
    }
}

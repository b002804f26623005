internal import Sweeps

/// The results pivoted: tasks gathered into cells, and each metric as a statistic a cell and epoch.
struct ResultTable {
    let results: SweepResults
    /// The axes that tell cells apart: all but the seed's.
    let axes: [TableAxis]
    /// Every epoch that any task measured, ascending; 2.5 in the middle of the third.
    let epochs: [Double]
    /// In the order of their axis values.
    let cells: [Cell]
    private let indexOfCell: [[Int]: Int]

    /// An axis with the values that occur.
    struct TableAxis {
        let axis: Axis
        /// Its index among the axes of the sweep.
        let sourceIndex: Int
        /// Distinct and in order.
        let values: [Setting]
    }

    /// All tasks that differ in their seed only.
    struct Cell {
        /// Index of the value on each of the table's axes.
        let coordinates: [Int]
        /// In order of their seeds, so that sums do not depend on who computed what first.
        var tasks: [ReportedTask]
    }

    /// - Parameters:
    ///   - results: What to pivot.
    ///   - keepsSeeds: Whether seeds are an axis like any other, instead of what means are taken over.
    init(_ results: SweepResults, keepsSeeds: Bool = false) {
        self.results = results
        let axes = results.axes.indices.filter { keepsSeeds || $0 != results.seedAxisIndex }.map { index in
            TableAxis(
                axis: results.axes[index], sourceIndex: index,
                values: results.tasks.map { $0.axisValues[index] }.distinctSorted())
        }
        self.axes = axes
        epochs = Set(results.tasks.flatMap { $0.result?.measurements.map(\.passes) ?? [] }).sorted()
        var cells: [Cell] = []
        var places: [[Int]: Int] = [:]
        for task in results.tasks {
            let coordinates = axes.map { $0.index(of: task.axisValues[$0.sourceIndex]) }
            if let place = places[coordinates] {
                cells[place].tasks.append(task)
            } else {
                places[coordinates] = cells.count
                cells.append(Cell(coordinates: coordinates, tasks: [task]))
            }
        }
        cells.sort { $0.coordinates.lexicographicallyPrecedes($1.coordinates) }
        self.cells = cells
        indexOfCell = Dictionary(zip(cells.map(\.coordinates), cells.indices)) { first, _ in first }
    }

    /// The cell at a place; `nil` where the grid has none.
    func cellIndex(at coordinates: [Int]) -> Int? { indexOfCell[coordinates] }

    /// Index of the axis with a path.
    func axisIndex(of path: String) -> Int? { axes.firstIndex { $0.axis.path == path } }

    /// Seeds of the cell that has most of them.
    var seedCount: Int { cells.map(\.tasks.count).max() ?? 0 }

    /// One statistic a cell and epoch: [cells × epochs]; `nil` where nothing was measured.
    func statistics(of metric: String) -> [[Statistic?]] {
        cells.map { cell in
            var values = [[Double]](repeating: [], count: epochs.count)
            for task in cell.tasks {
                guard let result = task.result, let column = result.columns.firstIndex(of: metric) else {
                    continue
                }
                for measurement in result.measurements {
                    guard let value = measurement.scalars[column] else { continue }
                    values[epochs.insertionIndex(of: measurement.passes)].append(value)
                }
            }
            return values.map { Statistic($0) }
        }
    }
}

extension ResultTable.TableAxis {
    /// The place of a value among the axis's values.
    func index(of value: Setting) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if values[middle].order(to: value) == .before { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A value with the axis's title: `label noise 0.2`.
    func label(of index: Int) -> String { "\(AxisTitle.text(axis.path)) \(values[index].labelText)" }
}

extension [Double] {
    /// Index of the first element that is not less; the array is ascending.
    func insertionIndex(of value: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

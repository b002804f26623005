internal import Sweeps

/// The values of a few metrics of `layers.csv`, gathered over the seeds of every cell.
struct LayerTable {
    let table: ResultTable
    /// Ascending; of the chosen metrics.
    let epochs: [Double]
    let layers: [Int]
    let indices: [Int]
    private let values: [Key: [Double]]

    /// One value of a cell, up to the seed.
    struct Key: Hashable {
        let cell: Int
        let metric: String
        let epoch: Double
        let layer: Int
        let index: Int
    }

    /// - Parameters:
    ///   - table: The results.
    ///   - metrics: What to gather.
    ///   - layer: The only layer to gather; `nil` for all.
    ///   - isSingle: Whether only the first seed of a cell counts, for what is no mean: single samples.
    init(_ table: ResultTable, metrics: Set<String>, layer: Int?, isSingle: Bool) {
        self.table = table
        var values: [Key: [Double]] = [:]
        for (cell, contents) in table.cells.enumerated() {
            for task in isSingle ? contents.tasks.prefix(1) : contents.tasks[...] {
                for measurement in task.result?.measurements ?? [] {
                    for value in measurement.layers
                    where metrics.contains(value.metric) && (layer ?? value.layer) == value.layer {
                        let key = Key(
                            cell: cell, metric: value.metric, epoch: measurement.passes, layer: value.layer,
                            index: value.index)
                        values[key, default: []].append(value.value)
                    }
                }
            }
        }
        self.values = values
        epochs = Set(values.keys.map(\.epoch)).sorted()
        layers = Set(values.keys.map(\.layer)).sorted()
        indices = Set(values.keys.map(\.index)).sorted()
    }

    /// The mean over seeds; `nil` where there is no value.
    func statistic(_ key: Key) -> Statistic? { values[key].flatMap { Statistic($0) } }

    /// Names of all metrics that any result has per layer.
    static func metricNames(of results: SweepResults) -> [String] {
        var names: Set<String> = []
        for task in results.tasks {
            for measurement in task.result?.measurements ?? [] {
                for value in measurement.layers { names.insert(value.metric) }
            }
        }
        return names.sorted()
    }
}

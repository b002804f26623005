internal import Sweeps

/// The four CSV files of a run directory: pivots of the results, the same bytes for the same results.
///
/// Rows are sorted by axis values, numbers by value, and then by epoch.
public enum ResultTables {
    /// One row a task and measured epoch; scalar metrics, one column each.
    public static func measurements(_ results: SweepResults) -> String {
        text { writeMeasurements(results, $0) }
    }

    /// Per-layer, per-class and per-radius values: `task,epoch,metric,layer,index,value`.
    public static func layers(_ results: SweepResults) -> String { text { writeLayers(results, $0) } }

    /// Mean, sample standard deviation and count over seeds: one row a cell, epoch and metric.
    ///
    /// The deviation of a single seed is empty. A metric that no seed of a cell has keeps its row, with an
    /// empty mean and a count of 0, so that every cell has the same rows.
    public static func summary(_ results: SweepResults) -> String { text { writeSummary(results, $0) } }

    /// Who computed what: the only file that differs between two runs of a sweep.
    public static func provenance(_ results: SweepResults) -> String { text { writeProvenance(results, $0) } }

    /// Writes all four into a folder, each line by line, so that none need fit into memory as a text.
    ///
    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - folder: An existing folder.
    /// - Returns: The paths of the files.
    /// - Throws: ``FileWriter/Failure``; the file it names is as it was before.
    public static func write(_ results: SweepResults, to folder: String) throws(FileWriter.Failure)
        -> [String]
    {
        let files = ["measurements", "layers", "summary", "provenance"].map { "\(folder)/\($0).csv" }
        try FileWriter.write(to: files[0]) { file throws(FileWriter.Failure) in
            try writeMeasurements(results) { line throws(FileWriter.Failure) in try file.append(line) }
        }
        try FileWriter.write(to: files[1]) { file throws(FileWriter.Failure) in
            try writeLayers(results) { line throws(FileWriter.Failure) in try file.append(line) }
        }
        try FileWriter.write(to: files[2]) { file throws(FileWriter.Failure) in
            try writeSummary(results) { line throws(FileWriter.Failure) in try file.append(line) }
        }
        try FileWriter.write(to: files[3]) { file throws(FileWriter.Failure) in
            try writeProvenance(results) { line throws(FileWriter.Failure) in try file.append(line) }
        }
        return files
    }

    private static func text(_ write: ((String) -> Void) -> Void) -> String {
        var text = ""
        write { text += $0 }
        return text
    }
}

// MARK: - Lines

extension ResultTables {
    private static func header(_ names: [String]) -> String {
        var line = CSVLine()
        for name in names { line.append(name) }
        return line.finish()
    }

    private static func writeMeasurements<Failure: Error>(
        _ results: SweepResults, _ write: (String) throws(Failure) -> Void
    ) throws(Failure) {
        let metrics = results.metricNames
        try write(header(["task"] + results.axes.map(\.column) + ["epoch", "step"] + metrics))
        var line = CSVLine()
        for task in results.tasks {
            guard let result = task.result else { continue }
            let places = metrics.map { result.columns.firstIndex(of: $0) }
            for measurement in result.measurements {
                line.append(task.id.text)
                for value in task.axisValues { line.append(value) }
                line.append(epoch: measurement.passes)
                line.append(measurement.step)
                for place in places { line.append(place.flatMap { measurement.scalars[$0] }) }
                try write(line.finish())
            }
        }
    }

    private static func writeLayers<Failure: Error>(
        _ results: SweepResults, _ write: (String) throws(Failure) -> Void
    ) throws(Failure) {
        try write(header(["task", "epoch", "metric", "layer", "index", "value"]))
        var line = CSVLine()
        for task in results.tasks {
            for measurement in task.result?.measurements ?? [] {
                for value in measurement.layers {
                    line.append(task.id.text)
                    line.append(epoch: measurement.passes)
                    line.append(value.metric)
                    line.append(value.layer)
                    line.append(value.index)
                    line.append(value.value)
                    try write(line.finish())
                }
            }
        }
    }

    private static func writeSummary<Failure: Error>(
        _ results: SweepResults, _ write: (String) throws(Failure) -> Void
    ) throws(Failure) {
        let table = ResultTable(results)
        let metrics = results.metricNames
        try write(
            header(
                table.axes.map(\.axis.column) + ["epoch", "metric", "mean", "standard_deviation", "count"]))
        var line = CSVLine()
        for cell in table.cells {
            let measured = MeasuredCell(cell, metrics: metrics)
            for (epochIndex, epoch) in measured.epochs.enumerated() {
                for (metricIndex, metric) in metrics.enumerated() {
                    let statistic = measured.statistic(metricIndex: metricIndex, epochIndex: epochIndex)
                    for (axis, index) in zip(table.axes, cell.coordinates) { line.append(axis.values[index]) }
                    line.append(epoch: epoch)
                    line.append(metric)
                    line.append(statistic?.mean)
                    line.append(statistic?.standardDeviation)
                    line.append(statistic?.count ?? 0)
                    try write(line.finish())
                }
            }
        }
    }

    private static func writeProvenance<Failure: Error>(
        _ results: SweepResults, _ write: (String) throws(Failure) -> Void
    ) throws(Failure) {
        try write(
            header([
                "task", "attempt", "worker", "host", "blas_core", "threads", "started", "seconds", "hash",
                "instruction_set",
            ]))
        var line = CSVLine()
        for task in results.tasks {
            guard task.result != nil, let provenance = task.provenance else { continue }
            line.append(task.id.text)
            line.append(Int(provenance.attempt))
            line.append(provenance.worker)
            line.append(provenance.host)
            line.append(provenance.blasCore)
            line.append(provenance.threads)
            line.append(provenance.started)
            line.append(provenance.seconds)
            line.append(provenance.hash)
            line.append(provenance.instructionSet)
            try write(line.finish())
        }
    }
}

/// The measurements of one cell, epoch by epoch over its seeds.
private struct MeasuredCell {
    /// Every epoch that any seed measured, ascending.
    let epochs: [Double]
    /// For each epoch what its seeds measured, in order of the seeds.
    private let measurements: [[(scalars: [Double?], places: [Int?])]]

    init(_ cell: ResultTable.Cell, metrics: [String]) {
        let results = cell.tasks.compactMap(\.result)
        let epochs = Set(results.flatMap { $0.measurements.map(\.passes) }).sorted()
        var measurements = [[(scalars: [Double?], places: [Int?])]](repeating: [], count: epochs.count)
        for result in results {
            let places = metrics.map { result.columns.firstIndex(of: $0) }
            for measurement in result.measurements {
                measurements[epochs.insertionIndex(of: measurement.passes)].append(
                    (measurement.scalars, places))
            }
        }
        self.epochs = epochs
        self.measurements = measurements
    }

    func statistic(metricIndex: Int, epochIndex: Int) -> Statistic? {
        Statistic(
            measurements[epochIndex].compactMap { measured in
                measured.places[metricIndex].flatMap { measured.scalars[$0] }
            })
    }
}

internal import Sweeps

/// The four CSV files of a run directory, as texts: pivots of the results, the same bytes for the same results.
public enum ResultTables {
    /// One row a task and measured epoch; scalar metrics, one column each.
    public static func measurements(_ results: SweepResults) -> String {
        let metrics = results.metricNames
        var csv = CSVWriter()
        csv.append((["task"] + results.axes.map(\.column) + ["epoch", "step"] + metrics).map { .text($0) })
        for task in results.tasks {
            guard let result = task.result else { continue }
            let places = metrics.map { result.columns.firstIndex(of: $0) }
            for measurement in result.measurements {
                var row: [CSVWriter.Cell] = [.text(task.id.text)]
                row += task.axisValues.map { .setting($0) }
                row += [.integer(measurement.epoch), .integer(measurement.step)]
                row += places.map { place in .number(place.flatMap { measurement.scalars[$0] }) }
                csv.append(row)
            }
        }
        return csv.text
    }

    /// Per-layer, per-class and per-radius values: `task,epoch,metric,layer,index,value`.
    public static func layers(_ results: SweepResults) -> String {
        var csv = CSVWriter()
        csv.append(["task", "epoch", "metric", "layer", "index", "value"].map { .text($0) })
        for task in results.tasks {
            for measurement in task.result?.measurements ?? [] {
                for value in measurement.layers {
                    csv.append([
                        .text(task.id.text), .integer(measurement.epoch), .text(value.metric),
                        .integer(value.layer),
                        .integer(value.index), .number(value.value),
                    ])
                }
            }
        }
        return csv.text
    }

    /// Mean, sample standard deviation and count over seeds, for every cell, epoch and metric.
    ///
    /// Long form: one row a cell, epoch and metric. A metric that does not apply to a cell has no row; the deviation
    /// of a single seed is empty.
    public static func summary(_ results: SweepResults) -> String {
        let kept = results.axes.indices.filter { results.axes[$0].path != "seed" }
        var csv = CSVWriter()
        let statistics = ["epoch", "metric", "mean", "standard_deviation", "count"]
        csv.append((kept.map { results.axes[$0].column } + statistics).map { .text($0) })
        let metrics = results.metricNames
        for cell in Cells(results, axes: kept).cells {
            for epoch in cell.epochs {
                for metric in metrics {
                    let values = cell.values(of: metric, at: epoch)
                    guard let moments = Moments(values) else { continue }
                    csv.append(
                        cell.axisValues.map { .setting($0) } + [
                            .integer(epoch), .text(metric), .number(moments.mean),
                            .number(moments.standardDeviation), .integer(moments.count),
                        ])
                }
            }
        }
        return csv.text
    }

    /// Who computed what: the only file that differs between two runs of a sweep.
    public static func provenance(_ results: SweepResults) -> String {
        var csv = CSVWriter()
        csv.append(
            [
                "task", "attempt", "worker", "host", "blas_core", "instruction_set", "threads", "started",
                "seconds",
                "hash",
            ].map { .text($0) })
        for task in results.tasks {
            guard task.result != nil, let provenance = task.provenance else { continue }
            csv.append([
                .text(task.id.text), .integer(Int(provenance.attempt)), .text(provenance.worker),
                .text(provenance.host), .text(provenance.blasCore), .text(provenance.instructionSet),
                .integer(provenance.threads), .text(provenance.started), .number(provenance.seconds),
                .text(provenance.hash),
            ])
        }
        return csv.text
    }
}

import Basics
import Reporting
import Sweeps

/// A synthetic sweep with the shape of a real one: 3 widths × 2 noise rates × 2 seeds, measured at five epochs.
enum SmallSweep {
    static let axes = [
        Axis("model.width", [1, 4, 16]), Axis("dataset.noise.rate", [0.0, 0.2]), Axis("seed", [0, 1]),
    ]

    static let columns = [
        Column("train_error", title: "training error", unit: "fraction"),
        Column("test_error", title: "test error", unit: "fraction"),
        Column("jacobian_norm", title: "Jacobian norm"),
    ]

    /// The sweep, without the results of the tasks that `isMissing` names by axis values.
    static func results(isMissing: ([Setting]) -> Bool = { _ in false }) -> SweepResults {
        SweepResults(name: "small", axes: axes, tasks: tasks(isMissing: isMissing), columns: columns)
    }

    static func tasks(isMissing: ([Setting]) -> Bool = { _ in false }) -> [ReportedTask] {
        axes[0].values.flatMap { width in
            axes[1].values.flatMap { rate in
                axes[2].values.map { seed in
                    let configuration: Setting = ["width": width, "rate": rate, "seed": seed]
                    let values = [width, rate, seed]
                    return ReportedTask(
                        id: TaskID(of: configuration), axisValues: values,
                        result: isMissing(values) ? nil : result(values), provenance: provenance)
                }
            }
        }
    }

    static let provenance = Provenance(
        attempt: 1, worker: "alice", host: "node1", blasCore: "Haswell", instructionSet: "avx2", threads: 1,
        started: "2026-01-31T12:00:00Z", seconds: 0.25, hash: "00ff")

    private static func result(_ values: [Setting]) -> TaskResult {
        let (width, rate, seed) = (values[0].asNumber ?? 1, values[1].asNumber ?? 0, values[2].asNumber ?? 0)
        let measurements = [0, 1, 10, 20, 100].map { epoch in
            let progress = Double(epoch) / (Double(epoch) + 10 / width)
            let train = max(0, 0.9 - progress * (0.5 + width / 30))
            let test = 0.9 - 0.6 * progress + rate * progress * (width == 4 ? 0.5 : 0.2) + 0.01 * seed
            return Measurement(
                epoch: epoch, step: 6 * epoch,
                scalars: [train, test, rate == 0 ? nil : 0.01 * width * Double(epoch + 1)],
                layers: [LayerValue(metric: "local_complexity_train", layer: 1, index: 0, value: width / 2)])
        }
        return TaskResult(columns: columns.map(\.name), measurements: measurements)
    }
}

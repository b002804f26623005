import Basics
import Foundation
import Reporting
import Sweeps

/// A sweep with made-up results of the shape that double descent has.
struct SyntheticSweep: Sendable {
    var widths = [1, 8, 16, 24, 64]
    var rates: [Double] = [0, 0.2, 0.4]
    var seeds = [0, 1, 2]
    var epochs = [0, 1, 10, 100]
    /// Tasks, by their place in the sweep, that have no result yet.
    var isMissing: @Sendable (Int) -> Bool = { _ in false }

    /// A width whose runs meet a number that is not finite at the second epoch.
    var divergedWidth: Int?

    static let columns = [
        Column("train_loss", title: "train loss"),
        Column("train_error", title: "train error", unit: "fraction"),
        Column("test_loss", title: "test loss"), Column("test_error", title: "test error", unit: "fraction"),
        Column("clean_error", title: "clean train error", unit: "fraction"),
        Column("noisy_error", title: "noisy train error", unit: "fraction"),
        Column("jacobian_norm", title: "Jacobian norm"),
        Column(
            "local_complexity_train_r0.05", title: "local complexity, train points, r = 0.05", unit: "units"),
    ]

    /// The quickstart's grid: 576 tasks.
    static let quickstart = SyntheticSweep(
        widths: Array(1...64),
        epochs: [0] + (1...9).map { $0 } + (1...9).map { $0 * 10 } + (1...4).map { $0 * 100 })

    /// The quickstart after two thirds of its time, with a width whose runs diverge.
    static let partial: SyntheticSweep = {
        var sweep = quickstart
        sweep.isMissing = { ($0 * 7919) % 576 > 400 || $0 > 500 }
        sweep.divergedWidth = 40
        return sweep
    }()

    var axes: [Axis] {
        [
            Axis("model.width", widths.map(Setting.integer)),
            Axis("dataset.noise.rate", rates.map(Setting.number)), Axis("seed", seeds.map(Setting.integer)),
        ]
    }

    var tasks: [ReportedTask] {
        var tasks: [ReportedTask] = []
        for width in widths {
            for rate in rates {
                for seed in seeds {
                    let configuration = Setting.map([
                        "width": .integer(width), "rate": .number(rate), "seed": .integer(seed),
                    ])
                    let result = isMissing(tasks.count) ? nil : result(width: width, rate: rate, seed: seed)
                    tasks.append(
                        ReportedTask(
                            id: TaskID(of: configuration),
                            axisValues: [.integer(width), .number(rate), .integer(seed)], result: result,
                            provenance: result.map { provenance(of: $0, number: tasks.count) }))
                }
            }
        }
        return tasks
    }

    var results: SweepResults {
        SweepResults(name: "synthetic", axes: axes, tasks: tasks, columns: SyntheticSweep.columns)
    }

    private func provenance(of result: TaskResult, number: Int) -> Provenance {
        Provenance(
            attempt: number == 4 ? 2 : 1, worker: number.isMultiple(of: 2) ? "alice" : "bob", host: "node-1",
            blasCore: "Haswell", instructionSet: "avx2", threads: 1, started: "2026-01-31T12:00:00Z",
            seconds: 1.5, hash: result.contentHash.hexadecimal)
    }

    private func result(width: Int, rate: Double, seed: Int) -> TaskResult {
        var noise = SeededGenerator(seed: UInt64(seed), stream: "\(width) \(rate)")
        let measurements = epochs.map { epoch in
            measurement(
                width: width, rate: rate, epoch: epoch, jitter: Double(noise.next() >> 40) / 0x1p24 - 0.5)
        }
        return TaskResult(columns: SyntheticSweep.columns.map(\.name), measurements: measurements)
    }

    private func measurement(width: Int, rate: Double, epoch: Int, jitter: Double) -> Sweeps.Measurement {
        let capacity = Double(width) / (20 + 10 * rate)
        let progress = 1 - exp(-Double(epoch) / 12)
        let fitted = min(1, capacity) * progress
        let train = max(0, (0.9 * (1 - fitted) * (1 - 0.4 * fitted)) * (1 + 0.1 * jitter))
        let peak = rate * 0.8 * exp(-pow(log(max(capacity, 0.01)), 2) * 2) * progress
        let test = min(
            0.95,
            0.05 + 0.85 * pow(1 - 0.93 * min(1, progress * pow(capacity, 0.3)), 1.3) + peak + rate * 0.2
                + 0.03 * jitter)
        let norm = 0.02 + 8 * peak * (1 + 0.3 * jitter) + fitted * 0.6
        let complexity = Double(width) * (0.05 + 0.2 * progress) + 3 * peak
        let hasDiverged = width == divergedWidth && epoch > 5
        let scalars: [Double?] =
            hasDiverged
            ? SyntheticSweep.columns.map { _ in .nan }
            : [
                train * 2.3, train, test * 3, test, train * 0.7, rate == 0 ? nil : min(1, train * 1.6), norm,
                complexity,
            ]
        let layers = [LayerValue(metric: "activation_rate", layer: 1, index: 0, value: 0.5 + 0.1 * jitter)]
        return Sweeps.Measurement(epoch: epoch, step: epoch * 6, scalars: scalars, layers: layers)
    }
}

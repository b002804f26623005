public import Basics
public import Sweeps

/// Predicts how long tasks take on one core of this machine, from their operations and a few rehearsals.
///
/// Seconds an operation depend on the width of the network: narrow ones are ruled by bookkeeping, wide ones by
/// arithmetic. Of each kind of task (batch, precision, optimiser, probes …) a few networks from the cheapest to the
/// dearest are rehearsed part by part; between them the time of a forward pass's worth of work is taken as linear in
/// its operations.
public struct SpeedModel: Sendable {
    private var kinds: [Setting: Kind] = [:]

    /// Where a part of the task was timed: a network's operations, and the seconds for as many.
    private struct Curve: Sendable {
        private var points: [(operations: Double, seconds: Double)] = []

        /// Points come in ascending order of operations.
        mutating func append(_ operations: Double, _ seconds: Double) {
            if let last = points.last, last.operations >= operations { return }
            points.append((operations, seconds))
        }

        /// Linear between the points, proportional beyond them.
        func seconds(at operations: Double) -> Double {
            guard let first = points.first, let last = points.last else { return 0 }
            if operations <= first.operations {
                return first.seconds * (first.operations > 0 ? operations / first.operations : 1)
            }
            if operations >= last.operations { return last.seconds * operations / last.operations }
            let above = points.firstIndex { $0.operations >= operations } ?? points.count - 1
            let (a, b) = (points[above - 1], points[above])
            let share = (operations - a.operations) / (b.operations - a.operations)
            return a.seconds + share * (b.seconds - a.seconds)
        }
    }

    private struct Kind: Sendable {
        var setup = Curve()
        var training = Curve()
        var metrics = Curve()
        var probes: [String: Curve] = [:]
    }

    /// Networks rehearsed of each kind, and kinds.
    private static let networksMax = 5
    private static let kindsMax = 6

    /// Rehearses some networks of a sweep, a fraction of a second each.
    ///
    /// - Parameters:
    ///   - tasks: Tasks of the sweep with their costs.
    ///   - now: A monotonic clock.
    /// - Throws: ``TaskError`` for a task that could never run.
    public init(
        calibratedOn tasks: [(configuration: Setting, cost: TaskCost)], now: @escaping () -> Instant
    ) throws(TaskError) {
        var members: [(kind: Setting, tasks: [(configuration: Setting, cost: TaskCost)])] = []
        var places: [Setting: Int] = [:]
        for task in tasks {
            let kind = SpeedModel.kind(of: task.configuration)
            if let place = places[kind] {
                members[place].tasks.append(task)
            } else if members.count < SpeedModel.kindsMax {
                places[kind] = members.count
                members.append((kind, [task]))
            }
        }
        for (kind, tasks) in members {
            kinds[kind] = try SpeedModel.rehearse(tasks, now)
        }
    }

    private static func rehearse(
        _ tasks: [(configuration: Setting, cost: TaskCost)], _ now: @escaping () -> Instant
    ) throws(TaskError) -> Kind {
        let sorted = tasks.sorted { $0.cost.forwardOperations < $1.cost.forwardOperations }
        let count = min(networksMax, sorted.count)
        var kind = Kind()
        var latest = -1.0
        for index in 0..<count {
            let task = sorted[count == 1 ? 0 : index * (sorted.count - 1) / (count - 1)]
            let forward = task.cost.forwardOperations
            if forward <= latest { continue }
            latest = forward
            let rehearsal = try TaskRehearsal(task.configuration, now: now)
            kind.setup.append(forward, rehearsal.setupSeconds)
            kind.training.append(forward, rehearsal.training.seconds(for: forward))
            kind.metrics.append(forward, rehearsal.metrics.seconds(for: forward))
            for (name, part) in rehearsal.probes {
                kind.probes[name, default: Curve()].append(forward, part.seconds(for: forward))
            }
        }
        return kind
    }

    /// What decides the speed beside the size of the network.
    private static func kind(of configuration: Setting) -> Setting {
        let keys = [
            "training.batch", "training.precision", "optimizer.name", "model.family", "model.batch-norm",
            "model.activation", "measure.probes", "dataset.name",
        ]
        return .list(keys.map { configuration[$0] ?? .null })
    }

    /// The time that a task takes on one core.
    ///
    /// - Parameters:
    ///   - cost: The task's.
    ///   - configuration: Its configuration.
    /// - Returns: Seconds; of a kind that was not rehearsed, what the slowest kind would take.
    public func seconds(of cost: TaskCost, configuration: Setting) -> Double {
        if let kind = kinds[SpeedModel.kind(of: configuration)] { return seconds(of: cost, kind) }
        return kinds.values.map { seconds(of: cost, $0) }.max() ?? 0
    }

    private func seconds(of cost: TaskCost, _ kind: Kind) -> Double {
        let forward = cost.forwardOperations
        guard forward > 0 else { return 0 }
        var seconds = kind.setup.seconds(at: forward)
        seconds += cost.trainingOperations / forward * kind.training.seconds(at: forward)
        seconds += cost.metricsOperations / forward * kind.metrics.seconds(at: forward)
        for probe in cost.probes {
            let curve = kind.probes[probe.name] ?? kind.metrics
            seconds += probe.operations / forward * curve.seconds(at: forward)
        }
        return seconds
    }
}

extension TaskRehearsal.Part {
    /// The time for so many of its operations.
    fileprivate func seconds(for some: Double) -> Double { operations > 0 ? seconds * some / operations : 0 }
}

public import Sweeps

/// All that reports are made of: the axes of a sweep and what its tasks measured so far.
///
/// A plain value, independent of the store. Tasks without a result are there too, so that pictures can show
/// what is missing; the order in which the tasks come does not matter: the same tasks give the same bytes.
public struct SweepResults: Sendable {
    public let name: String
    public let axes: [Axis]
    /// Sorted by axis values, then by id.
    public let tasks: [ReportedTask]
    /// Titles and units of the scalar metrics, in catalog order; a metric without one is described by its
    /// name.
    public let columns: [Column]
    /// What the metrics per layer are called; one without a description is described by its name.
    public let layerMetrics: [LayerMetric]
    /// What the probes draw of themselves where nobody asks for anything.
    public let figures: ReportSpec

    /// - Precondition: Each task has one value for each axis.
    public init(
        name: String, axes: [Axis], tasks: [ReportedTask], columns: [Column],
        layerMetrics: [LayerMetric] = [],
        figures: ReportSpec = ReportSpec()
    ) {
        for task in tasks {
            precondition(
                task.axisValues.count == axes.count,
                "task \(task.id) has \(task.axisValues.count) values for \(axes.count) axes")
        }
        self.name = name
        self.axes = axes
        self.tasks = tasks.sorted(by: ReportedTask.precedes)
        self.columns = columns
        self.layerMetrics = layerMetrics
        self.figures = figures
    }

    /// Names of the scalar metrics that any result has, in catalog order.
    ///
    /// Tasks may differ in their metrics, because a grid may vary probes and radii: the order agrees with
    /// that of the descriptions and with that of every single task.
    public var metricNames: [String] {
        var lists: [[String]] = []
        var seen: Set<[String]> = []
        for task in tasks {
            if let columns = task.result?.columns, seen.insert(columns).inserted { lists.append(columns) }
        }
        let measured = Set(lists.joined())
        return SweepResults.merged([columns.map(\.name).filter(measured.contains)] + lists)
    }

    /// Lists merged so that each keeps its order, the earliest name first where there is a choice.
    ///
    /// Kahn's algorithm (1962); where lists contradict each other the earliest name goes first, too.
    private static func merged(_ lists: [[String]]) -> [String] {
        var waiting: [String] = []
        var predecessors: [String: Set<String>] = [:]
        for list in lists {
            for (index, name) in list.enumerated() {
                if predecessors[name] == nil { waiting.append(name) }
                predecessors[name, default: []].formUnion(index > 0 ? [list[index - 1]] : [])
            }
        }
        var merged: [String] = []
        var placed: Set<String> = []
        while !waiting.isEmpty {
            let next = waiting.firstIndex { predecessors[$0]?.isSubset(of: placed) ?? true } ?? 0
            let name = waiting.remove(at: next)
            merged.append(name)
            placed.insert(name)
        }
        return merged
    }

    /// What plots call a metric, and its unit.
    public func column(named name: String) -> Column {
        columns.first { $0.name == name }
            ?? Column(
                name, title: name.replacing("_", with: " "), unit: name.hasSuffix("_error") ? "fraction" : nil
            )
    }

    /// What plots call a metric per layer, and what its coordinates count.
    public func layerMetric(named name: String) -> LayerMetric {
        layerMetrics.first { $0.name == name } ?? LayerMetric(name, by: "index")
    }

    /// Tasks that have a result.
    public var finishedCount: Int { tasks.count { $0.result != nil } }

    /// The axis over which means are taken; `nil` where all tasks share one seed.
    var seedAxisIndex: Int? { axes.firstIndex { $0.path == "seed" } }
}

/// One task as reports see it.
public struct ReportedTask: Sendable {
    public let id: TaskID
    /// One value an axis, in the order of the axes; `null` where an axis does not touch the task.
    public let axisValues: [Setting]
    /// `nil` until the task is done.
    public let result: TaskResult?
    /// Where the result came from; `nil` until the task is done, or where it is not known.
    public let provenance: Provenance?

    public init(id: TaskID, axisValues: [Setting], result: TaskResult?, provenance: Provenance? = nil) {
        self.id = id
        self.axisValues = axisValues
        self.result = result
        self.provenance = provenance
    }

    /// By axis values, then by id.
    static func precedes(_ a: ReportedTask, _ b: ReportedTask) -> Bool {
        for (one, other) in zip(a.axisValues, b.axisValues) {
            let order = one.order(to: other)
            if order != .same { return order == .before }
        }
        return a.id < b.id
    }
}

/// Who computed a result, where and when: the only thing that differs between two runs of a sweep.
public struct Provenance: Hashable, Sendable {
    /// The attempt that gave the result, counted from 1.
    public let attempt: UInt32
    public let worker: String
    public let host: String
    /// The kernels that OpenBLAS chose: `Haswell`.
    public let blasCore: String
    /// The instructions that our own kernels used: `avx2`.
    public let instructionSet: String
    public let threads: Int
    /// When the attempt was started, in UTC: `2026-01-31T12:00:00Z`.
    public let started: String
    /// How long the attempt took, in seconds.
    public let seconds: Double
    /// Content hash of the result, hexadecimal.
    public let hash: String

    public init(
        attempt: UInt32, worker: String, host: String, blasCore: String, instructionSet: String, threads: Int,
        started: String, seconds: Double, hash: String
    ) {
        self.attempt = attempt
        self.worker = worker
        self.host = host
        self.blasCore = blasCore
        self.instructionSet = instructionSet
        self.threads = threads
        self.started = started
        self.seconds = seconds
        self.hash = hash
    }
}

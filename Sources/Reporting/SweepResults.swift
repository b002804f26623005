public import Sweeps

/// All that reports are made of: the axes of a sweep and what its tasks measured so far.
///
/// A plain value, independent of the store. Tasks without a result are there too, so that pictures can show what is
/// missing; the order of the tasks does not matter.
public struct SweepResults: Sendable {
    public let name: String
    public let axes: [Axis]
    public let tasks: [ReportedTask]
    /// Titles and units of the scalar metrics, in catalog order.
    public let columns: [Column]

    public init(name: String, axes: [Axis], tasks: [ReportedTask], columns: [Column]) {
        self.name = name
        self.axes = axes
        self.tasks = tasks.sorted(by: ReportedTask.precedes)
        self.columns = columns
    }

    /// Names of the scalar metrics that any result has: catalog order first, then first come.
    public var metricNames: [String] {
        var names: [String] = []
        var seen: Set<String> = []
        for task in tasks {
            for name in task.result?.columns ?? [] where seen.insert(name).inserted { names.append(name) }
        }
        let known = columns.map(\.name).filter(seen.contains)
        return known + names.filter { !known.contains($0) }
    }

    /// What plots call a metric, and its unit.
    public func column(named name: String) -> Column {
        columns.first { $0.name == name } ?? Column(name, title: name.replacing("_", with: " "))
    }
}

/// One task as reports see it.
public struct ReportedTask: Sendable {
    public let id: TaskID
    /// One value an axis, in the order of the axes.
    public let axisValues: [Setting]
    /// `nil` until the task is done.
    public let result: TaskResult?
    public let provenance: Provenance?

    public init(id: TaskID, axisValues: [Setting], result: TaskResult?, provenance: Provenance? = nil) {
        self.id = id
        self.axisValues = axisValues
        self.result = result
        self.provenance = provenance
    }

    /// By axis values, numbers by size and before texts; then by id.
    static func precedes(_ a: ReportedTask, _ b: ReportedTask) -> Bool {
        for (one, other) in zip(a.axisValues, b.axisValues) where one != other {
            return Setting.precedes(one, other)
        }
        return a.id < b.id
    }
}

/// Who computed a result, where and when: the only thing that differs between two runs of a sweep.
public struct Provenance: Hashable, Sendable {
    public let attempt: UInt32
    public let worker: String
    public let host: String
    public let blasCore: String
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

extension Setting {
    /// The order of axis values: numbers by size, then everything else by its canonical text.
    static func precedes(_ a: Setting, _ b: Setting) -> Bool {
        switch (a.asNumber, b.asNumber) {
        case (let one?, let other?): one < other
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): a.canonicalText.utf8.lexicographicallyPrecedes(b.canonicalText.utf8)
        }
    }

    /// The value as people write it: texts without quotes.
    var plainText: String { asText ?? canonicalText }
}

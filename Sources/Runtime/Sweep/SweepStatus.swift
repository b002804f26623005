internal import Basics
internal import Glibc
public import ResultStore
public import Sweeps

/// How a sweep stands, read from its store while a coordinator may be working on it.
public struct SweepStatus: Hashable, Sendable {
    public let name: String
    public let directory: RunDirectory
    public let counts: SweepStore.Counts
    /// Failed tasks by class, most frequent first.
    public let failures: [Failure]
    /// Tasks handed out and not ended, with the workers that had them last.
    public let running: [Running]
    /// What each worker has done so far, by name.
    public let workers: [WorkerShare]
    /// The process that works on the run; `nil` while nobody does.
    public let coordinator: RunLock.Holder?
    /// Where it listens.
    public let endpoint: String?
    /// Results a second over the last completions; `nil` where there are too few, or nobody works.
    public let tasksPerSecond: Double?
    /// The time that remains; `nil` where it cannot be told.
    public let remaining: ProgressEstimate.Remaining?

    public struct Failure: Hashable, Sendable {
        public let failureClass: FailureClass
        public let count: Int
        /// What the first of them said.
        public let example: String
    }

    public struct Running: Hashable, Sendable {
        public let task: TaskID
        public let attempt: UInt32
        public let worker: String
    }

    public struct WorkerShare: Hashable, Sendable {
        public let worker: String
        public let host: String
        public let resultCount: Int
        /// The time that its results took, in seconds.
        public let seconds: Double
    }

    /// Reads the state of the run in a directory.
    ///
    /// - Throws: ``RunError/noSweep(directory:)`` or what is wrong with the store.
    public init(of directory: RunDirectory) throws {
        guard directory.holdsSweep else { throw RunError.noSweep(directory: directory.path) }
        let store = try SweepStore.open(at: directory.store, for: .reading)
        let tasks = try store.loadTasks()
        let provenance = try store.provenance()
        name = store.identity.name
        self.directory = directory
        counts = try store.counts()
        failures = SweepStatus.failures(of: tasks)
        running = tasks.compactMap { task in
            guard case .running(let worker) = task.state else { return nil }
            return Running(task: task.id, attempt: task.attempts, worker: worker)
        }
        workers = SweepStatus.shares(of: provenance)
        coordinator = RunLock.readHolder(directory.lock).flatMap { $0.mayLive ? $0 : nil }
        let endpointFile = coordinator == nil ? nil : EndpointFile(contentsOf: directory.endpoint)
        endpoint = endpointFile?.endpoint
        let estimate = SweepStatus.estimate(provenance)
        let left = counts.waiting + counts.running
        let isServed = coordinator != nil
        tasksPerSecond = isServed ? estimate?.tasksPerSecond : nil
        remaining =
            isServed || left == 0
            ? estimate?.remaining(weight: Double(left), count: left, at: .origin) : nil
    }

    private static func failures(of tasks: [SweepStore.TaskRecord]) -> [Failure] {
        let failed = tasks.compactMap { task -> (FailureClass, String)? in
            guard case .failed(let failureClass, let message) = task.state else { return nil }
            return (failureClass, message)
        }
        return FailureClass.allCases.compactMap { failureClass in
            let ofClass = failed.filter { $0.0 == failureClass }
            guard let first = ofClass.first else { return nil }
            return Failure(failureClass: failureClass, count: ofClass.count, example: first.1)
        }.sorted { $0.count > $1.count }
    }

    private static func shares(of provenance: [SweepStore.ProvenanceRecord]) -> [WorkerShare] {
        let byWorker = Dictionary(grouping: provenance.map(\.provenance), by: \.worker)
        return byWorker.map { worker, results in
            WorkerShare(
                worker: worker, host: results.first?.host ?? "", resultCount: results.count,
                seconds: results.reduce(0) { $0 + $1.seconds })
        }.sorted { $0.worker < $1.worker }
    }

    /// Replays the newest completions, as the store remembers them, up to the origin of an imagined clock.
    private static func estimate(_ provenance: [SweepStore.ProvenanceRecord]) -> ProgressEstimate? {
        let ends = provenance.map { record in
            Double(record.provenance.started.milliseconds) / 1000 + record.provenance.seconds
        }.sorted().suffix(400)
        guard let first = ends.first, let last = ends.last else { return nil }
        func instant(_ end: Double) -> Instant { Instant(nanoseconds: Int64((end - last) * 1e9)) }
        var estimate = ProgressEstimate(startedAt: instant(first))
        for end in ends.dropFirst() { estimate.completed(at: instant(end)) }
        return estimate
    }
}

extension RunLock.Holder {
    /// False for a process of this machine that has ended, or that ran before the machine was restarted.
    ///
    /// Asking the lock itself would mean to hold it for a moment, in which a coordinator could fail to start.
    var mayLive: Bool {
        let here = RunLock.Holder.current
        guard host == here.host else { return true }
        return bootID == here.bootID && (kill(processID, 0) == 0 || errno == EPERM)
    }
}

internal import Basics
public import ResultStore
internal import Sweeps

/// How a sweep stands, read from its store while a coordinator may be working on it.
public struct SweepStatus: Hashable, Sendable {
    public let name: String
    public let directory: RunDirectory
    public let counts: SweepStore.Counts
    /// Failed tasks by class, most frequent first.
    public let failures: [SweepStore.FailureCount]
    /// Tasks handed out and not ended, with the workers that had them last.
    public let running: [SweepStore.RunningTask]
    /// What each worker has done so far, by name.
    public let workers: [SweepStore.WorkerShare]
    /// What its coordinator says of the present moment; `nil` where it cannot be asked.
    public let live: LivePicture?
    /// The process that works on the run; `nil` while nobody does.
    public let coordinator: RunLock.Holder?
    /// Where it listens.
    public let endpoint: String?
    /// Results a second over the last completions; `nil` where there are too few, or nobody works.
    public let tasksPerSecond: Double?
    /// The time that remains; `nil` where it cannot be told.
    public let remaining: ProgressEstimate.Remaining?

    /// Reads the state of the run in a directory.
    ///
    /// - Throws: ``RunError/noSweep(directory:)`` or what is wrong with the store.
    public init(of directory: RunDirectory) throws {
        guard directory.holdsSweep else { throw RunError.noSweep(directory: directory.path) }
        let store = try SweepStore.open(at: directory.store, for: .reading)
        name = store.identity.name
        self.directory = directory
        counts = try store.counts()
        failures = try store.failureCounts()
        running = try store.runningTasks()
        workers = try store.workerShares()
        coordinator = RunLock.readHolder(directory.lock).flatMap { $0.mayCoordinate ? $0 : nil }
        let endpointFile = coordinator == nil ? nil : EndpointFile(contentsOf: directory.endpoint)
        endpoint = endpointFile?.endpoint
        // Whoever does not answer at once is busy, gone, or elsewhere; the store still has its say.
        live = try? CoordinatorClient(of: directory)?.ask(.picture, within: .seconds(1)).picture
        let estimate = SweepStatus.estimate(try store.recentEnds(SweepStatus.endsMax, of: workers))
        let isServed = coordinator != nil
        tasksPerSecond = isServed ? live?.tasksPerSecond ?? estimate?.tasksPerSecond : nil
        if let live, let expected = live.secondsLeft {
            remaining = ProgressEstimate.Remaining(
                expected: .seconds(expected), low: .seconds(live.secondsLeftLow ?? expected),
                high: .seconds(live.secondsLeftHigh ?? expected))
        } else {
            remaining =
                isServed || counts.open == 0
                ? estimate?.remaining(weight: Double(counts.open), count: counts.open, at: .origin) : nil
        }
    }

    /// Completions that tell the speed.
    private static let endsMax = 400

    /// Replays the newest completions, as the store remembers them, up to the origin of an imagined clock.
    private static func estimate(_ ends: [Double]) -> ProgressEstimate? {
        guard let first = ends.first, let last = ends.last else { return nil }
        func instant(_ end: Double) -> Instant { Instant(nanoseconds: Int64((end - last) * 1e9)) }
        var estimate = ProgressEstimate(startedAt: instant(first))
        for end in ends.dropFirst() { estimate.completed(at: instant(end)) }
        return estimate
    }
}

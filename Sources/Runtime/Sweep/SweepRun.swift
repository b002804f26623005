internal import Basics
public import Coordination
internal import Messaging
public import ResultStore
public import Sweeps
internal import ZeroMQ

/// Runs what a sweep still lacks: a coordinator and, where wanted, workers on this machine.
///
///     let opened = try OpenedRun.open(file.grid, in: directory, program: version)
///     let outcome = try SweepRun(opened, options).run(signals: StopSignals())
///     exit(outcome.exitCode.rawValue)
public struct SweepRun: Sendable {
    private let opened: OpenedRun
    private let options: Options

    /// How to run.
    public struct Options: Sendable {
        public var address: ListenAddress
        /// Encrypt, with these keys; `nil` for plain text.
        public var keys: KeyFolder?
        /// Worker processes on this machine; 0 where workers come from elsewhere.
        public var workerCount: Int
        /// The program that workers are; this one.
        public var workerExecutable = "/proc/self/exe"
        /// The arguments that make this program a worker of the run, for a slot counted from 0.
        ///
        /// Its standard input ends when this process does; see ``WorkerSupervisor``.
        public var workerArguments: @Sendable (Int) -> [String]
        public var limits: Coordinator.Limits
        /// The predicted cost of a task: the dearest are handed out first, and the ETA follows it.
        public var cost: (@Sendable (TrainingTask) -> PredictedCost)?
        /// Where progress is shown.
        public var progressOutput: Int32

        public init(
            address: ListenAddress = .local, workerCount: Int,
            workerArguments: @escaping @Sendable (Int) -> [String],
            limits: Coordinator.Limits = .standard,
            cost: (@Sendable (TrainingTask) -> PredictedCost)? = nil,
            progressOutput: Int32 = 2
        ) {
            self.address = address
            self.workerCount = workerCount
            self.workerArguments = workerArguments
            self.limits = limits
            self.cost = cost
            self.progressOutput = progressOutput
        }
    }

    /// What a task is predicted to cost, in any unit.
    public struct PredictedCost: Hashable, Sendable {
        public let whole: Float
        /// The longest stretch between two moments at which its state can be kept; 0 where it must be done in one go.
        public let stretch: Float

        public init(whole: Double, stretch: Double) {
            self.whole = Float(whole)
            self.stretch = stretch < whole ? Float(stretch) : 0
        }
    }

    /// How a run ended.
    public struct Outcome: Hashable, Sendable {
        public let reason: Coordinator.Summary.Reason
        /// What the store holds now.
        public let counts: SweepStore.Counts
        /// Tasks that had a result before this run began.
        public let doneBefore: Int
        /// Tasks that a person keeps from being run for the time being.
        public var pausedCount: Int { counts.paused }
        /// Results that contradicted a stored one; anything but 0 means that training is not deterministic.
        public let disagreementCount: Int
        public let elapsed: Duration

        /// 0 done, 1 ended with failed tasks, 75 when tasks are left to do.
        public var exitCode: ExitCode {
            switch reason {
            case .completed: counts.failed > 0 ? .failedTasks : counts.paused > 0 ? .tryAgain : .done
            case .tooManyFailures: .failedTasks
            case .drained, .stopped: .tryAgain
            }
        }
    }

    public init(_ opened: OpenedRun, _ options: Options) {
        self.opened = opened
        self.options = options
    }

    /// Runs until every task is done or has failed, or until interrupted.
    ///
    /// - Parameter signals: Asks to end: once after the tasks that run, twice at once. Either way nothing finished is
    ///   lost.
    /// - Returns: How it ended.
    /// - Throws: ``RunError/noWorkers(_:)``, or what is wrong with the store, the address or this machine.
    public func run(signals: StopSignals? = nil) throws -> Outcome {
        let start = SystemClock.now
        let counts = try opened.store.counts()
        if counts.open == 0 {
            return Outcome(
                reason: .completed, counts: counts, doneBefore: counts.done, disagreementCount: 0,
                elapsed: .zero)
        }
        // Ids instead of texts: a million of them are read in no time.
        let plan = DispatchPlan(
            opened.grid, try opened.store.loadTasks(knowing: opened.grid.ids),
            OutboxSurvey(opened.directory.outboxes),
            cost: options.cost)
        var limits = options.limits
        if opened.grid.spec.resources.asMap?["numerics"] == .text("strict") {
            limits.numerics = .strict(profile: try opened.store.firstProfile())
        }
        let incarnation = try opened.store.nextIncarnation()
        // Whoever continues a run with paused tasks wants the others done.
        limits.leavesPausedTasks = true
        let checkpoints = CheckpointFolder(opened.directory.checkpoints)
        plan.removeUseless(checkpoints)
        let server = try CoordinatorServer(
            ServedSweep(
                id: opened.sweepID, incarnation: incarnation, standings: plan.standings,
                axes: opened.grid.axes, axisValues: plan.axisValues, task: plan.task),
            at: options.address, keys: options.keys, store: opened.store, checkpoints: checkpoints,
            limits: limits,
            controlledIn: opened.directory)
        let endpoint = EndpointFile(
            endpoint: server.endpoint, curveKey: server.curveKey, sweep: opened.sweepID,
            incarnation: incarnation, host: Host.name, processID: Host.processID, control: server.control)
        try endpoint.write(to: opened.directory.endpoint)
        // Workers that come later shall not knock where nobody is.
        defer { try? AtomicFile.remove(opened.directory.endpoint) }

        let supervisor = try WorkerSupervisor(
            WorkerSupervisor.Command(
                executable: options.workerExecutable, outboxes: opened.directory.outboxes,
                arguments: options.workerArguments,
                log: { [directory = opened.directory] in directory.log(slot: $0) }),
            slotCount: min(options.workerCount, counts.open))
        var watch = SweepWatch(
            opened, server: server, supervisor: supervisor, signals: signals, start: start,
            output: options.progressOutput, hasLocalWorkers: options.workerCount > 0)
        let ending: SweepWatch.Ending
        do {
            ending = try watch.watch()
        } catch {
            server.halt()
            throw error
        }
        server.halt()
        return Outcome(
            reason: ending.reason, counts: try opened.store.counts(), doneBefore: counts.done,
            disagreementCount: ending.disagreementCount, elapsed: SystemClock.now - start)
    }
}

/// In which order tasks are handed out, and what they cost.
struct DispatchPlan: Sendable {
    /// In the order of handing out.
    let standings: [TaskStanding]
    let task: @Sendable (Int) -> TrainingTask
    let axisValues: @Sendable (Int) -> [Setting]

    /// The whole picture first, coarsely, then its details; see ``CoverageOrder``.
    init(
        _ grid: Grid, _ records: [SweepStore.TaskRecord], _ survey: OutboxSurvey,
        cost: (@Sendable (TrainingTask) -> SweepRun.PredictedCost)?
    ) {
        let costs = cost.map { DispatchPlan.costs(of: grid, $0) }
        let order = CoverageOrder.order(of: grid, cost: costs.map { costs in { costs[$0].whole } })
        standings = order.map { place in
            var standing = TaskStanding(records[place], costs?[place])
            // A worker that may live is waited for; one that is known to be dead is not.
            if case .running(let worker) = standing.state, survey.isHopeless(standing.id, worker: worker) {
                standing.state = .waiting
            }
            return standing
        }
        task = { grid[order[$0]] }
        axisValues = { grid.axisValues(at: order[$0]) }
    }

    /// Removes checkpoints of tasks that have ended: a coordinator was killed before it did, or a worker was.
    func removeUseless(_ checkpoints: CheckpointFolder) {
        let found = Set(checkpoints.tasks)
        guard !found.isEmpty else { return }
        for (index, standing) in standings.enumerated() where found.contains(standing.id) {
            guard case .done = standing.state,
                !CheckpointPolicy(environment: task(index).environment).keepsAll
            else { continue }
            // They serve nobody and harm nobody: a folder that cannot be emptied is no reason not to run.
            try? checkpoints.removeAll(of: standing.id)
        }
    }

    /// The cost of the task at each place; computed once for all seeds of a cell.
    private static func costs(of grid: Grid, _ cost: (TrainingTask) -> SweepRun.PredictedCost)
        -> [SweepRun.PredictedCost]
    {
        var known: [Int: SweepRun.PredictedCost] = [:]
        return grid.indices.map { place in
            guard let cell = grid.cellWithoutSeed(place) else { return cost(grid[place]) }
            if let cost = known[cell] { return cost }
            let fresh = cost(grid[place])
            known[cell] = fresh
            return fresh
        }
    }
}

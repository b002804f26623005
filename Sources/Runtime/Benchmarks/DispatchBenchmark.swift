internal import Basics
internal import Coordination
internal import Glibc
internal import Messaging
internal import ResultStore
internal import Sweeps
internal import ZeroMQ

/// Measures how fast tasks that do nothing, or sleep, pass through a coordinator: everything but the training.
///
/// All of it is what a sweep uses: the durable store, real worker processes with their outboxes, ZeroMQ between them.
/// The clock starts when every worker has joined and stops when the last result is durable.
public struct DispatchBenchmark: Sendable {
    private let options: Options

    /// What to measure.
    public struct Options: Sendable {
        public var taskCount: Int
        public var workerCount: Int
        /// How long each task sleeps, in seconds; 0 for tasks that do nothing.
        public var taskSeconds = 0.0
        /// The folder of the store and the outboxes, on the disk that is to be measured.
        public var directory: RunDirectory
        /// The program that workers are; this one.
        public var workerExecutable = "/proc/self/exe"
        /// The arguments that make this program a worker, for a slot counted from 0; see ``work(in:build:)``.
        public var workerArguments: @Sendable (Int) -> [String]
        /// Encrypt with CURVE and judge every key, as between machines.
        public var isEncrypted = false
        /// How long the workers may take to join.
        public var patience = Duration.seconds(60)

        public init(
            taskCount: Int, workerCount: Int, directory: RunDirectory,
            workerArguments: @escaping @Sendable (Int) -> [String]
        ) {
            self.taskCount = taskCount
            self.workerCount = workerCount
            self.directory = directory
            self.workerArguments = workerArguments
        }
    }

    /// What was measured.
    public struct Measurement: Hashable, Sendable {
        public let taskCount: Int
        public let workerCount: Int
        public let seconds: Double
        /// Processor time of the coordinator's process, both of its threads and the store included.
        public let coordinatorSeconds: Double
        /// The largest resident memory of the coordinator's process.
        public let peakBytes: Int

        public var tasksPerSecond: Double { Double(taskCount) / seconds }
        public var microsecondsPerTask: Double { seconds / Double(taskCount) * 1e6 }
        public var coordinatorMicrosecondsPerTask: Double { coordinatorSeconds / Double(taskCount) * 1e6 }
        public var peakMebibytes: Double { Double(peakBytes) / 1_048_576 }
    }

    public init(_ options: Options) { self.options = options }

    /// Runs every task once.
    ///
    /// - Throws: ``RunError/noWorkers(_:)`` when the workers do not join, or what is wrong with the disk.
    public func measure() throws -> Measurement {
        try options.directory.create()
        let fingerprint = ContentHash(of: "dispatch benchmark")
        let store = try SweepStore.create(
            at: options.directory.store,
            SweepStore.Identity(
                name: "dispatch", fingerprint: fingerprint, specification: "", program: "benchmark"), at: .now
        )
        let environment: Setting =
            options.taskSeconds > 0 ? ["seconds": .number(options.taskSeconds)] : .null
        let tasks = (0..<options.taskCount).map { index in
            TrainingTask(
                configuration: ["seed": .integer(index)], environment: environment,
                axisValues: [.integer(index)])
        }
        try store.insert(tasks)
        let incarnation = try store.nextIncarnation()
        let sweep = SweepID(fingerprint)
        var limits = Coordinator.Limits.standard
        limits.workersMax = max(limits.workersMax, options.workerCount)
        let keys = options.isEncrypted ? options.directory.keys : nil
        _ = try keys?.localWorker()
        let server = try CoordinatorServer(
            ServedSweep(
                id: sweep, incarnation: incarnation, standings: tasks.map { TaskStanding(id: $0.id) },
                task: { tasks[$0] }),
            keys: keys, store: store, limits: limits)
        defer { server.halt() }
        // Nothing is handed out before everybody is there.
        server.send(.pause)
        try EndpointFile(
            endpoint: server.endpoint, curveKey: server.curveKey, sweep: sweep, incarnation: incarnation,
            host: Host.name,
            processID: Host.processID
        ).write(to: options.directory.endpoint)
        var supervisor = try WorkerSupervisor(
            WorkerSupervisor.Command(
                executable: options.workerExecutable, arguments: options.workerArguments,
                log: { [directory = options.directory] in directory.log(slot: $0) }),
            slotCount: options.workerCount)
        defer { supervisor.kill() }
        try waitForWorkers(server, &supervisor)
        return try measureDispatch(server, &supervisor)
    }

    private func waitForWorkers(
        _ server: CoordinatorServer, _ supervisor: inout WorkerSupervisor
    ) throws {
        let deadline = SystemClock.now + options.patience
        let poller = Poller()
        while server.picture.workers.count < options.workerCount {
            for event in try supervisor.check(at: SystemClock.now) {
                if case .givenUp(let death) = event {
                    throw RunError.noWorkers("worker slot \(death.slot) \(death.ending)")
                }
            }
            guard SystemClock.now < deadline else {
                let count = server.picture.workers.count
                throw RunError.noWorkers("\(count) of \(options.workerCount) joined in \(options.patience)")
            }
            _ = try poller.wait(for: .milliseconds(20))
        }
    }

    private func measureDispatch(
        _ server: CoordinatorServer, _ supervisor: inout WorkerSupervisor
    ) throws -> Measurement {
        let (start, processorStart) = (SystemClock.now, ProcessUsage.now)
        server.send(.resume)
        var poller = Poller()
        _ = poller.watch(descriptor: server.newsDescriptor)
        while true {
            _ = try poller.wait(for: .seconds(1))
            _ = try supervisor.check(at: SystemClock.now)
            for news in server.takeNews() {
                switch news {
                case .finished:
                    let (elapsed, usage) = (SystemClock.now - start, ProcessUsage.now)
                    return Measurement(
                        taskCount: options.taskCount, workerCount: options.workerCount,
                        seconds: elapsed.inSeconds,
                        coordinatorSeconds: usage.processorSeconds - processorStart.processorSeconds,
                        peakBytes: usage.peakBytes)
                case .broken(let reason): throw RunError.broken(reason)
                case .notice, .warning, .ended: break
                }
            }
        }
    }

    /// Is one worker of the benchmark, until it is over.
    ///
    /// - Parameters:
    ///   - directory: The folder of the benchmark.
    ///   - build: The program's version and commit.
    /// - Throws: What keeps a worker from working.
    public static func work(in directory: RunDirectory, build: String) throws {
        let profile = NumericProfile(blasCore: "none", blasVersion: "none", instructionSet: "none")
        let keys = directory.keys
        let worker = try WorkerProcess(
            WorkerProcess.Options(
                address: .run(directory), outboxes: directory.outboxes, build: build,
                numericProfile: profile, lifeline: 0,
                key: keys.isInUse ? try WorkerKey(contentsOf: keys.worker(KeyFolder.localName)) : nil))
        _ = try worker.run(IdlePerformer())
    }
}

/// Does nothing, at once or for as long as the task wants.
private struct IdlePerformer: TaskPerforming {
    func perform(
        _ task: TaskID, configuration: Setting, environment: Setting, handover: TaskHandover,
        progress: (TaskProgress) -> Void, isCancelled: () -> Bool
    ) throws -> TaskResult {
        if let seconds = environment["seconds"]?.asNumber, seconds > 0 {
            _ = try Poller().wait(for: .nanoseconds(Int64(seconds * 1e9)))
        }
        return TaskResult(
            columns: ["test_error"],
            measurements: [Sweeps.Measurement(epoch: 0, step: 0, scalars: [configuration["seed"]?.asNumber])])
    }
}

/// What the system says that this process has used.
private struct ProcessUsage {
    let processorSeconds: Double
    let peakBytes: Int

    static var now: ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return ProcessUsage(
            processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakBytes: peakBytes ?? Int(usage.ru_maxrss) * 1024)
    }

    /// What this program has used; `ru_maxrss` counts what started it, too.
    private static var peakBytes: Int? {
        guard let status = (try? AtomicFile.read("/proc/self/status")) ?? nil else { return nil }
        let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("VmHWM:") }) else { return nil }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}

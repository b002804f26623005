import Basics
import Coordination
import Foundation
import Messaging
import ResultStore
import Runtime
import Sweeps
import Synchronization
import Workers

/// Trains nothing, at once or after a pause: a result that follows from the configuration alone, and a count of who trained what.
final class FastPerformer: TaskPerforming {
    private let counts = Mutex<[TaskID: Int]>([:])
    private let openGates = Mutex<Bool>(true)

    private let pauseMicroseconds: UInt32

    init(pauseMicroseconds: UInt32 = 0) { self.pauseMicroseconds = pauseMicroseconds }

    /// How often each task was trained to its end.
    var performed: [TaskID: Int] { counts.withLock { $0 } }

    /// While closed, tasks go on for ever.
    var isGateOpen: Bool {
        get { openGates.withLock { $0 } }
        set { openGates.withLock { $0 = newValue } }
    }

    /// How many tasks are inside, waiting for the gate.
    let waitingCount = Atomic<Int>(0)

    static func result(of configuration: Setting) -> TaskResult {
        let seed = configuration["seed"]?.asNumber ?? -1
        return TaskResult(
            columns: ["train_error", "test_error"],
            measurements: (0...2).map { epoch in
                Measurement(
                    epoch: epoch, step: epoch * 10, scalars: [seed / Double(epoch + 1), .nan],
                    layers: [LayerValue(metric: "sparsity", layer: 1, index: 0, value: seed / 7)])
            })
    }

    func perform(
        _ task: TaskID, configuration: Setting, environment: Setting, handover: TaskHandover,
        progress: (TaskProgress) -> Void, isCancelled: () -> Bool
    ) throws -> TaskResult {
        progress(TaskProgress(epoch: 0, epochCount: 2))
        waitingCount.add(1, ordering: .relaxed)
        defer { waitingCount.subtract(1, ordering: .relaxed) }
        usleep(pauseMicroseconds)
        while !isGateOpen, !isCancelled() { usleep(1000) }
        if isCancelled() { throw CancellationError() }
        if configuration["fails"]?.asBoolean == true {
            throw TaskFailure(.invalidConfiguration, "a width of 0 learns nothing")
        }
        counts.withLock { $0[task, default: 0] += 1 }
        return FastPerformer.result(of: configuration)
    }
}

extension Coordinator.Limits {
    /// Impatient with silence, patient with leases: a loaded machine must not make tasks run twice.
    static let impatient = Coordinator.Limits(
        tickInterval: .milliseconds(20), heartbeatInterval: .milliseconds(50), lease: .seconds(120),
        storeRetryInterval: .milliseconds(50))
}

extension Worker.Limits {
    static let impatient = Worker.Limits(
        tickInterval: .milliseconds(20), heartbeatInterval: .milliseconds(50),
        silenceMax: .milliseconds(400), resendInterval: .milliseconds(200),
        progressInterval: .milliseconds(20), leaveGrace: .milliseconds(400))
}

/// A sweep in a temporary run directory, with coordinators and workers as threads of the test.
final class TestCluster {
    let folder: TemporaryFolder
    let directory: RunDirectory
    let store: SweepStore
    let tasks: [TrainingTask]
    private(set) var server: CoordinatorServer?
    private(set) var news: [CoordinatorServer.News] = []
    private(set) var workers: [RunningWorker] = []
    let sweep: SweepID

    init(taskCount: Int, failing: Set<Int> = []) throws {
        folder = try TemporaryFolder()
        directory = RunDirectory(folder.path + "/run")
        try directory.create()
        tasks = (0..<taskCount).map { index in
            var configuration: Setting = ["seed": .integer(index)]
            if failing.contains(index) { configuration["fails"] = .boolean(true) }
            return TrainingTask(
                configuration: configuration, environment: .null, axisValues: [.integer(index)])
        }
        let fingerprint = ContentHash(of: "test sweep of \(taskCount)")
        sweep = SweepID(fingerprint)
        store = try SweepStore.create(
            at: directory.store,
            SweepStore.Identity(name: "test", fingerprint: fingerprint, specification: "", program: "test"),
            at: .now)
        try store.insert(tasks)
    }

    deinit {
        for worker in workers { worker.process.halt() }
        for worker in workers { worker.thread.join() }
        server?.halt(keepingWrites: false)
    }

    /// Starts a coordinator on the state of the store and tells workers where it is.
    func startServer(
        keepingIn durable: (any DurableStore)? = nil, keys: KeyFolder? = nil,
        checkpoints: CheckpointFolder? = nil,
        limits: Coordinator.Limits = .impatient
    ) throws {
        let incarnation = try store.nextIncarnation()
        let tasks = tasks
        let server = try CoordinatorServer(
            ServedSweep(
                id: sweep, incarnation: incarnation,
                standings: try store.loadTasks().map { TaskStanding($0) }, task: { tasks[$0] }),
            keys: keys, store: durable ?? store, checkpoints: checkpoints, limits: limits)
        self.server = server
        try EndpointFile(
            endpoint: server.endpoint, curveKey: server.curveKey, sweep: sweep, incarnation: incarnation,
            host: "here", processID: 1
        ).write(to: directory.endpoint)
    }

    /// Ends the coordinator as a kill would: without a word, and without what was not written yet.
    func killServer() {
        server?.halt(keepingWrites: false)
        server = nil
    }

    @discardableResult
    func startWorker(
        _ performer: any TaskPerforming, key: WorkerKey? = nil, limits: Worker.Limits = .impatient,
        address: WorkerAddress? = nil
    ) throws -> RunningWorker {
        let worker = try RunningWorker(
            performer, directory: directory, key: key, limits: limits, address: address)
        workers.append(worker)
        return worker
    }

    /// Waits for the end of the sweep.
    func summary() throws -> Coordinator.Summary {
        try firstValue(of: "the end of the sweep") {
            news += server?.takeNews() ?? []
            for case .finished(let summary) in news { return summary }
            return nil
        }
    }

    /// The results in the store by task, each checked to stand once.
    func results() throws -> [TaskID: [UInt8]] {
        var results: [TaskID: [UInt8]] = [:]
        try store.forEachResult { result in
            precondition(results[result.task.id] == nil, "two results of one task")
            results[result.task.id] = result.bytes
        }
        return results
    }

    /// What an undisturbed run gives.
    var expectedResults: [TaskID: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: tasks.map { ($0.id, FastPerformer.result(of: $0.configuration).encoded()) })
    }
}

/// A worker in a thread of the test.
final class RunningWorker: Sendable {
    let process: WorkerProcess
    let thread: BackgroundThread
    private let outcome: Outcome

    private final class Outcome: Sendable {
        let value = Mutex<Result<Worker.Exit?, any Error>?>(nil)
    }

    init(
        _ performer: any TaskPerforming, directory: RunDirectory, key: WorkerKey? = nil,
        limits: Worker.Limits, address: WorkerAddress? = nil
    ) throws {
        let process = try WorkerProcess(
            WorkerProcess.Options(
                address: address ?? .run(directory), outboxes: directory.outboxes, build: "test",
                numericProfile: NumericProfile(blasCore: "none", blasVersion: "0", instructionSet: "none"),
                limits: limits, key: key, log: EventLog(path: directory.logs + "/workers.log")))
        let outcome = Outcome()
        self.process = process
        self.outcome = outcome
        thread = try BackgroundThread("worker") {
            let result = Result { try process.run(performer) }
            outcome.value.withLock { $0 = result }
        }
    }

    /// Ends the worker as a kill would.
    func kill() {
        process.halt()
        thread.join()
    }

    /// Waits for the worker to leave by itself.
    func exit() throws -> Worker.Exit? {
        let result = try firstValue(of: "a worker's leaving") { outcome.value.withLock { $0 } }
        thread.join()
        return try result.get()
    }
}

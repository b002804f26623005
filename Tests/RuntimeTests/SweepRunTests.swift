import Basics
import Coordination
import Foundation
import Messaging
import ResultStore
import Runtime
import SweepFiles
import Sweeps
import Synchronization
import Testing
import Workers

/// A schema of two keys, and sweeps over them.
private enum Example {
    static let schema = Schema(parts: [
        .section(
            Schema.Section(
                "model", "What learns.", options: [Option("width", .integer(1...64), standard: 1, "Units.")])),
        .option(Option("seed", .integer(0...100), standard: 0, "The origin of all random numbers.")),
    ])

    static func grid(name: String = "widths", seedCount: Int = 5) throws -> Grid {
        let text = """
            name: \(name)
            grid:
              model.width: [1, 2, 4]
              seed: [\((0..<seedCount).map(String.init).joined(separator: ", "))]
            """
        return try SweepFile(bytes: Array(text.utf8), file: "\(name).yaml", schema: schema).grid
    }

    static func options(_ output: Int32) -> SweepRun.Options {
        SweepRun.Options(
            workerCount: 0, workerArguments: { _ in [] }, limits: .impatient,
            cost: {
                SweepRun.PredictedCost(whole: $0.configuration["model.width"]?.asNumber ?? 1, stretch: 0)
            }, progressOutput: output)
    }
}

/// A run in a folder of its own whose coordinator works on a thread of the test.
private final class RunRig {
    let folder: TemporaryFolder
    let directory: RunDirectory
    private let devNull = open("/dev/null", O_WRONLY)
    private var workers: [RunningWorker] = []

    init() throws {
        folder = try TemporaryFolder()
        directory = RunDirectory(folder.path + "/run")
    }

    deinit {
        for worker in workers { worker.kill() }
        close(devNull)
    }

    /// Runs to the end with this many workers in the same process.
    func run(_ grid: Grid, workerCount: Int, _ performer: any TaskPerforming) throws -> SweepRun.Outcome {
        let opened = try OpenedRun.open(grid, in: directory, program: "test")
        return try run(opened, workerCount: workerCount, performer)
    }

    func run(
        _ opened: OpenedRun, workerCount: Int, _ performer: any TaskPerforming
    ) throws -> SweepRun.Outcome {
        for _ in 0..<workerCount {
            workers.append(try RunningWorker(performer, directory: directory, limits: .impatient))
        }
        let outcome = try SweepRun(opened, Example.options(devNull)).run()
        for worker in workers { worker.kill() }
        workers = []
        return outcome
    }

    func collect() throws -> [String: String] {
        let opened = try OpenedRun.open(directory, schema: Example.schema, for: .reading)
        let collector = try Collector(
            opened, columns: [Column("test_error", title: "test error")], layerMetrics: [],
            figures: ReportSpec())
        let files = try collector.writeTables()
        return files.tables.reduce(into: [:]) { texts, path in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            texts[name] = try? String(contentsOfFile: path, encoding: .utf8)
        }
    }
}

@Suite("Sweep run", .timeLimit(.minutes(10)))
struct SweepRunTests {
    @Test("a run does every task, and running it again does nothing")
    func twice() throws {
        let rig = try RunRig()
        let (grid, performer) = (try Example.grid(), FastPerformer())
        let first = try rig.run(grid, workerCount: 2, performer)
        #expect(first.reason == .completed)
        #expect(first.counts.done == 15)
        #expect(first.doneBefore == 0)
        #expect(first.exitCode == .done)
        let second = try rig.run(grid, workerCount: 0, performer)
        #expect(second.exitCode == .done)
        #expect(second.doneBefore == 15)
        #expect(performer.performed.count == 15)
        #expect(performer.performed.values.allSatisfy { $0 == 1 })
    }

    @Test("result files are the same bytes whatever the number of workers and interruptions")
    func sameBytes() throws {
        let grid = try Example.grid()
        let calm = try RunRig()
        _ = try calm.run(grid, workerCount: 1, FastPerformer())
        let stormy = try RunRig()
        let opened = try OpenedRun.open(grid, in: stormy.directory, program: "test")
        // A first life of the run that ends after some tasks, without a word.
        let standings = try opened.store.loadTasks().map { TaskStanding($0) }
        let incarnation = try opened.store.nextIncarnation()
        let sweep = SweepID(grid.fingerprint)
        let server = try CoordinatorServer(
            ServedSweep(id: sweep, incarnation: incarnation, standings: standings, task: { grid[$0] }),
            store: opened.store, limits: .impatient)
        try EndpointFile(
            endpoint: server.endpoint, sweep: sweep, incarnation: incarnation, host: "here", processID: 1
        ).write(to: stormy.directory.endpoint)
        let doomed = try RunningWorker(FastPerformer(), directory: stormy.directory, limits: .impatient)
        try eventually("some results") { try opened.store.counts().done >= 4 }
        server.halt(keepingWrites: false)
        doomed.kill()
        _ = try stormy.run(opened, workerCount: 3, FastPerformer())

        let (expected, found) = (try calm.collect(), try stormy.collect())
        for name in ["measurements.csv", "layers.csv", "summary.csv"] {
            let text = try #require(expected[name])
            #expect(text.utf8.count > 40)
            #expect(found[name] == text)
        }
        #expect(expected["provenance.csv"] != nil)
    }

    @Test("a run is continued from its directory alone")
    func resumed() throws {
        let rig = try RunRig()
        do { _ = try OpenedRun.open(try Example.grid(), in: rig.directory, program: "test") }
        let opened = try OpenedRun.open(rig.directory, schema: Example.schema, for: .writing)
        #expect(opened.grid.fingerprint == (try Example.grid()).fingerprint)
        let outcome = try rig.run(opened, workerCount: 1, FastPerformer())
        #expect(outcome.counts.done == 15)
    }

    @Test("the sweep is found again in the store when sweep.yaml is lost or holds another sweep")
    func lostSpecification() throws {
        let rig = try RunRig()
        do { _ = try OpenedRun.open(try Example.grid(), in: rig.directory, program: "test") }
        let fingerprint = try Example.grid().fingerprint
        let other = SweepFile.text(of: try Example.grid(name: "other", seedCount: 2).frozen)
        for text in ["", "name: [", other] {
            try AtomicFile.write(Array(text.utf8), to: rig.directory.sweepFile)
            let opened = try OpenedRun.open(rig.directory, schema: Example.schema, for: .reading)
            #expect(opened.grid.fingerprint == fingerprint)
        }
    }

    @Test("another sweep in the same directory is refused, and nothing is changed")
    func otherSweep() throws {
        let rig = try RunRig()
        do { _ = try OpenedRun.open(try Example.grid(), in: rig.directory, program: "test") }
        let before = try AtomicFile.read(rig.directory.sweepFile)
        let other = try Example.grid(name: "other", seedCount: 2)
        let error = #expect(throws: RunError.self) {
            _ = try OpenedRun.open(other, in: rig.directory, program: "test")
        }
        #expect(error == .otherSweep(directory: rig.directory.path, name: "widths"))
        #expect(error.map { ExitCode(for: $0) } == .configuration)
        #expect(try AtomicFile.read(rig.directory.sweepFile) == before)
    }

    @Test("what is drawn may change without becoming another sweep")
    func otherReport() throws {
        let rig = try RunRig()
        do { _ = try OpenedRun.open(try Example.grid(), in: rig.directory, program: "test") }
        var spec = try Example.grid().spec
        spec.report.heatmaps = [ReportSpec.Heatmap(x: "model.width", y: "epoch", value: "test-error")]
        let changed = try Grid(spec, schema: Example.schema)
        do { _ = try OpenedRun.open(changed, in: rig.directory, program: "test") }
        let opened = try OpenedRun.open(rig.directory, schema: Example.schema, for: .reading)
        #expect(opened.grid.spec.report == spec.report)
    }

    @Test("a run that another coordinator holds is refused for the time being")
    func locked() throws {
        let rig = try RunRig()
        let grid = try Example.grid()
        let holder = try OpenedRun.open(grid, in: rig.directory, program: "test")
        let error = #expect(throws: RunLock.Failure.self) {
            _ = try OpenedRun.open(grid, in: rig.directory, program: "test")
        }
        #expect(error.map { ExitCode(for: $0) } == .tryAgain)
        withExtendedLifetime(holder) {}
    }

    @Test("a directory without a sweep is missing input", arguments: [".", "nowhere"])
    func noSweep(name: String) throws {
        let rig = try RunRig()
        let directory = RunDirectory("\(rig.folder.path)/\(name)")
        let error = #expect(throws: RunError.self) {
            _ = try OpenedRun.open(directory, schema: Example.schema, for: .reading)
        }
        #expect(error?.exitCode == .missingInput)
        #expect(throws: RunError.noSweep(directory: directory.path)) { _ = try SweepStatus(of: directory) }
    }

    @Test("workers that cannot work end the run with what they said last")
    func hopelessWorkers() throws {
        let rig = try RunRig()
        let opened = try OpenedRun.open(try Example.grid(), in: rig.directory, program: "test")
        var options = Example.options(open("/dev/null", O_WRONLY))
        options.workerCount = 2
        options.workerExecutable = "/bin/sh"
        options.workerArguments = { _ in ["-c", "echo this machine has no AVX2; exit 78"] }
        let run = SweepRun(opened, options)
        let error = #expect(throws: RunError.self) { _ = try run.run() }
        guard case .noWorkers(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.hasSuffix("exited with code 78 and said last: this machine has no AVX2"))
        #expect(error?.exitCode == .unavailable)
    }

    @Test("every width has one seed before any has two, and of each round the dearest goes first")
    func order() throws {
        let rig = try RunRig()
        let recorder = Recorder()
        _ = try rig.run(try Example.grid(), workerCount: 1, recorder)
        let widths = recorder.widths.withLock { $0 }
        #expect(widths == [4, 1, 2, 4, 2, 1, 4, 2, 1, 4, 4, 2, 2, 1, 1])
    }

    @Test("a task whose worker is known to be dead is handed out again at once")
    func deadWorker() throws {
        let rig = try RunRig()
        let opened = try OpenedRun.open(try Example.grid(), in: rig.directory, program: "test")
        let dead = try { try Outbox(claimingIn: rig.directory.outboxes).name }()
        // A second slot died too; only one worker comes back, under the name of the first. Waiting for the other would
        // take two leases, which is longer than this test may take.
        try FileManager.default.createDirectory(
            atPath: "\(rig.directory.outboxes)/\(Host.name)-slot1", withIntermediateDirectories: true)
        _ = try opened.store.commit(
            zip(0..., [dead, "\(Host.name)-slot1"]).map { index, name in
                .attemptStarted(
                    Assignment(task: opened.grid[index].id, attempt: 1),
                    worker: SweepStore.Worker(name: name, host: Host.name, profile: "Haswell 0.3.21 avx2"))
            }, at: .now)
        let outcome = try rig.run(opened, workerCount: 1, FastPerformer())
        #expect(outcome.counts.done == 15)
        #expect(try opened.store.attempts(of: opened.grid[1].id).map(\.attempt) == [1, 2])
    }

    @Test("the status of a finished run tells counts, workers and that nobody works on it")
    func status() throws {
        let rig = try RunRig()
        _ = try rig.run(try Example.grid(), workerCount: 1, FastPerformer())
        let status = try SweepStatus(of: rig.directory)
        #expect(status.name == "widths")
        #expect(status.counts.done == 15)
        #expect(status.workers.map(\.resultCount) == [15])
        #expect(status.running.isEmpty)
        #expect(status.endpoint == nil)
        #expect(status.remaining?.expected == .zero)
    }

    @Test("a run can be read while a coordinator works on it")
    func statusMeanwhile() throws {
        let rig = try RunRig()
        let opened = try OpenedRun.open(try Example.grid(), in: rig.directory, program: "test")
        let worker = SweepStore.Worker(name: "alice", host: "node7", profile: "Haswell 0.3.21 avx2")
        let assignment = Assignment(task: opened.grid[0].id, attempt: 1)
        _ = try opened.store.commit([.attemptStarted(assignment, worker: worker)], at: .now)
        let status = try SweepStatus(of: rig.directory)
        #expect(status.counts.running == 1)
        #expect(status.running.map(\.task) == [assignment.task])
        #expect(status.running.map(\.worker) == ["alice"])
        #expect(status.coordinator?.processID == getpid())
    }

    @Test("deleted result files come back the same")
    func collectedAgain() throws {
        let rig = try RunRig()
        _ = try rig.run(try Example.grid(), workerCount: 2, FastPerformer())
        let first = try rig.collect()
        try FileManager.default.removeItem(atPath: rig.directory.results)
        let second = try rig.collect()
        #expect(first == second)
        #expect(first.keys.sorted() == ["layers.csv", "measurements.csv", "provenance.csv", "summary.csv"])
    }
}

/// Remembers in which order it was asked.
private final class Recorder: TaskPerforming {
    let widths = Mutex<[Int]>([])

    func perform(
        _ task: TaskID, configuration: Setting, environment: Setting, handover: TaskHandover,
        progress: (TaskProgress) -> Void, isCancelled: () -> Bool
    ) throws -> TaskResult {
        widths.withLock { $0.append(configuration["model.width"]?.asInteger ?? 0) }
        return FastPerformer.result(of: configuration)
    }
}

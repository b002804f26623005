import Basics
import Foundation
import ResultStore
import Runtime
import SweepFiles
import Sweeps
import Synchronization
import Testing

/// A sweep of three widths and some seeds, for tests that do not care what is trained.
enum Widths {
    static let schema = Schema(parts: [
        .section(
            Schema.Section(
                "model", "What learns.", options: [Option("width", .integer(1...64), standard: 1, "Units.")])),
        .option(Option("seed", .integer(0...100), standard: 0, "The origin of all random numbers.")),
    ])

    static func grid(seeds: ClosedRange<Int> = 0...2) throws -> Grid {
        let text = """
            name: widths
            grid:
              model.width: [1, 2, 4]
              seed: \(seeds.lowerBound)..\(seeds.upperBound)
            """
        return try SweepFile(bytes: Array(text.utf8), file: "widths.yaml", schema: schema).grid
    }
}

/// A run whose coordinator works on a thread of its own while the test steers it.
private final class SteeredRun {
    let folder: TemporaryFolder
    let directory: RunDirectory
    let performer = FastPerformer()
    private let devNull = open("/dev/null", O_WRONLY)
    private var workers: [RunningWorker] = []
    private var thread: BackgroundThread?
    private let outcome = Outcome()

    private final class Outcome: Sendable {
        let value = Mutex<Result<SweepRun.Outcome, any Error>?>(nil)
    }

    init(folderName: String = "run") throws {
        folder = try TemporaryFolder()
        directory = RunDirectory("\(folder.path)/\(folderName)")
    }

    deinit {
        performer.isGateOpen = true
        for worker in workers { worker.kill() }
        close(devNull)
    }

    var steering: RunSteering { RunSteering(directory, schema: Widths.schema) }

    func opened(_ grid: Grid? = nil) throws -> OpenedRun {
        try OpenedRun.open(try grid ?? Widths.grid(), in: directory, program: "test")
    }

    /// Starts to work on the run with one worker, and waits until it trains or has nothing to do.
    func start() throws {
        let opened = try opened()
        let options = SweepRun.Options(
            workerCount: 0, workerArguments: { _ in [] }, limits: .impatient, progressOutput: devNull)
        let outcome = outcome
        thread = try BackgroundThread("run") {
            let result = Result { try SweepRun(opened, options).run() }
            outcome.value.withLock { $0 = result }
        }
        workers.append(try RunningWorker(performer, directory: directory, limits: .impatient))
    }

    /// Waits until a task is in training behind the closed gate.
    func waitUntilTraining() throws {
        try eventually("a task in training") { performer.waitingCount.load(ordering: .relaxed) > 0 }
    }

    func end() throws -> SweepRun.Outcome {
        let result = try firstValue(of: "the end of the run") { outcome.value.withLock { $0 } }
        thread?.join()
        thread = nil
        return try result.get()
    }
}

@Suite("Steering a run", .timeLimit(.minutes(10)))
struct RunSteeringTests {
    @Test("what is paused under a coordinator waits, and is done once it is released")
    func pauseAndRelease() throws {
        let run = try SteeredRun()
        run.performer.isGateOpen = false
        try run.start()
        try run.waitUntilTraining()
        let paused = try run.steering.steer(.pause, where: "width>=2", reason: "the node is needed")
        #expect(paused == 6)
        run.performer.isGateOpen = true
        // Only what ran when it was paused, and the three tasks of width 1, come to an end.
        try eventually("the rest") {
            let counts = try SweepStatus(of: run.directory).counts
            return counts.open == 0 && counts.paused > 0
        }
        let live = try SweepStatus(of: run.directory).live
        #expect(live?.mode == "working")
        #expect(live?.workers.map(\.state) == ["idle"])
        #expect(try run.steering.steer(.unpause, where: nil, reason: "") > 0)
        #expect(try run.end().counts.done == 9)
    }

    @Test("what is cancelled under a coordinator is stopped, and the run ends without it")
    func cancel() throws {
        let run = try SteeredRun()
        run.performer.isGateOpen = false
        try run.start()
        try run.waitUntilTraining()
        let cancelled = try run.steering.steer(.cancel, where: nil, reason: "")
        #expect(cancelled == 9)
        let outcome = try run.end()
        #expect(outcome.counts.cancelled == 9)
        #expect(outcome.exitCode == .done)
        #expect(run.performer.performed.isEmpty)
    }

    @Test("what is steered while nobody works on the run holds for whoever does later")
    func withoutCoordinator() throws {
        let run = try SteeredRun()
        _ = try run.opened()
        #expect(try run.steering.steer(.pause, where: "width=4", reason: "") == 3)
        #expect(try run.steering.steer(.cancel, where: "seed=0 and width<4", reason: "") == 2)
        try run.start()
        let outcome = try run.end()
        #expect(outcome.counts.done == 4)
        #expect(outcome.counts.paused == 3)
        #expect(outcome.counts.cancelled == 2)
        #expect(outcome.exitCode == .tryAgain)
    }

    @Test("a dismissed worker leaves after what it trains")
    func dismiss() throws {
        let run = try SteeredRun()
        run.performer.isGateOpen = false
        try run.start()
        try run.waitUntilTraining()
        let names = try run.steering.dismiss(Host.name)
        #expect(names.count == 1)
        let error = #expect(throws: RunError.self) { try run.steering.dismiss("nobody") }
        #expect(error?.exitCode == .missingInput)
        run.performer.isGateOpen = true
        try eventually("the worker's leaving") {
            try SweepStatus(of: run.directory).live?.workers.isEmpty == true
        }
        _ = try run.steering.steer(.cancel, where: nil, reason: "")
        #expect(try run.end().counts.done >= 1)
    }

    @Test("a predicate that is not understood changes nothing, with a coordinator and without")
    func badPredicate() throws {
        let run = try SteeredRun()
        run.performer.isGateOpen = false
        try run.start()
        try run.waitUntilTraining()
        for _ in 0..<2 {
            let error = #expect(throws: RunError.self) {
                try run.steering.steer(.cancel, where: "widht=1", reason: "")
            }
            #expect(error?.exitCode == .usage)
            #expect(error?.description.contains("nearest known axis 'width'") == true)
            guard run.performer.isGateOpen == false else { break }
            run.performer.isGateOpen = true
            _ = try run.end()
        }
        #expect(run.performer.performed.count == 9)
    }

    @Test("a path too long for a socket is no obstacle")
    func longPath() throws {
        let run = try SteeredRun(folderName: String(repeating: "long", count: 40))
        run.performer.isGateOpen = false
        try run.start()
        try run.waitUntilTraining()
        let control = try #require(EndpointFile(contentsOf: run.directory.endpoint)?.control)
        #expect(control.hasPrefix("ipc:///tmp/descent-"))
        #expect(try run.steering.steer(.cancel, where: nil, reason: "") == 9)
        _ = try run.end()
        let isLeft = FileManager.default.fileExists(atPath: String(control.dropFirst("ipc://".count)))
        #expect(!isLeft)
    }

    @Test("nobody but the user may reach the coordinator's socket")
    func permissions() throws {
        let run = try SteeredRun()
        run.performer.isGateOpen = false
        try run.start()
        try run.waitUntilTraining()
        for (name, mode) in [("control", 0o700), ("control/socket", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(run.directory.path)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == mode)
        }
        run.performer.isGateOpen = true
        _ = try run.end()
    }

    @Test("a selection shows what would be touched, and touches nothing")
    func selection() throws {
        let run = try SteeredRun()
        _ = try run.opened()
        let selection = try run.steering.select(.cancel, where: "width=2 and seed<=1")
        #expect(selection.tasks.map(\.axisValues) == [[2, 0], [2, 1]])
        #expect(try SweepStatus(of: run.directory).counts.waiting == 9)
    }
}

@Suite("Growing and joining runs", .timeLimit(.minutes(10)))
struct RunGrowthTests {
    @Test("an extended run keeps its results and runs only what is new")
    func extend() throws {
        let run = try SteeredRun()
        try run.start()
        _ = try run.end()
        let opened = try run.opened()
        let larger = try Widths.grid(seeds: 1...4)
        let extending = RunExtension(opened, to: larger, program: "test")
        let plan = try extending.plan()
        #expect(plan.kept == 6)
        #expect(plan.keptDone == 6)
        #expect(plan.new == 6)
        #expect(plan.archived == 3)
        #expect(plan.archivedDone == 3)
        let extended = try extending.apply()
        let counts = try extended.store.counts()
        #expect([Int]([counts.done, counts.waiting]) == [6, 6])
        #expect(extended.store.audit(against: larger.map(\.id)).allSatisfy { $0.severity == .missing })
        let archived = try FileManager.default.contentsOfDirectory(atPath: run.directory.archive)
        let archive = try SweepStore.open(at: "\(run.directory.archive)/\(archived[0])", for: .reading)
        #expect(try archive.counts().done == 9)
        let reread = try OpenedRun.open(run.directory, schema: Widths.schema, for: .reading)
        #expect(reread.grid.map(\.id) == larger.map(\.id))
    }

    @Test("two halves of a sweep make the whole, byte by byte")
    func merge() throws {
        let (left, right, both) = (try SteeredRun(), try SteeredRun(), try SteeredRun())
        for (run, cancelled) in [(left, "width=4"), (right, "width=1 and seed>0")] {
            _ = try run.opened()
            _ = try run.steering.steer(.cancel, where: cancelled, reason: "")
            try run.start()
            _ = try run.end()
        }
        let opened = try [left, right].map {
            try OpenedRun.open($0.directory, schema: Widths.schema, for: .reading)
        }
        let report = try RunMerge(opened, schema: Widths.schema).merge(
            into: both.directory, program: "test")
        #expect([Int]([report.taskCount, report.resultCount, report.confirmedCount]) == [9, 9, 4])
        let merged = try OpenedRun.open(both.directory, schema: Widths.schema, for: .reading)
        #expect(merged.store.audit(against: merged.grid.map(\.id)).isEmpty)
    }

    @Test("runs that contradict each other are not joined, and the task is named")
    func contradiction() throws {
        let (left, right, both) = (try SteeredRun(), try SteeredRun(), try SteeredRun())
        let task = try Widths.grid()[0].id
        for (run, seed) in [(left, 1), (right, 2)] {
            let store = try run.opened().store
            let bytes = FastPerformer.result(of: ["seed": .integer(seed)]).encoded()
            let provenance = SweepStore.Provenance(
                worker: "alice", host: "node1", blasCore: "Haswell", threads: 1, started: .now, seconds: 1)
            _ = try store.commit(
                [
                    .result(
                        Assignment(task: task, attempt: 1), bytes: bytes, hash: ContentHash(of: bytes),
                        provenance)
                ], at: .now)
        }
        let opened = try [left, right].map {
            try OpenedRun.open($0.directory, schema: Widths.schema, for: .reading)
        }
        let merge = try RunMerge(opened, schema: Widths.schema)
        #expect(throws: RunError.contradiction([task])) {
            try merge.merge(into: both.directory, program: "test")
        }
        #expect(!both.directory.holdsSweep)
    }

    @Test("a verification finds the task whose bits have changed, and samples by seed")
    func verification() throws {
        let run = try SteeredRun()
        try run.start()
        _ = try run.end()
        let opened = try OpenedRun.open(run.directory, schema: Widths.schema, for: .reading)
        let verification = RunVerification(opened)
        let sample = try verification.sample(4, seed: 1)
        #expect(Set(sample).count == 4)
        #expect(try verification.sample(4, seed: 1) == sample)
        #expect(try verification.sample(nil, seed: 1).count == 9)
        let odd = opened.grid[3].id
        var different: [TaskID] = []
        try verification.compare(try verification.sample(nil, seed: 0)) { task in
            FastPerformer.result(of: task.id == odd ? ["seed": 77] : task.configuration)
        } body: { comparison in
            if !comparison.isEqual { different.append(comparison.task) }
            return true
        }
        #expect(different == [odd])
    }

    @Test("a task's story tells its attempts, and an ambiguous beginning is refused")
    func story() throws {
        let run = try SteeredRun()
        try run.start()
        _ = try run.end()
        let opened = try OpenedRun.open(run.directory, schema: Widths.schema, for: .reading)
        let story = try TaskStory(of: opened.grid[2].id.text, in: opened)
        #expect(story.summary == "is done after 1 attempt")
        #expect(story.attempts.map(\.outcome) == [.result])
        #expect(story.lastLines.contains { $0.contains("delivered") })
        let error = #expect(throws: RunError.self) { try TaskStory(of: "zz", in: opened) }
        #expect(error?.exitCode == .missingInput)
    }
}

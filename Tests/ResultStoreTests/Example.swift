import Basics
import Foundation
import ResultStore
import Sweeps

/// A small sweep and what happens in it.
enum Example {
    static let alice = SweepStore.Worker(name: "alice", host: "north", profile: "Haswell, avx2")
    static let bob = SweepStore.Worker(name: "bob", host: "south", profile: "SkylakeX, avx512")

    static let identity = SweepStore.Identity(
        name: "width", fingerprint: ContentHash(of: "width"), specification: "name: width\n",
        program: "1.0 (abc)")

    static func task(_ seed: Int) -> TrainingTask {
        TrainingTask(
            configuration: ["model": ["width": 8, "scale": 0.5], "seed": .integer(seed)],
            environment: ["dataset": ["path": "/data/\"digits\"\n"]], axisValues: [.integer(seed), 0.5])
    }

    static let tasks = (0..<5).map(task)

    static func first(_ seed: Int) -> Assignment { Assignment(task: tasks[seed].id, attempt: 1) }
    static func second(_ seed: Int) -> Assignment { Assignment(task: tasks[seed].id, attempt: 2) }

    static let noon = WallTime(milliseconds: 1_790_000_000_000)

    static let provenance = SweepStore.Provenance(
        worker: "alice", host: "north", blasCore: "Haswell", threads: 1, started: noon, seconds: 1.5)

    static func bytes(_ seed: Int) -> [UInt8] {
        TaskResult(
            columns: ["test_error"],
            measurements: [Measurement(epoch: 0, step: 0, scalars: [Double(seed) / 8])]
        ).encoded()
    }

    static func result(_ assignment: Assignment, _ bytes: [UInt8]) -> SweepStore.Write {
        .result(assignment, bytes: bytes, hash: ContentHash(of: bytes), provenance)
    }

    /// Task 0 is done, 1 failed, 2 runs its second attempt, 3 and 4 wait.
    static let story: [SweepStore.Write] = [
        .attemptStarted(first(0), worker: alice), .attemptStarted(first(1), worker: bob),
        .attemptStarted(first(2), worker: bob), result(first(0), bytes(0)),
        .failure(first(1), .crash, message: "signal 11", isFinal: true),
        .failure(first(2), .infrastructureLost, message: "bob is silent", isFinal: false),
        .attemptStarted(second(2), worker: alice),
    ]

    /// A store in a folder of its own with the whole story told.
    static func store(in folder: Folder) throws -> SweepStore {
        let store = try SweepStore.create(at: folder.path("sweep.sqlite"), identity, at: noon)
        try store.insert(tasks)
        _ = try store.nextIncarnation()
        _ = try store.commit(story, at: noon)
        return store
    }

    /// The standing of all tasks after ``story``.
    static let standing: [SweepStore.TaskRecord.State] = [
        .done(ContentHash(of: bytes(0))), .failed(.crash, message: "signal 11"), .running(worker: "alice"),
        .waiting,
        .waiting,
    ]
}

/// A temporary folder, removed with this value.
final class Folder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "descent-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
}

import Basics
import Foundation
import GRDB
import ResultStore
import Sweeps
import Synchronization
import TestSupport
import Testing

@Suite("SweepStore under faults")
struct StoreFaultTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test("keeps what it has on a full disk, says so, and takes the same writes when there is room")
    func fullDisk() throws {
        let store = try Example.store(in: folder)
        let before = try store.loadTasks()
        let large = [UInt8](repeating: 7, count: 100_000)
        let writes: [SweepStore.Write] = [
            .attemptStarted(Example.first(3), worker: Example.alice), Example.result(Example.first(3), large),
        ]
        try store.limitSize(toPages: 1)
        let error = #expect(throws: StoreError.self) { try store.commit(writes, at: Example.noon) }
        guard case .cannotCommit? = error else {
            Issue.record("\(error.debugDescription)")
            return
        }
        #expect(try store.loadTasks() == before)
        try store.limitSize(toPages: nil)
        #expect(try store.commit(writes, at: Example.noon) == [.stored, .stored])
        try store.checkEverything()
    }

    @Test("loses nothing that was committed when its process is killed")
    func killed() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let lock = try RunLock(path: StoreFaultTests.sharedFolder(of: getppid()) + ".lock")
            let path = StoreFaultTests.sharedFolder(of: getppid())
            let store = try SweepStore.create(at: path, Example.identity, at: Example.noon)
            try store.insert(Example.tasks)
            _ = try store.commit(Example.story, at: Example.noon)
            withExtendedLifetime(lock) { _ = kill(getpid(), SIGKILL) }
        }
        let path = StoreFaultTests.sharedFolder(of: getpid())
        defer {
            for suffix in ["", "-wal", "-shm", ".lock"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        }
        _ = try RunLock(path: path + ".lock")
        let store = try SweepStore.open(at: path, for: .writing)
        #expect(try store.loadTasks().map(\.state) == Example.standing)
        try store.checkEverything()
    }

    private static func sharedFolder(of process: pid_t) -> String {
        FileManager.default.temporaryDirectory.appending(path: "descent-killed-\(process).sqlite").path
    }

    @Test("takes over an empty file, which a kill may leave")
    func emptyFile() throws {
        try expectTakenOver { path in _ = FileManager.default.createFile(atPath: path, contents: Data()) }
    }

    @Test("takes over a file that a kill left between its header and its tables")
    func fileWithoutTables() throws {
        try expectTakenOver { path in
            let pool = try DatabasePool(path: folder.path("killed"))
            try withExtendedLifetime(pool) {
                for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: pool.path + suffix) {
                    try FileManager.default.copyItem(atPath: pool.path + suffix, toPath: path + suffix)
                }
            }
        }
    }

    private func expectTakenOver(_ leave: (_ path: String) throws -> Void) throws {
        let path = folder.path("sweep.sqlite")
        try leave(path)
        #expect(throws: StoreError.missing(path: path)) { try SweepStore.open(at: path, for: .writing) }
        let store = try SweepStore.create(at: path, Example.identity, at: Example.noon)
        #expect(try store.counts().total == 0)
    }

    @Test("tells apart what is missing, foreign, newer, and already there")
    func unusable() throws {
        let path = folder.path("sweep.sqlite")
        #expect(throws: StoreError.missing(path: path)) { try SweepStore.open(at: path, for: .reading) }
        try Example.store(in: folder).close()
        #expect(throws: StoreError.exists(path: path)) {
            try SweepStore.create(at: path, Example.identity, at: Example.noon)
        }
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
        try queue.close()
        let newer = StoreError.newer(path: path, version: 99, supported: SweepStore.formatVersion)
        #expect(throws: newer) { try SweepStore.open(at: path, for: .writing) }
        #expect(newer.exitCode == 78)
        let text = folder.path("notes.txt")
        _ = FileManager.default.createFile(atPath: text, contents: Data("notes".utf8))
        #expect(throws: StoreError.foreign(path: text)) { try SweepStore.open(at: text, for: .writing) }
    }

    @Test("leaves another program's database exactly as it was")
    func foreignDatabase() throws {
        let path = folder.path("other.sqlite")
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "CREATE TABLE notes (text)") }
        try queue.close()
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(throws: StoreError.foreign(path: path)) { try SweepStore.open(at: path, for: .writing) }
        #expect(throws: StoreError.foreign(path: path)) {
            try SweepStore.create(at: path, Example.identity, at: Example.noon)
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test(
        "reads the stores of all versions that are kept in the repository",
        arguments: 1...SweepStore.formatVersion)
    func versions(version: Int) throws {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/store-v\(version).sqlite")
        // Only older programs could write the older ones anew.
        let isOwn = version == SweepStore.formatVersion
        if isOwn, ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
            try Example.store(in: folder).close()
            try? FileManager.default.removeItem(at: fixture)
            try FileManager.default.copyItem(atPath: folder.path("sweep.sqlite"), toPath: fixture.path)
        }
        let path = folder.path("fixture.sqlite")
        try FileManager.default.copyItem(atPath: fixture.path, toPath: path)
        let store = try SweepStore.open(at: path, for: .writing)
        try store.checkEverything()
        #expect(store.identity == Example.identity)
        #expect(try store.loadTasks().map(\.state) == Example.standing)
        #expect(try store.task(at: 4) == Example.tasks[4])
        #expect(try store.nextIncarnation() == 2)
        let audit = store.audit(against: Example.tasks.map(\.id))
        #expect(audit.allSatisfy { $0.severity == .missing }, "\(audit)")
        #expect(try store.attempts(of: Example.tasks[2].id).map(\.worker.name) == ["bob", "alice"])
        #expect(try store.hold(on: Example.tasks[4].id)?.reason == (version == 2 ? "later" : nil))
    }

    // MARK: Damage

    /// What a reader takes from a store and what decides the files made from it.
    private struct Contents: Equatable {
        var ids: [TaskID] = []
        var attempts: [UInt32] = []
        var hashes: [ContentHash?] = []
        var tasks: [TrainingTask] = []
        var bytes: [[UInt8]] = []

        init(path: String) throws {
            let store = try SweepStore.open(at: path, for: .writing)
            for record in try store.loadTasks() {
                ids.append(record.id)
                attempts.append(record.attempts)
                if case .done(let hash) = record.state { hashes.append(hash) } else { hashes.append(nil) }
            }
            try store.forEachResult { result in
                tasks.append(result.task)
                bytes.append(result.bytes)
            }
            try store.close()
        }
    }

    /// Stores damaged in many ways give what was written or a ``StoreError``, and nothing in between.
    private func expectHonesty(_ damage: [(name: String, bytes: Data)]) throws {
        let path = folder.path("sweep.sqlite")
        let truth = try Contents(path: path)
        for (name, bytes) in damage {
            let copy = folder.path("damaged.sqlite")
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
            try bytes.write(to: URL(filePath: copy))
            do {
                let isTrue = try Contents(path: copy) == truth
                #expect(isTrue, "\(name): other contents were taken for the truth")
            } catch {
                #expect(error is StoreError, "\(name): \(error)")
            }
        }
    }

    @Test("reports every truncation, and never traps")
    func truncation() throws {
        try Example.store(in: folder).close()
        let whole = try Data(contentsOf: URL(filePath: folder.path("sweep.sqlite")))
        let counts = stride(from: 0, to: whole.count, by: 4096).flatMap { [$0, $0 + 1, $0 + 99, $0 + 2048] }
        for count in counts {
            let copy = folder.path("truncated.sqlite")
            try whole.prefix(count).write(to: URL(filePath: copy))
            #expect(throws: StoreError.self, "the first \(count) bytes") { try Contents(path: copy) }
        }
    }

    @Test("a task that claims fewer attempts than were stored is damage", arguments: [0, 1, 3])
    func attemptsForgotten(claimed: Int) throws {
        let path = folder.path("sweep.sqlite")
        let store = try Example.store(in: folder)
        let task = Example.tasks[2].id
        #expect(try store.record(of: task)?.attempts == 2)
        try store.close()
        let database = try DatabaseQueue(path: path)
        try database.write { db in
            try db.execute(
                sql: "PRAGMA ignore_check_constraints = 1; UPDATE tasks SET attempts = ? WHERE id = ?",
                arguments: [claimed, task.text])
        }
        try database.close()
        let damaged = try SweepStore.open(at: path, for: .writing)
        #expect(throws: StoreError.self) { try damaged.loadTasks() }
        #expect(throws: StoreError.self) { try damaged.loadTasks(knowing: Example.tasks.map(\.id)) }
        #expect(throws: StoreError.self) { try damaged.record(of: task) }
    }

    @Test("gives what was written or an error, whichever bit of the file flips", arguments: seeds(8))
    func flippedBits(seed: UInt64) throws {
        try Example.store(in: folder).close()
        let whole = try Data(contentsOf: URL(filePath: folder.path("sweep.sqlite")))
        // Most of a page is empty; bits are drawn among those bytes that hold something.
        let used = whole.indices.filter { whole[$0] != 0 }
        var generator = SeededGenerator(seed: seed, stream: "flipped bits")
        let damage = (0..<40).map { _ in
            var bytes = whole
            let index = used[Int.random(in: 0..<used.count, using: &generator)]
            let bit = UInt8.random(in: 0..<8, using: &generator)
            bytes[index] ^= 1 << bit
            return ("bit \(bit) of byte \(index), SEED=\(seed)", bytes)
        }
        try expectHonesty(damage)
    }
}

@Suite("RunLock")
struct RunLockTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test("is held once, and its second taker learns by whom")
    func heldOnce() throws {
        let path = folder.path("sweep.lock")
        let holder = RunLock.Holder(
            host: "north", processID: 4711, bootID: "b", since: "2026-01-01T00:00:00.000Z")
        let lock = try RunLock(path: path, holder: holder)
        let failure = #expect(throws: RunLock.Failure.self) { try RunLock(path: path) }
        #expect(failure == .held(path: path, by: holder))
        #expect(failure?.description.contains("a coordinator on north, process 4711") == true)
        withExtendedLifetime(lock) {}
    }

    @Test("can be taken as soon as its holder lets go")
    func released() throws {
        let path = folder.path("sweep.lock")
        var lock: RunLock? = try RunLock(path: path)
        #expect(RunLock.readHolder(path)?.processID == getpid())
        lock = nil
        #expect(lock == nil)
        #expect(RunLock.readHolder(path) == nil)
        _ = try RunLock(path: path)
    }

    @Test("a command that holds it for a moment is waited for, a coordinator is not")
    func heldForAMoment() throws {
        let path = folder.path("sweep.lock")
        var moment: RunLock? = try RunLock(path: path, holder: .current(for: .changing))
        let taker = LockTaker(path)
        try taker.waitUntilItTries()
        moment = nil
        #expect(moment == nil)
        let lock = try taker.result()
        #expect(RunLock.readHolder(path)?.purpose == .coordinating)
        let failure = #expect(throws: RunLock.Failure.self) { try RunLock(path: path) }
        #expect(failure?.exitCode == 75)
        withExtendedLifetime(lock) {}
    }

    @Test("a dead holder's name does not stand for whoever has taken the lock since")
    func nameOfTheDead() throws {
        let path = folder.path("sweep.lock")
        let stale = #"{"bootID":"old","host":"HOST","processID":1,"since":"2020-01-01T00:00:00.000Z"}"#
        let text = stale.replacing("HOST", with: RunLock.Holder.current.host)
        try Data(text.utf8).write(to: URL(filePath: path))
        // Somebody has the lock and has not said so yet.
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(flock(descriptor, LOCK_EX) == 0)
        let taker = LockTaker(path)
        try taker.waitUntilItTries()
        close(descriptor)
        let lock = try taker.result()
        #expect(RunLock.readHolder(path)?.processID == getpid())
        withExtendedLifetime(lock) {}
    }

    @Test("outlives what a crashed holder left in the file")
    func staleContents() throws {
        let path = folder.path("sweep.lock")
        let stale = #"{"bootID":"old","host":"north","processID":1,"since":"2020-01-01T00:00:00.000Z"}"#
        try Data(stale.utf8).write(to: URL(filePath: path))
        let lock = try RunLock(path: path)
        #expect(RunLock.readHolder(path)?.processID == getpid())
        withExtendedLifetime(lock) {}
    }

    @Test("says why a folder cannot be locked")
    func noFolder() {
        let failure = #expect(throws: RunLock.Failure.self) { try RunLock(path: "/nowhere/sweep.lock") }
        #expect(failure?.exitCode == 74)
    }
}

/// Takes a lock on a thread of its own.
private final class LockTaker: Sendable {
    private let path: String
    private let outcome = Mutex<Result<RunLock, RunLock.Failure>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init(_ path: String) {
        self.path = path
        Thread { [self] in
            let result = Result { () throws(RunLock.Failure) in try RunLock(path: path) }
            outcome.withLock { $0 = result }
            ended.signal()
        }.start()
    }

    private struct Impatience: Error {}

    /// Waits until the file is open twice: by whoever has the lock, and by the taker.
    func waitUntilItTries() throws {
        let deadline = ContinuousClock.now + .seconds(10)
        let real = URL(filePath: path).resolvingSymlinksInPath().path
        while ContinuousClock.now < deadline {
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == real
            }
            if open == 2 { return }
            usleep(1_000)
        }
        throw Impatience()
    }

    func result() throws -> RunLock {
        ended.wait()
        guard let result = outcome.withLock({ $0 }) else { throw Impatience() }
        return try result.get()
    }
}

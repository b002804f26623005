import Basics
import Foundation
import Messaging
import ResultStore
import Runtime
import Sweeps
import Synchronization
import Testing
import ZeroMQ

/// Something that holds a run as a coordinator does, listens when the test says so, and dies when the test says so.
private final class PretendedCoordinator {
    private let directory: RunDirectory
    /// Has the process number that the coordinator is known by.
    private let process: ChildProcess
    private var isDead = false
    private let router: Socket
    private let address: String

    init(of directory: RunDirectory) throws {
        self.directory = directory
        process = try ChildProcess.start(
            "/bin/sleep", name: "sleep", ["600"], standardInput: 0, output: "/dev/null")
        address = "ipc:///tmp/descent-pretended-\(UUID().uuidString).ipc"
        router = try Socket(.router, in: try Context())
        try router.bind(to: address)
        let here = RunLock.Holder.current
        let holder = RunLock.Holder(
            host: here.host, processID: process.processID, bootID: here.bootID, since: here.since)
        try JSONEncoder().encode(holder).write(to: URL(filePath: directory.lock))
    }

    deinit { die() }

    func listen() throws {
        try EndpointFile(
            endpoint: "tcp://127.0.0.1:1", sweep: SweepID(1), incarnation: 1, host: Host.name,
            processID: Int(process.processID), control: address
        ).write(to: directory.endpoint)
    }

    /// Waits for the next request and leaves it unanswered.
    func hear() throws -> [[UInt8]] {
        try firstValue(of: "a request") { try router.receive()?.frames }
    }

    func answer(_ request: [[UInt8]], _ json: String) throws {
        _ = try router.send([request[0], Array(json.utf8)])
    }

    func die() {
        if isDead { return }
        isDead = true
        process.send(signal: SIGKILL)
        var status: Int32 = 0
        waitpid(process.processID, &status, 0)
    }
}

/// Steers a run of nine tasks on a thread of its own, while the test is its coordinator.
private final class Steersman: Sendable {
    private let outcome = Mutex<Result<Int, any Error>?>(nil)

    init(_ steering: RunSteering) throws {
        let thread = Thread { [self] in
            let result = Result { try steering.steer(.pause, where: "width>=2", reason: "") }
            outcome.withLock { $0 = result }
        }
        thread.start()
    }

    func count() throws -> Int {
        try firstValue(of: "the end of the command") { outcome.withLock { $0 } }.get()
    }
}

@Suite("A run that changes hands while it is steered", .timeLimit(.minutes(10)))
struct ChangingHandsTests {
    private let folder: TemporaryFolder
    private let directory: RunDirectory
    private let steering: RunSteering

    init() throws {
        folder = try TemporaryFolder()
        directory = RunDirectory("\(folder.path)/run")
        steering = RunSteering(directory, schema: Widths.schema)
        _ = try OpenedRun.open(try Widths.grid(), in: directory, program: "test")
    }

    private func pausedCount() throws -> Int {
        try SweepStore.open(at: directory.store, for: .reading).counts().paused
    }

    @Test("a coordinator that does not listen yet is waited for; the address of a dead one is not its")
    func notListeningYet() throws {
        let (dead, coordinator) = (
            try PretendedCoordinator(of: directory), try PretendedCoordinator(of: directory)
        )
        try dead.listen()
        dead.die()
        let steersman = try Steersman(steering)
        try coordinator.listen()
        let request = try coordinator.hear()
        try coordinator.answer(request, #"{"taskCount":4711}"#)
        #expect(try steersman.count() == 4711)
        #expect(try pausedCount() == 0)
    }

    @Test("a coordinator that dies before it has answered leaves the wish to the store")
    func diedBeforeAnswer() throws {
        let coordinator = try PretendedCoordinator(of: directory)
        try coordinator.listen()
        let steersman = try Steersman(steering)
        _ = try coordinator.hear()
        coordinator.die()
        #expect(try steersman.count() == 6)
        #expect(try pausedCount() == 6)
    }

    @Test("a coordinator that comes after the one that was asked is asked again")
    func askedAgain() throws {
        let first = try PretendedCoordinator(of: directory)
        try first.listen()
        let steersman = try Steersman(steering)
        _ = try first.hear()
        let second = try PretendedCoordinator(of: directory)
        try second.listen()
        first.die()
        let request = try second.hear()
        try second.answer(request, #"{"taskCount":3}"#)
        #expect(try steersman.count() == 3)
    }

    @Test("a coordinator whose sweep has just ended is waited for, and the store is steered after it")
    func justEnded() throws {
        let coordinator = try PretendedCoordinator(of: directory)
        try coordinator.listen()
        let steersman = try Steersman(steering)
        let request = try coordinator.hear()
        try coordinator.answer(request, #"{"problem":"the sweep has just ended","exitCode":75}"#)
        coordinator.die()
        #expect(try steersman.count() == 6)
    }
}

import Basics
import Coordination
import Glibc
import Messaging
import Runtime
import Sweeps
import Synchronization
import Testing
import Workers

@Suite("The coordinator's checkpoints")
struct CheckpointStoreTests {
    static let task = TaskID(of: "task")

    /// A checkpoint whose state names its own hash and that of its weights, as training writes it.
    static func checkpoint(epoch: Int) -> TaskCheckpoint {
        let weights = Array("parameters after \(epoch)".utf8)
        let blank = String(repeating: "0", count: 64)
        let text = { (hash: String) in
            "{\"hash\":\"\(hash)\",\"weights\":\"\(ContentHash(of: weights).hexadecimal)\"} moments"
        }
        let hash = ContentHash(of: Array(text(blank).utf8)).hexadecimal
        return TaskCheckpoint(epoch: epoch, weights: weights, state: Array(text(hash).utf8))
    }

    @Test("a checkpoint with any byte flipped is not whole")
    func flipped() {
        let whole = Self.checkpoint(epoch: 3)
        #expect(whole.isWhole)
        for index in whole.weights.indices {
            var weights = whole.weights
            weights[index] ^= 1
            let isWhole = TaskCheckpoint(epoch: 3, weights: weights, state: whole.state).isWhole
            #expect(!isWhole, "byte \(index) of the weights")
        }
        for index in whole.state.indices {
            var state = whole.state
            state[index] ^= 1
            let isWhole = TaskCheckpoint(epoch: 3, weights: whole.weights, state: state).isWhole
            #expect(!isWhole, "byte \(index) of the state")
        }
    }

    @Test("a task goes on elsewhere from the checkpoint that its worker brought, whose files then go")
    func handover() throws {
        let cluster = try TestCluster(taskCount: 1)
        let folder = CheckpointFolder(cluster.directory.checkpoints)
        try cluster.startServer(checkpoints: folder)
        let alice = HandingPerformer()
        let first = try cluster.startWorker(alice)
        let task = cluster.tasks[0].id
        try eventually("a checkpoint has come") { folder.epochs(of: task) == [3] }
        first.process.send(.handBack)
        #expect(try first.exit() == .commanded)
        let bob = HandingPerformer()
        bob.isLast = true
        try cluster.startWorker(bob)
        #expect(try cluster.summary().counts.done == 1)
        #expect(alice.received == [nil])
        #expect(bob.received == [3])
        try eventually("its checkpoints are gone") { folder.epochs(of: task).isEmpty }
    }

    @Test("where the newest checkpoint is damaged on the disk the one before it is sent")
    func damaged() throws {
        let cluster = try TestCluster(taskCount: 1)
        let folder = CheckpointFolder(cluster.directory.checkpoints)
        try cluster.startServer(checkpoints: folder)
        let alice = HandingPerformer()
        let first = try cluster.startWorker(alice)
        let task = cluster.tasks[0].id
        try eventually("a checkpoint has come") { folder.epochs(of: task) == [3] }
        first.process.send(.handBack)
        #expect(try first.exit() == .commanded)
        let whole = Self.checkpoint(epoch: 5)
        try folder.keep(
            TaskCheckpoint(epoch: 5, weights: whole.weights, state: whole.state.dropLast()), of: task)
        let bob = HandingPerformer()
        bob.isLast = true
        try cluster.startWorker(bob)
        #expect(try cluster.summary().counts.done == 1)
        #expect(bob.received == [3])
    }
}

/// Brings a checkpoint after its third epoch and trains on until it is stopped, or ends at once.
private final class HandingPerformer: TaskPerforming {
    private let state = Mutex<(received: [Int?], isLast: Bool)>(([], false))

    /// From which epochs it was to go on.
    var received: [Int?] { state.withLock { $0.received } }

    /// Whether it trains to the end.
    var isLast: Bool {
        get { state.withLock { $0.isLast } }
        set { state.withLock { $0.isLast = newValue } }
    }

    func perform(
        _ task: TaskID, configuration: Setting, environment: Setting, handover: TaskHandover,
        progress: (TaskProgress) -> Void, isCancelled: () -> Bool
    ) throws -> TaskResult {
        state.withLock { $0.received.append(handover.checkpoint?.epoch) }
        if isLast { return FastPerformer.result(of: configuration) }
        handover.carry(CheckpointStoreTests.checkpoint(epoch: 3))
        while !isCancelled() { usleep(1000) }
        throw CancellationError()
    }
}

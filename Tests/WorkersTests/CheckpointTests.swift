import Basics
import Messaging
import Sweeps
import Testing
import Workers

@Suite("Checkpoints, as workers bring and fetch them")
struct CheckpointTests {
    static let assignment = WorkerRig.assignment(0)
    static let bytes: [UInt8] = (0..<10).map { UInt8($0) }
    static let seal = CheckpointSeal(epoch: 4, of: bytes)

    /// A worker that trains, with a coordinator that takes checkpoints.
    static func training(bytesMax: Int = 1000) -> WorkerRig {
        var limits = Worker.Limits.standard
        limits.checkpointChunkBytes = 6
        var rig = WorkerRig(limits: limits)
        _ = rig.tell(.connected)
        _ = rig.hear(
            .welcome(
                Welcome(
                    heartbeatInterval: .seconds(2), lease: .seconds(20), verdicts: [],
                    checkpointBytesMax: bytesMax)))
        _ = rig.hear(.task(WorkerRig.order(0)))
        return rig
    }

    /// A worker that was given a task with checkpoints of an earlier attempt.
    static func fetching(_ epochs: [Int] = [4, 2]) -> (rig: WorkerRig, done: [Done]) {
        var rig = WorkerRig.welcomed()
        var order = WorkerRig.order(0)
        order.checkpoints = epochs
        let done = rig.hear(.task(order))
        return (rig, done)
    }

    static func chunk(_ offset: Int, _ count: Int, seal: CheckpointSeal = seal) -> CoordinatorMessage {
        .checkpointChunk(
            CheckpointChunk(
                assignment, seal: seal, offset: offset, bytes: Array(bytes[offset..<offset + count])))
    }

    static func wanted(_ epoch: Int, _ offset: Int) -> CheckpointRequest {
        CheckpointRequest(assignment, epoch: epoch, offset: offset)
    }

    @Test("a checkpoint is offered, and sent in the pieces that are asked for")
    func upload() {
        var rig = Self.training()
        let offered = rig.tell(.checkpointed(Self.assignment, Self.seal, bytes: Self.bytes))
        #expect(offered == [.send(.checkpoint(Self.assignment, Self.seal))])
        let first = rig.hear(.checkpointWanted(Self.wanted(4, 0)))
        let second = rig.hear(.checkpointWanted(Self.wanted(4, 6)))
        let pieces = (first + second).compactMap { done -> CheckpointChunk? in
            if case .send(.checkpointChunk(let chunk)) = done { chunk } else { nil }
        }
        #expect(pieces.flatMap(\.bytes) == Self.bytes)
        #expect(pieces.map(\.offset) == [0, 6])
        let taken = rig.hear(.checkpointTaken(Self.assignment, epoch: 4, isKept: true))
        #expect(taken == [.safe(Self.assignment, 4)])
        let later = rig.hear(.checkpointWanted(Self.wanted(4, 0)))
        #expect(later.isEmpty)
    }

    @Test("an offer that nobody answers is made again, in the next session too, and only of the newest")
    func offersAgain() {
        var rig = Self.training()
        _ = rig.tell(.checkpointed(Self.assignment, Self.seal, bytes: Self.bytes))
        let newer = CheckpointSeal(epoch: 6, of: Self.bytes)
        _ = rig.tell(.checkpointed(Self.assignment, newer, bytes: Self.bytes))
        let waited = rig.wait(.seconds(3))
        #expect(waited.contains(.send(.checkpoint(Self.assignment, newer))))
        #expect(!waited.contains(.send(.checkpoint(Self.assignment, Self.seal))))
        // What is asked for by its old name is not sent.
        let old = rig.hear(.checkpointWanted(Self.wanted(4, 0)))
        #expect(old.isEmpty)
    }

    @Test("nothing is offered to a coordinator that takes none, or none so large", arguments: [0, 9])
    func tooLarge(bytesMax: Int) {
        var rig = Self.training(bytesMax: bytesMax)
        let offered = rig.tell(.checkpointed(Self.assignment, Self.seal, bytes: Self.bytes))
        #expect(offered.isEmpty)
    }

    @Test("a task with checkpoints starts when the newest has come, piece by piece")
    func fetch() {
        var (rig, done) = Self.fetching()
        #expect(done == [.send(.checkpointWanted(Self.wanted(4, 0)))])
        #expect(rig.hear(Self.chunk(0, 6)) == [.send(.checkpointWanted(Self.wanted(4, 6)))])
        // The same again, and one from further on, change nothing.
        #expect(rig.hear(Self.chunk(0, 6)).isEmpty)
        #expect(rig.hear(Self.chunk(8, 2)).isEmpty)
        #expect(rig.hear(Self.chunk(6, 4)) == [.resume(Self.assignment, Self.bytes)])
    }

    @Test("a piece that was lost is asked for again")
    func lostPiece() {
        var (rig, _) = Self.fetching()
        _ = rig.hear(Self.chunk(0, 6))
        let waited = rig.wait(.seconds(3))
        #expect(waited.contains(.send(.checkpointWanted(Self.wanted(4, 6)))))
    }

    @Test("where the newest is gone or has another hash, the one before is fetched, and then none")
    func goesBack() {
        var (rig, _) = Self.fetching()
        let lie = CheckpointSeal(epoch: 4, byteCount: 10, contentHash: ContentHash(of: "other"))
        #expect(rig.hear(Self.chunk(0, 10, seal: lie)) == [.send(.checkpointWanted(Self.wanted(2, 0)))])
        let gone = rig.hear(.checkpointGone(Self.assignment, epoch: 2))
        #expect(gone == [.start(Self.assignment)])
    }

    @Test("a coordinator that sends nothing does not keep a task waiting for ever")
    func patience() {
        var (rig, _) = Self.fetching()
        #expect(!rig.wait(.seconds(50)).contains(.start(Self.assignment)))
        #expect(rig.wait(.seconds(20)).contains(.start(Self.assignment)))
    }

    @Test("a piece larger than a worker has room for is not taken")
    func hugePiece() {
        var (rig, _) = Self.fetching()
        let huge = CheckpointSeal(epoch: 4, byteCount: 1 << 40, contentHash: Self.seal.contentHash)
        #expect(rig.hear(Self.chunk(0, 6, seal: huge)).isEmpty)
    }

    @Test("a worker whose machine goes away hands over its state before it gives the task back")
    func handsBack() {
        var rig = Self.training()
        let asked = rig.tell(.command(.handBack))
        #expect(asked.contains(.interrupt(Self.assignment)))
        _ = rig.tell(.checkpointed(Self.assignment, Self.seal, bytes: Self.bytes))
        let stopped = rig.tell(.interrupted(Self.assignment))
        #expect(stopped.isEmpty)
        let taken = rig.hear(.checkpointTaken(Self.assignment, epoch: 4, isKept: true))
        #expect(
            taken == [
                .safe(Self.assignment, 4), .send(.release([Self.assignment], .drained)), .send(.goodbye),
                .exit(.commanded),
            ])
    }

    @Test("without a state that is worth keeping the task is given back as soon as it has stopped")
    func handsBackNothing() {
        var rig = Self.training()
        _ = rig.tell(.command(.handBack))
        let stopped = rig.tell(.interrupted(Self.assignment))
        #expect(
            stopped == [.send(.release([Self.assignment], .drained)), .send(.goodbye), .exit(.commanded)])
    }

    @Test("a state that does not arrive in time, or an epoch that does not end, keeps nobody from leaving")
    func handsBackInTime() {
        var rig = Self.training()
        _ = rig.tell(.command(.handBack))
        let waited = rig.wait(.seconds(18))
        #expect(waited.contains(.cancel(Self.assignment)))
        #expect(waited.contains(.send(.release([Self.assignment], .drained))))
        #expect(waited.last == .exit(.commanded))
    }

    @Test("a task that ends while it is being interrupted is delivered, not given back")
    func endsMeanwhile() {
        var rig = Self.training()
        _ = rig.tell(.command(.handBack))
        let ended = rig.tell(.ended(WorkerRig.result(0)))
        #expect(ended.contains(.keep(Self.assignment)))
        let done = rig.hear(.resultAck(Self.assignment, .recorded))
        #expect(done.last == .exit(.commanded))
    }
}

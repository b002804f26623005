import Basics
import Coordination
import Messaging
import Sweeps
import Testing

@Suite("Checkpoints, as the coordinator takes and gives them")
struct CheckpointTests {
    static let bytes: [UInt8] = (0..<10).map { UInt8($0) }
    static let seal = CheckpointSeal(epoch: 4, of: bytes)
    static let first = Rig.assignment(0)

    /// Alice trains task 0.
    static func training(limits: Coordinator.Limits = .standard) -> Rig {
        var rig = Rig(Rig.tasks(1), limits: limits)
        _ = rig.join("alice")
        _ = rig.commit()
        return rig
    }

    static func chunk(_ offset: Int, _ count: Int, _ assignment: Assignment = first) -> WorkerMessage {
        .checkpointChunk(
            CheckpointChunk(
                assignment, seal: seal, offset: offset, bytes: Array(bytes[offset..<offset + count])))
    }

    static func wanted(_ offset: Int, to session: SessionID = Rig.alice) -> Said {
        .send(.checkpointWanted(CheckpointRequest(first, epoch: 4, offset: offset)), to: session)
    }

    @Test("a checkpoint is taken piece by piece, and acknowledged when it is on the disk")
    func upload() {
        var rig = Self.training()
        #expect(rig.say(.checkpoint(Self.first, Self.seal)) == [Self.wanted(0)])
        #expect(rig.say(Self.chunk(0, 6)) == [Self.wanted(6)])
        // Doubled and overtaking pieces change nothing.
        #expect(rig.say(Self.chunk(0, 6)).isEmpty)
        #expect(rig.say(Self.chunk(8, 2)).isEmpty)
        #expect(rig.say(Self.chunk(6, 4)) == [.keepCheckpoint(Self.seal, Self.bytes, Self.first)])
        let stored = rig.tell(.checkpointStored(Self.first, epoch: 4, problem: nil))
        #expect(
            stored == [.send(.checkpointTaken(Self.first, epoch: 4, isKept: true), to: Rig.alice)])
        // A lost acknowledgement comes again, without the bytes.
        #expect(rig.say(.checkpoint(Self.first, Self.seal)) == stored)
    }

    @Test("a disk that is full costs the checkpoint and nothing else")
    func fullDisk() {
        var rig = Self.training()
        _ = rig.say(.checkpoint(Self.first, Self.seal))
        _ = rig.say(Self.chunk(0, 10))
        let stored = rig.tell(.checkpointStored(Self.first, epoch: 4, problem: "no space left on device"))
        #expect(
            stored == [.send(.checkpointTaken(Self.first, epoch: 4, isKept: false), to: Rig.alice)])
    }

    @Test("a piece that was lost is asked for again when the worker offers again")
    func lostPiece() {
        var rig = Self.training()
        _ = rig.say(.checkpoint(Self.first, Self.seal))
        _ = rig.say(Self.chunk(0, 6))
        _ = rig.wait(.seconds(2), beating: [Rig.alice: [Self.first]])
        #expect(rig.say(.checkpoint(Self.first, Self.seal)) == [Self.wanted(6)])
    }

    @Test("an attempt that is not the newest leaves no checkpoint, and gets none")
    func fenced() {
        var rig = Self.training()
        _ = rig.say(.checkpoint(Self.first, Self.seal))
        _ = rig.say(Self.chunk(0, 6))
        // Alice falls silent; bob gets the task.
        _ = rig.wait(.seconds(41))
        _ = rig.join("bob", from: Rig.bob)
        _ = rig.commit()
        _ = rig.join("alice")
        #expect(rig.say(Self.chunk(6, 4)).isEmpty)
        #expect(rig.say(.checkpoint(Self.first, Self.seal)).isEmpty)
        #expect(rig.say(.checkpointWanted(CheckpointRequest(Self.first, epoch: 2, offset: 0))).isEmpty)
        let second = Rig.assignment(0, 2)
        let request = CheckpointRequest(second, epoch: 2, offset: 0)
        #expect(
            rig.say(.checkpointWanted(request), from: Rig.bob) == [.readCheckpoint(request, for: Rig.bob)])
    }

    @Test("what is larger than allowed is refused before anything is allocated for it")
    func tooLarge() {
        var rig = Self.training()
        let huge = CheckpointSeal(epoch: 4, byteCount: 1 << 40, contentHash: Self.seal.contentHash)
        #expect(
            rig.say(.checkpoint(Self.first, huge)) == [
                .send(.checkpointTaken(Self.first, epoch: 4, isKept: false), to: Rig.alice)
            ])
    }

    @Test("more checkpoints than there is room for wait for their turn")
    func room() {
        var limits = Coordinator.Limits.standard
        limits.transfersMax = 1
        var rig = Rig(Rig.tasks(2), limits: limits)
        _ = rig.join("alice")
        _ = rig.join("bob", from: Rig.bob)
        _ = rig.commit()
        let second = Rig.assignment(1)
        _ = rig.say(.checkpoint(Self.first, Self.seal))
        #expect(rig.say(.checkpoint(second, Self.seal), from: Rig.bob).isEmpty)
        _ = rig.say(Self.chunk(0, 10))
        _ = rig.tell(.checkpointStored(Self.first, epoch: 4, problem: nil))
        #expect(
            rig.say(.checkpoint(second, Self.seal), from: Rig.bob) == [
                .send(.checkpointWanted(CheckpointRequest(second, epoch: 4, offset: 0)), to: Rig.bob)
            ])
    }

    @Test("a worker is read one piece at a time, and told what is gone")
    func download() {
        var rig = Self.training()
        let request = CheckpointRequest(Self.first, epoch: 2, offset: 0)
        #expect(rig.say(.checkpointWanted(request)) == [.readCheckpoint(request, for: Rig.alice)])
        #expect(rig.say(.checkpointWanted(request)).isEmpty)
        let gone = rig.tell(.checkpointRead(nil, request, for: Rig.alice))
        #expect(gone == [.send(.checkpointGone(Self.first, epoch: 2), to: Rig.alice)])
        #expect(rig.say(.checkpointWanted(request)) == [.readCheckpoint(request, for: Rig.alice)])
    }

    @Test("checkpoints are forgotten once the result is durable, and not before")
    func forgotten() {
        var rig = Self.training()
        _ = rig.say(.checkpoint(Self.first, Self.seal))
        _ = rig.say(Self.chunk(0, 10))
        _ = rig.tell(.checkpointStored(Self.first, epoch: 4, problem: nil))
        #expect(!rig.say(.result(Rig.report(0))).contains(.forgetCheckpoints(0)))
        #expect(rig.commit().contains(.forgetCheckpoints(0)))
    }
}

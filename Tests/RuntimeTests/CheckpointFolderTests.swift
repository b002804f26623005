import Basics
import Foundation
import Runtime
import Sweeps
import Testing

@Suite("CheckpointFolder")
struct CheckpointFolderTests {
    private static let task = TaskID(of: ["seed": 1])

    private static func checkpoint(_ epoch: Int) -> TaskCheckpoint {
        TaskCheckpoint(epoch: epoch, weights: [1, UInt8(epoch)], state: [2, UInt8(epoch)])
    }

    @Test("gives back the newest first, and keeps one older as the way back")
    func newestFirst() throws {
        let scratch = try TemporaryFolder()
        let folder = CheckpointFolder(scratch.path + "/checkpoints")
        #expect(folder.newest(of: Self.task) == [])
        for epoch in [3, 9, 10] { try folder.keep(Self.checkpoint(epoch), of: Self.task) }
        #expect(folder.newest(of: Self.task, count: 9) == [Self.checkpoint(10), Self.checkpoint(9)])
        try folder.keep(Self.checkpoint(11), of: Self.task, keepsOlder: true)
        #expect(folder.newest(of: Self.task, count: 9).map(\.epoch) == [11, 10, 9])
    }

    @Test("weights without their state, as a crash between the two leaves them, are no checkpoint")
    func crashBetween() throws {
        let scratch = try TemporaryFolder()
        let folder = CheckpointFolder(scratch.path)
        try folder.keep(Self.checkpoint(1), of: Self.task)
        try AtomicFile.write([7], to: "\(scratch.path)/\(Self.task)/epoch-2.safetensors")
        #expect(folder.newest(of: Self.task) == [Self.checkpoint(1)])
    }

    @Test("leaves nothing of a task that has ended")
    func ended() throws {
        let scratch = try TemporaryFolder()
        let folder = CheckpointFolder(scratch.path + "/checkpoints")
        try folder.keep(Self.checkpoint(1), of: Self.task)
        try folder.removeAll(of: Self.task)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test("remembers which task keeps the checkpoints of a training")
    func keepers() throws {
        let scratch = try TemporaryFolder()
        let folder = CheckpointFolder(scratch.path)
        let training = TaskID(ofTrainingIn: ["seed": 1, "measure": ["at": [1]]])
        #expect(training == TaskID(ofTrainingIn: ["seed": 1]))
        #expect(folder.keeper(ofTraining: training) == nil)
        try folder.setKeeper(Self.task, ofTraining: training)
        #expect(folder.keeper(ofTraining: training) == Self.task)
    }
}

internal import Basics
public import Sweeps

/// The checkpoints of a run's tasks on disk: `TASK/epoch-N.safetensors` and `TASK/epoch-N.state.safetensors`.
///
/// Both files are durable under their names or not there. The state comes last and names the hash of the weights, so
/// that two halves of different checkpoints are never taken for one. Two processes that train one task write the
/// same bytes.
public struct CheckpointFolder: Hashable, Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// Keeps a checkpoint.
    ///
    /// - Parameters:
    ///   - checkpoint: What to keep.
    ///   - task: Whose it is.
    ///   - keepsOlder: Whether those of earlier epochs stay.
    /// - Throws: ``SystemError`` where the disk is full or the folder cannot be written; older ones are still there.
    public func keep(
        _ checkpoint: TaskCheckpoint, of task: TaskID, keepsOlder: Bool = false
    ) throws(SystemError) {
        let folder = folder(of: task)
        try Folder.create(folder)
        let older = CheckpointFolder.epochs(in: folder).filter { $0 < checkpoint.epoch }
        try AtomicFile.write(checkpoint.weights, to: weights(task, checkpoint.epoch))
        try AtomicFile.write(checkpoint.state, to: state(task, checkpoint.epoch))
        guard !keepsOlder else { return }
        // One more stays: it is the way back where the newest turns out to be damaged.
        for epoch in older.dropFirst() { try remove(task, epoch) }
    }

    /// The newest checkpoints of a task, newest first and no more than `count`; what cannot be read is left out.
    public func newest(of task: TaskID, count: Int = 2) -> [TaskCheckpoint] {
        epochs(of: task).prefix(count).compactMap { checkpoint(of: task, epoch: $0) }
    }

    /// After which epochs there is a checkpoint of a task, newest first.
    public func epochs(of task: TaskID) -> [Int] { CheckpointFolder.epochs(in: folder(of: task)) }

    /// One checkpoint; `nil` where it cannot be read.
    public func checkpoint(of task: TaskID, epoch: Int) -> TaskCheckpoint? {
        guard let weights = (try? AtomicFile.read(weights(task, epoch))) ?? nil,
            let state = (try? AtomicFile.read(state(task, epoch))) ?? nil
        else { return nil }
        return TaskCheckpoint(epoch: epoch, weights: weights, state: state)
    }

    /// The task that keeps all checkpoints of a training; `nil` where none does.
    public func keeper(ofTraining training: TaskID) -> TaskID? {
        let text = (try? AtomicFile.read(trainings + "/" + training.text)) ?? nil
        return text.flatMap { TaskID(String(decoding: $0, as: UTF8.self)) }
    }

    /// Says which task keeps all checkpoints of a training.
    ///
    /// - Throws: ``SystemError`` where that cannot be written.
    public func setKeeper(_ task: TaskID, ofTraining training: TaskID) throws(SystemError) {
        try Folder.create(trainings)
        try AtomicFile.write(Array(task.text.utf8), to: trainings + "/" + training.text)
    }

    /// Forgets all checkpoints of a task, which has ended.
    ///
    /// - Throws: ``SystemError`` where a file cannot be removed.
    public func removeAll(of task: TaskID) throws(SystemError) {
        let folder = folder(of: task)
        for epoch in CheckpointFolder.epochs(in: folder) { try remove(task, epoch) }
        // Halves that a crash left.
        for name in Folder.names(in: folder) where name.hasPrefix("epoch-") {
            try AtomicFile.remove("\(folder)/\(name)")
        }
        Folder.removeIfEmpty(folder)
        Folder.removeIfEmpty(path)
    }

    /// The tasks that have checkpoints here.
    var tasks: [TaskID] { Folder.names(in: path).compactMap { TaskID($0) } }

    /// Forgets one checkpoint.
    func remove(_ task: TaskID, _ epoch: Int) throws(SystemError) {
        // In this order, so that no state is left without its weights.
        try AtomicFile.remove(state(task, epoch))
        try AtomicFile.remove(weights(task, epoch))
    }

    /// The epochs of the states in a folder, newest first.
    private static func epochs(in folder: String) -> [Int] {
        Folder.names(in: folder).compactMap { name in
            guard name.hasPrefix("epoch-"), name.hasSuffix(stateSuffix) else { return nil }
            return Int(name.dropFirst("epoch-".count).dropLast(stateSuffix.count))
        }.filter { $0 >= 0 }.sorted(by: >)
    }

    /// One small file a training, so that a task finds those that trained alike without looking at every other.
    private var trainings: String { path + "/trainings" }

    private static let stateSuffix = ".state.safetensors"

    private func folder(of task: TaskID) -> String { "\(path)/\(task.text)" }

    private func weights(_ task: TaskID, _ epoch: Int) -> String {
        "\(folder(of: task))/epoch-\(epoch).safetensors"
    }

    private func state(_ task: TaskID, _ epoch: Int) -> String {
        "\(folder(of: task))/epoch-\(epoch)\(CheckpointFolder.stateSuffix)"
    }
}

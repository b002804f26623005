import Basics
import Coordination
import Messaging
import Sweeps
import Workers

/// Checkpoints on the coordinator's disk, by task: after which epoch, with which bytes.
struct SimulatedCheckpoints: Sendable {
    private var kept: [[(epoch: Int, bytes: [UInt8])]]
    /// Every checkpoint that was ever durable, by task.
    private var everKept: [Set<Int>]

    init(taskCount: Int) {
        kept = Array(repeating: [], count: taskCount)
        everKept = Array(repeating: [], count: taskCount)
    }

    /// After which epochs there are some, newest first.
    func epochs(of task: Int) -> [Int] { kept[task].map(\.epoch) }

    func bytes(of task: Int, epoch: Int) -> [UInt8]? { kept[task].first { $0.epoch == epoch }?.bytes }

    func wasKept(_ task: Int, epoch: Int) -> Bool { everKept[task].contains(epoch) }

    /// Keeps a checkpoint and the one before it.
    mutating func keep(_ bytes: [UInt8], of task: Int, epoch: Int) {
        kept[task].removeAll { $0.epoch == epoch }
        kept[task].append((epoch, bytes))
        kept[task].sort { $0.epoch > $1.epoch }
        kept[task] = Array(kept[task].prefix(2))
        everKept[task].insert(epoch)
    }

    mutating func remove(_ task: Int, epoch: Int) { kept[task].removeAll { $0.epoch == epoch } }
    mutating func removeAll(of task: Int) { kept[task] = [] }
}

extension Workload {
    /// Tasks that take less keep no checkpoints.
    private static let checkpointsFrom = Duration.seconds(2)

    func keepsCheckpoints(_ task: Int) -> Bool { items[task].cost >= Workload.checkpointsFrom }

    /// The one state that training of a task is in after an epoch, in a few pieces.
    func checkpoint(of task: Int, epoch: Int) -> [UInt8] {
        (0..<6).flatMap { ContentHash(of: "\(items[task].id) \(epoch) \($0)").bytes }
    }
}

extension SimulatedCluster {
    /// Small, so that each checkpoint takes several pieces.
    static let checkpointChunkBytes = 48

    // MARK: - The coordinator's side

    mutating func keepCheckpoint(_ assembly: CheckpointAssembly, of assignment: Assignment) {
        store.checkFence(ofCheckpoint: assignment)
        let wait = Duration.milliseconds(1 + crashes.index(below: 200))
        agenda.add(.checkpointIsWritten(assembly, assignment, life: coordinator.life), at: now + wait)
    }

    mutating func endKeeping(
        _ assembly: CheckpointAssembly, of assignment: Assignment, life: Int, again: Happening
    ) {
        // What a killed process was writing is there or not.
        guard coordinator.life == life || crashes.index(below: 2) == 0 else { return }
        let task = workload.index(of: assignment.task)
        let epoch = assembly.seal.epoch
        let isRight = assembly.isWhole && assembly.bytes == workload.checkpoint(of: task, epoch: epoch)
        require(
            isRight,
            "the checkpoint of \(assignment) after epoch \(epoch) arrives with other bytes")
        guard storeFailsUntil <= now else {
            let problem = "no space left on device"
            let failed = Coordinator.Event.checkpointStored(assignment, epoch: epoch, problem: problem)
            tellCoordinator(failed, life: life, again: again)
            return
        }
        if !store.hasResult(assignment.task) { checkpoints.keep(assembly.bytes, of: task, epoch: epoch) }
        history.note(now, 30, task, epoch, "checkpoint of \(assignment) after epoch \(epoch) is kept")
        tellCoordinator(
            .checkpointStored(assignment, epoch: epoch, problem: nil), life: life, again: again)
    }

    mutating func readCheckpoint(_ request: CheckpointRequest, for session: SessionID) {
        let task = workload.index(of: request.assignment.task)
        let chunk = checkpoints.bytes(of: task, epoch: request.epoch).flatMap { bytes in
            CheckpointChunk(
                request, of: bytes, sealed: CheckpointSeal(epoch: request.epoch, of: bytes),
                byteCount: SimulatedCluster.checkpointChunkBytes)
        }
        agenda.add(
            .checkpointIsRead(chunk, request, session, life: coordinator.life), at: now + .milliseconds(1))
    }

    mutating func forgetCheckpoints(of task: Int) {
        let id = workload.items[task].id
        let isDone = store.hasResult(id)
        require(
            isDone, "the checkpoints of \(id) are forgotten before it has its result")
        checkpoints.removeAll(of: task)
    }

    /// A checkpoint is found to be damaged, and is one no more.
    package mutating func damageCheckpoint() {
        let task = crashes.index(below: workload.items.count)
        guard let epoch = checkpoints.epochs(of: task).first else { return }
        history.note(now, 31, task, epoch, "checkpoint of \(workload.items[task].id) is damaged")
        checkpoints.remove(task, epoch: epoch)
    }

    // MARK: - The worker's side

    /// After which epoch training goes on; every byte must be that of a calm run.
    mutating func epochToResume(_ order: TaskOrder, _ bytes: [UInt8]?) -> Int {
        guard let bytes else { return 0 }
        let task = workload.index(of: order.assignment.task)
        guard
            let epoch = order.checkpoints.first(where: { workload.checkpoint(of: task, epoch: $0) == bytes })
        else {
            require(false, "\(order.assignment) goes on from bytes that are no checkpoint of it")
            return 0
        }
        resumedEpochs.append(epoch)
        history.note(now, 32, task, epoch, "\(order.assignment) goes on after epoch \(epoch)")
        return epoch
    }

    /// The trainer keeps a checkpoint where an epoch ends.
    mutating func offerCheckpoint(of assignment: Assignment, epoch: Int, _ index: Int) {
        let task = workload.index(of: assignment.task)
        guard workload.keepsCheckpoints(task) else { return }
        let bytes = workload.checkpoint(of: task, epoch: epoch)
        tell(index, .checkpointed(assignment, CheckpointSeal(epoch: epoch, of: bytes), bytes: bytes))
    }

    mutating func checkSafe(_ assignment: Assignment, epoch: Int) {
        let task = workload.index(of: assignment.task)
        let isSafe = checkpoints.wasKept(task, epoch: epoch) || store.hasResult(assignment.task)
        require(
            isSafe,
            "the checkpoint of \(assignment) after epoch \(epoch) is said to be kept before it is")
    }
}

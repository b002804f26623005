internal import Basics
internal import Coordination
internal import Messaging
internal import Sweeps
internal import ZeroMQ

/// The thread that owns the coordinator's checkpoints: keeps what workers bring, and reads what others go on from.
///
/// It has a thread of its own because hashing and writing hundreds of megabytes must not keep short tasks waiting.
final class CheckpointStore: Sendable {
    let folder: CheckpointFolder
    private let mailbox: Mailbox<Order>
    private let thread: BackgroundThread

    private enum Order: Sendable {
        case keep(CheckpointAssembly, Assignment, keepsOlder: Bool)
        case read(CheckpointRequest, SessionID)
        case forget(TaskID)
        case stop
    }

    /// - Parameters:
    ///   - folder: Where checkpoints are.
    ///   - answer: Called on the thread of the checkpoints.
    /// - Throws: ``SystemError`` or `ZeroMQError` when threads or descriptors run out.
    init(_ folder: CheckpointFolder, answer: @escaping @Sendable (Coordinator.Event) -> Void) throws {
        let mailbox = try Mailbox<Order>()
        self.folder = folder
        self.mailbox = mailbox
        thread = try BackgroundThread("checkpoints") {
            var loop = Loop(folder: folder, mailbox: mailbox, answer: answer)
            loop.run()
        }
    }

    func keep(_ assembly: CheckpointAssembly, of assignment: Assignment, keepsOlder: Bool) {
        mailbox.post(.keep(assembly, assignment, keepsOlder: keepsOlder))
    }

    func read(_ request: CheckpointRequest, for session: SessionID) { mailbox.post(.read(request, session)) }

    func forget(_ task: TaskID) { mailbox.post(.forget(task)) }

    /// Does what was asked for, ends the thread and waits for it.
    func stop() {
        mailbox.post(.stop)
        thread.join()
    }

    /// A checkpoint in memory while it is read piece by piece.
    private struct Loaded {
        let task: TaskID
        let seal: CheckpointSeal
        let bytes: [UInt8]
    }

    private struct Loop {
        let folder: CheckpointFolder
        let mailbox: Mailbox<Order>
        let answer: @Sendable (Coordinator.Event) -> Void
        /// The ones read last, newest last.
        private var loaded: [Loaded] = []

        private static let loadedMax = 8
        private static let loadedBytesMax = 512 << 20

        init(
            folder: CheckpointFolder, mailbox: Mailbox<Order>,
            answer: @escaping @Sendable (Coordinator.Event) -> Void
        ) {
            self.folder = folder
            self.mailbox = mailbox
            self.answer = answer
        }

        mutating func run() {
            var poller = Poller()
            _ = poller.watch(descriptor: mailbox.descriptor)
            while true {
                // Only a closed socket makes waiting fail, and none is watched.
                _ = try? poller.wait(for: .seconds(3600))
                for order in mailbox.take() {
                    switch order {
                    case .keep(let assembly, let assignment, let keepsOlder):
                        let problem = keep(assembly, assignment.task, keepsOlder)
                        answer(.checkpointStored(assignment, epoch: assembly.seal.epoch, problem: problem))
                    case .read(let request, let session):
                        answer(.checkpointRead(piece(request), request, for: session))
                    case .forget(let task):
                        loaded.removeAll { $0.task == task }
                        // What cannot be removed now is removed at the next start.
                        try? folder.removeAll(of: task)
                    case .stop: return
                    }
                }
            }
        }

        /// - Returns: Why it could not be kept; `nil` when it is on the disk.
        private mutating func keep(
            _ assembly: CheckpointAssembly, _ task: TaskID, _ keepsOlder: Bool
        ) -> String? {
            guard assembly.isWhole, let checkpoint = TaskCheckpoint(encoded: assembly.bytes),
                checkpoint.epoch == assembly.seal.epoch, checkpoint.isWhole
            else { return "it arrived damaged" }
            loaded.removeAll { $0.task == task }
            do {
                try folder.keep(checkpoint, of: task, keepsOlder: keepsOlder)
                return nil
            } catch {
                return error.description
            }
        }

        private mutating func piece(_ request: CheckpointRequest) -> CheckpointChunk? {
            guard let found = load(request.assignment.task, request.epoch) else { return nil }
            return CheckpointChunk(request, of: found.bytes, sealed: found.seal)
        }

        /// Reads and checks a checkpoint; a damaged one is removed, so that nobody is sent to it again.
        private mutating func load(_ task: TaskID, _ epoch: Int) -> Loaded? {
            if let known = loaded.first(where: { $0.task == task && $0.seal.epoch == epoch }) { return known }
            guard let checkpoint = folder.checkpoint(of: task, epoch: epoch) else { return nil }
            guard checkpoint.isWhole else {
                try? folder.remove(task, epoch)
                return nil
            }
            let bytes = checkpoint.encoded()
            let fresh = Loaded(task: task, seal: CheckpointSeal(epoch: epoch, of: bytes), bytes: bytes)
            loaded.append(fresh)
            while loaded.count > 1,
                loaded.count > Loop.loadedMax
                    || loaded.reduce(0, { $0 + $1.bytes.count }) > Loop.loadedBytesMax
            {
                loaded.removeFirst()
            }
            return fresh
        }
    }
}

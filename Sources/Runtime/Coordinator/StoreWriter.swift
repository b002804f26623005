internal import Basics
internal import Coordination
internal import Sweeps
internal import ZeroMQ

/// The thread that owns the store: gathers writes, commits them together, and tells what became of them.
///
/// It has a thread of its own because a slow disk must not keep the coordinator from answering heartbeats.
final class StoreWriter: Sendable {
    private let mailbox: Mailbox<Order>
    private let thread: BackgroundThread

    /// What became of a commit.
    enum Answer: Sendable {
        case stored(through: UInt64, ended: [TaskID])
        case failed(String)
    }

    private enum Order: Sendable {
        case keep(StoreWrite, sequence: UInt64)
        case stop(keepingRest: Bool)
    }

    /// - Parameters:
    ///   - store: Where writes go.
    ///   - answer: Called on the writer's thread after each commit.
    /// - Throws: ``SystemError`` or `ZeroMQError` when threads or descriptors run out.
    init(_ store: any DurableStore, answer: @escaping @Sendable (Answer) -> Void) throws {
        let mailbox = try Mailbox<Order>()
        self.mailbox = mailbox
        thread = try BackgroundThread("store") {
            var loop = Loop(store: store, mailbox: mailbox, answer: answer)
            loop.run()
        }
    }

    func keep(_ write: StoreWrite, sequence: UInt64) { mailbox.post(.keep(write, sequence: sequence)) }

    /// Ends the thread, with or without committing what still waits, and waits for it.
    func stop(keepingRest: Bool) {
        mailbox.post(.stop(keepingRest: keepingRest))
        thread.join()
    }

    private struct Loop {
        let store: any DurableStore
        let mailbox: Mailbox<Order>
        let answer: @Sendable (Answer) -> Void
        var commit = GroupCommit()

        mutating func run() {
            var poller = Poller()
            _ = poller.watch(descriptor: mailbox.descriptor)
            while true {
                let wait = commit.deadline.map { max(.zero, $0 - SystemClock.now) } ?? .seconds(3600)
                // Only a closed socket makes waiting fail, and none is watched.
                _ = try? poller.wait(for: wait)
                for order in mailbox.take() {
                    switch order {
                    case .keep(let write, let sequence):
                        commit.add(write, sequence: sequence, at: SystemClock.now)
                    case .stop(let keepingRest):
                        while keepingRest, commit.deadline != nil { commitBatch() }
                        return
                    }
                }
                while commit.isDue(at: SystemClock.now) { commitBatch() }
            }
        }

        private mutating func commitBatch() {
            let batch = commit.takeBatch()
            do {
                try store.keep(batch)
                answer(.stored(through: commit.succeeded(), ended: batch.compactMap(\.endedTask)))
            } catch {
                commit.failed()
                answer(.failed("\(error)"))
            }
        }
    }
}

extension StoreWrite {
    /// The task that this write ends for good; `nil` for other writes.
    fileprivate var endedTask: TaskID? {
        switch self {
        case .result, .attemptEnded(_, worker: _, isFinal: true): assignment?.task
        case .attemptStarted, .attemptEnded, .disagreement, .steered: nil
        }
    }
}

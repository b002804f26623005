internal import Basics
internal import Messaging
internal import Sweeps
internal import ZeroMQ

/// The thread that trains: takes orders one at a time, and never touches a socket.
final class TrainingThread: Sendable {
    private let queue: Mailbox<Job?>
    private let wanted: Shared<Wanted>
    private let thread: BackgroundThread

    /// One order; the same attempt may be ordered, cancelled and ordered again.
    private struct Job {
        let number: Int
        let order: TaskOrder
        /// What it goes on from.
        let checkpoint: [UInt8]?
    }

    /// The jobs that are neither cancelled nor ended.
    private struct Wanted {
        var numbers: [Assignment: Int] = [:]
        var startedCount = 0
        /// Those that shall stop at the end of the epoch and hand over their state.
        var interrupted: Set<Int> = []
        /// The worker leaves.
        var isStopping = false

        func contains(_ job: Job) -> Bool {
            !isStopping && numbers[job.order.assignment] == job.number
        }
    }

    /// What the messenger hears from the trainer.
    enum Report: Sendable {
        case progressed(Assignment, TaskProgress)
        case checkpointed(Assignment, CheckpointSeal, bytes: [UInt8])
        case interrupted(Assignment)
        case ended(AttemptReport)
    }

    /// How often progress is passed on: small networks finish an epoch in less than a millisecond.
    private static let progressInterval = Duration.milliseconds(200)

    /// - Parameters:
    ///   - performer: Trains.
    ///   - carriesCheckpoints: Whether checkpoints are reported.
    ///   - mark: Told, on the training thread, what is being trained from now on; `nil` for nothing.
    ///   - report: Called on the training thread.
    /// - Throws: ``SystemError`` or `ZeroMQError` when threads or descriptors run out.
    init(
        _ performer: any TaskPerforming, carriesCheckpoints: Bool,
        mark: @escaping @Sendable (Assignment?) -> Void,
        report: @escaping @Sendable (Report) -> Void
    ) throws {
        let queue = try Mailbox<Job?>()
        let wanted = Shared(Wanted())
        self.queue = queue
        self.wanted = wanted
        thread = try BackgroundThread("training") {
            var poller = Poller()
            _ = poller.watch(descriptor: queue.descriptor)
            while true {
                // Only a closed socket makes waiting fail, and none is watched.
                _ = try? poller.wait(for: .seconds(3600))
                for job in queue.take() {
                    guard let job else { return }
                    mark(job.order.assignment)
                    let carry: ((TaskCheckpoint) -> Void)? =
                        carriesCheckpoints
                        ? { TrainingThread.carry($0, of: job.order.assignment, report) } : nil
                    TrainingThread.train(job, performer, carry ?? { _ in }, wanted, report)
                    mark(nil)
                }
            }
        }
    }

    /// Trains this after everything asked for before.
    func start(_ order: TaskOrder, from checkpoint: [UInt8]?) {
        let number = wanted.update { wanted in
            wanted.startedCount += 1
            wanted.numbers[order.assignment] = wanted.startedCount
            return wanted.startedCount
        }
        queue.post(Job(number: number, order: order, checkpoint: checkpoint))
    }

    /// Stops this, at the next epoch if it is being trained; nothing more is reported of it.
    func cancel(_ assignment: Assignment) { wanted.update { $0.numbers[assignment] = nil } }

    /// Stops this at the end of the epoch; its state is reported where it is worth keeping, and then that it stopped.
    func interrupt(_ assignment: Assignment) {
        wanted.update { wanted in
            if let number = wanted.numbers[assignment] { wanted.interrupted.insert(number) }
        }
    }

    /// Stops everything and waits for the thread, which ends at the next epoch.
    func stop() {
        wanted.update { $0.isStopping = true }
        queue.post(nil)
        thread.join()
    }

    private static func train(
        _ job: Job, _ performer: any TaskPerforming, _ carry: @escaping (TaskCheckpoint) -> Void,
        _ wanted: Shared<Wanted>, _ report: (Report) -> Void
    ) {
        let (order, assignment) = (job.order, job.order.assignment)
        let isInterrupted = { wanted.current.interrupted.contains(job.number) }
        let isCancelled = { !wanted.current.contains(job) || isInterrupted() }
        guard wanted.current.contains(job) else { return }
        let handover = TaskHandover(
            checkpoint: job.checkpoint.flatMap { TaskCheckpoint(encoded: $0) }, carry: carry)
        let start = SystemClock.now
        var reported = start
        let ended: AttemptReport?
        do {
            let result = try performer.perform(
                assignment.task, configuration: order.configuration, environment: order.environment,
                handover: handover,
                progress: { progress in
                    let now = SystemClock.now
                    guard now - reported >= progressInterval else { return }
                    reported = now
                    report(.progressed(assignment, progress))
                }, isCancelled: isCancelled)
            let bytes = result.encoded()
            ended = .result(
                ResultReport(
                    assignment: assignment, contentHash: ContentHash(of: bytes), bytes: bytes,
                    elapsed: SystemClock.now - start))
        } catch {
            let wasInterrupted = isInterrupted() && !(error is TaskFailure)
            let failure = error as? TaskFailure ?? TaskFailure(.crash, "\(error)")
            let failed = FailureReport(
                assignment: assignment, failureClass: failure.failureClass, message: failure.message)
            ended = wasInterrupted ? nil : .failure(failed)
        }
        let isWanted = wanted.update { wanted in
            wanted.interrupted.remove(job.number)
            defer { if wanted.contains(job) { wanted.numbers[assignment] = nil } }
            return wanted.contains(job)
        }
        if isWanted { report(ended.map { .ended($0) } ?? .interrupted(assignment)) }
    }

    /// Seals a checkpoint for its way; here, for the messenger has heartbeats to send.
    private static func carry(
        _ checkpoint: TaskCheckpoint, of assignment: Assignment, _ report: (Report) -> Void
    ) {
        let bytes = checkpoint.encoded()
        report(
            .checkpointed(assignment, CheckpointSeal(epoch: checkpoint.epoch, of: bytes), bytes: bytes))
    }
}

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
    }

    /// The jobs that are neither cancelled nor ended.
    private struct Wanted {
        var numbers: [Assignment: Int] = [:]
        var startedCount = 0
        /// The worker leaves.
        var isStopping = false

        func contains(_ job: Job) -> Bool {
            !isStopping && numbers[job.order.assignment] == job.number
        }
    }

    /// What the messenger hears from the trainer.
    enum Report: Sendable {
        case progressed(Assignment, TaskProgress)
        case ended(AttemptReport)
    }

    /// How often progress is passed on: small networks finish an epoch in less than a millisecond.
    private static let progressInterval = Duration.milliseconds(200)

    /// - Parameters:
    ///   - performer: Trains.
    ///   - mark: Told, on the training thread, what is being trained from now on; `nil` for nothing.
    ///   - report: Called on the training thread.
    /// - Throws: ``SystemError`` or `ZeroMQError` when threads or descriptors run out.
    init(
        _ performer: any TaskPerforming, mark: @escaping @Sendable (Assignment?) -> Void,
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
                    TrainingThread.train(job, performer, wanted, report)
                    mark(nil)
                }
            }
        }
    }

    /// Trains this after everything asked for before.
    func start(_ order: TaskOrder) {
        let number = wanted.update { wanted in
            wanted.startedCount += 1
            wanted.numbers[order.assignment] = wanted.startedCount
            return wanted.startedCount
        }
        queue.post(Job(number: number, order: order))
    }

    /// Stops this, at the next epoch if it is being trained; nothing more is reported of it.
    func cancel(_ assignment: Assignment) { wanted.update { $0.numbers[assignment] = nil } }

    /// Stops everything and waits for the thread, which ends at the next epoch.
    func stop() {
        wanted.update { $0.isStopping = true }
        queue.post(nil)
        thread.join()
    }

    private static func train(
        _ job: Job, _ performer: any TaskPerforming, _ wanted: Shared<Wanted>, _ report: (Report) -> Void
    ) {
        let (order, assignment) = (job.order, job.order.assignment)
        let isCancelled = { !wanted.current.contains(job) }
        guard !isCancelled() else { return }
        let start = SystemClock.now
        var reported = start
        let ended: AttemptReport
        do {
            let result = try performer.perform(
                assignment.task, configuration: order.configuration, environment: order.environment,
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
            let failure = error as? TaskFailure ?? TaskFailure(.crash, "\(error)")
            ended = .failure(
                FailureReport(
                    assignment: assignment, failureClass: failure.failureClass, message: failure.message))
        }
        let isWanted = wanted.update { wanted in
            defer { if wanted.contains(job) { wanted.numbers[assignment] = nil } }
            return wanted.contains(job)
        }
        if isWanted { report(.ended(ended)) }
    }
}

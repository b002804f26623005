internal import Basics
public import Messaging
public import Sweeps

extension Coordinator {
    /// The state of the sweep for `status` and for the progress line; costs one step a worker, none a task.
    public struct Picture: Hashable, Sendable {
        public let mode: Mode
        public let counts: TaskCounts
        /// Failed tasks by class, most frequent first.
        public let failures: [FailureCount]
        /// Connected workers and suspects, in the order in which they first came.
        public let workers: [WorkerPicture]
        /// Hosts on which tasks fail that may do well elsewhere.
        public let suspectHosts: [HostPicture]
        /// Tasks wait and nobody has the time for any; `nil` while the sweep moves.
        public let standstill: Standstill?
        public let duplicateCount: Int
        public let disagreementCount: Int
        /// Why nothing can be stored at the moment; `nil` while the store works.
        public let storeProblem: String?
        /// Results a second lately; `nil` before the second one.
        public let tasksPerSecond: Double?
        /// `nil` while too few tasks have ended, or nobody is here.
        public let forecast: Forecast?
    }

    /// What the coordinator is about.
    public enum Mode: String, Hashable, Sendable {
        case working
        case paused
        case draining
        case ended
    }

    /// How many tasks failed for good in one class.
    public struct FailureCount: Hashable, Sendable {
        public let failureClass: FailureClass
        public let count: Int

        public init(failureClass: FailureClass, count: Int) {
            self.failureClass = failureClass
            self.count = count
        }
    }

    /// One worker in the picture.
    public struct WorkerPicture: Hashable, Sendable {
        /// `nil` for a worker that only the store remembers.
        public let description: WorkerDescription?
        public let name: String
        /// Silent for longer than a lease, and waited for.
        public let isSuspect: Bool
        /// What it holds; an entry without progress waits or has just been sent.
        public let holding: [ActiveAttempt]
        /// How many assignments it wants to hold in all; 0 for a suspect, and for one that leaves.
        public let capacity: Int
        /// Results this worker gave since the coordinator started.
        public let resultCount: Int
        /// It leaves after what it trains.
        public let isDismissed: Bool
        /// How fast it is for what its tasks cost, relative to all workers: 1 as fast as they; `nil` before its first
        /// result.
        public let relativeSpeed: Double?
        /// How long it may stay; `nil` for as long as it likes.
        public let timeLeft: Duration?
        /// It gets no tasks because of its host.
        public let isSetAside: Bool
        /// It is idle because it must leave before it could do any waiting task.
        public let lacksTime: Bool
    }

    /// A host that spoils tasks, as far as can be told.
    public struct HostPicture: Hashable, Sendable, CustomStringConvertible {
        public let name: String
        /// Why the newest tasks in a row failed there, oldest first.
        public let failures: [FailureClass]
        /// It gets no tasks; false where nobody else could take them.
        public let isSetAside: Bool

        /// One sentence for people, with what to do.
        public var description: String {
            let start =
                isSetAside
                ? "\(name) is set aside and gets no tasks"
                : "\(name) spoils tasks, and gets some because no other host is here"
            let why = "\(failures.count) in a row failed there (\(failures.counted))"
            return "\(start): \(why); see what is wrong with it, then start its workers anew"
        }
    }

    /// The state of the sweep at this moment.
    public var picture: Picture {
        let failures = FailureClass.allCases.compactMap { failureClass in
            failuresByClass[failureClass].flatMap { count in
                count > 0 ? FailureCount(failureClass: failureClass, count: count) : nil
            }
        }
        return Picture(
            mode: mode, counts: tasks.counts, failures: failures.sorted { $0.count > $1.count },
            workers: workers.places.map(workerPicture), suspectHosts: suspectHosts,
            standstill: standstill,
            duplicateCount: duplicateCount,
            disagreementCount: disagreementCount, storeProblem: storeProblem?.reason,
            tasksPerSecond: recentResults.perSecond(at: lastEvent), forecast: forecast)
    }

    private var suspectHosts: [HostPicture] {
        hosts.records.filter(hosts.isSuspect).map { record in
            HostPicture(
                name: record.name, failures: record.evidence.map(\.failureClass),
                isSetAside: record.isSetAside)
        }
    }

    private func workerPicture(_ place: Int) -> WorkerPicture {
        let worker = workers[place]
        let holding = worker.holding.map { held in
            ActiveAttempt(
                Assignment(task: tasks[held.taskIndex].id, attempt: held.attempt), progress: held.progress)
        }
        return WorkerPicture(
            description: worker.description, name: worker.name, isSuspect: worker.session == nil,
            holding: holding, capacity: worker.session?.capacity ?? 0, resultCount: worker.resultCount,
            isDismissed: worker.isDismissed,
            relativeSpeed: relativeSpeed(worker), timeLeft: worker.leavesAt.map { $0 - lastEvent },
            isSetAside: isSetAside(place), lacksTime: worker.secondsLacking != nil)
    }

    private func relativeSpeed(_ worker: WorkerBook.Record) -> Double? {
        guard let own = worker.speed.secondsPerCost, let all = fleetSpeed.secondsPerCost, own > 0 else {
            return nil
        }
        return all / own
    }
}

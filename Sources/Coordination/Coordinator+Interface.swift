public import Basics
public import Messaging
public import Sweeps

extension Coordinator {
    /// What happened outside.
    public enum Event: Hashable, Sendable {
        case received(WorkerEnvelope, from: SessionID)
        /// Frames arrived that are no message.
        case receivedUnreadable(WireError, from: SessionID)
        /// The transport knows that the session cannot be reached any more.
        case sessionLost(SessionID)
        /// The transport will not listen to the session any more, and has this to say to it.
        case sessionBanned(SessionID, Refusal)
        /// Every write up to this sequence number is durable.
        case stored(through: UInt64)
        /// Nothing beyond the last confirmed write is durable; the coordinator will ask again. One sentence for people.
        case storeFailed(String)
        /// The checkpoint is on the disk; or else why not, in one sentence for people.
        case checkpointStored(Assignment, epoch: Int, problem: String?)
        /// The piece of a checkpoint that was wanted for a session; `nil` where there is no whole one.
        case checkpointRead(CheckpointChunk?, CheckpointRequest, for: SessionID)
        /// Time has passed. Delivered at least once every ``Limits/tickInterval``.
        case tick
        case command(Command)
        /// The user wants something of single tasks or workers; answered under the same number by ``Effect/answer(_:to:)``.
        case asked(Request, number: UInt64)
    }

    /// What the user wants.
    public enum Command: Hashable, Sendable {
        /// Hand out nothing new until ``resume``.
        case pause
        case resume
        /// Hand out nothing new, let what runs finish, then end.
        case drain
        /// End now: workers give back what they hold.
        case stop
    }

    /// What the caller shall do, in order.
    public enum Effect: Hashable, Sendable {
        case send(CoordinatorEnvelope, to: SessionID)
        /// Send TASK, or TASKS for several: the caller adds configuration and environment of each task to its order.
        ///
        /// The machine does not hold them: a million configurations are the caller's to keep or to expand lazily. Where
        /// there are checkpoints of an earlier attempt, the caller names them too. The header bears the last of as many
        /// sequence numbers as there are tasks, so that they may also go out in several messages.
        case dispatch([Dispatch], header: MessageHeader, to: SessionID)
        /// Make durable, in the order of the sequence numbers, and answer with ``Event/stored(through:)`` or
        /// ``Event/storeFailed(_:)``. ``GroupCommit`` says when.
        case store(StoreWrite, sequence: UInt64)
        /// Check that the bytes are whole, make them durable, and answer with
        /// ``Event/checkpointStored(_:epoch:problem:)``.
        case keepCheckpoint(CheckpointAssembly, of: Assignment, taskIndex: Int)
        /// Answer with ``Event/checkpointRead(_:_:for:)``.
        case readCheckpoint(CheckpointRequest, taskIndex: Int, for: SessionID)
        /// The task's result is durable: its checkpoints serve nobody, unless the sweep keeps them all.
        case forgetCheckpoints(taskIndex: Int)
        case log(Notice)
        /// Tell the user; what was asked for is durable.
        case answer(Answer, to: UInt64)
        /// The sweep has ended and everything is durable. Said once; keep serving until the workers have left.
        case finished(Summary)
    }

    /// One attempt that shall go out to its worker.
    public struct Dispatch: Hashable, Sendable {
        public let assignment: Assignment
        /// The task's place among the ``TaskStanding`` that the coordinator began with.
        public let taskIndex: Int

        public init(_ assignment: Assignment, taskIndex: Int) {
            self.assignment = assignment
            self.taskIndex = taskIndex
        }
    }

    /// How patient and how generous a coordinator is.
    public struct Limits: Hashable, Sendable {
        /// Longest time between two ticks.
        public var tickInterval: Duration
        /// How often workers report.
        public var heartbeatInterval: Duration
        /// How long a silent worker is trusted, and then how long it stays a suspect that may still come back.
        public var lease: Duration
        /// How long to wait before failed writes are tried again.
        public var storeRetryInterval: Duration
        /// Counted failures after which a task has failed.
        public var failuresPerTaskMax: Int
        /// Tasks in a row that speak against a host before it is set aside; see ``HostBook``.
        public var tasksAgainstHostMax = 3
        /// How many tasks may fail since the coordinator started before the sweep drains and ends; `nil` for any number.
        public var failedTasksMax: Int?
        /// End although tasks are paused, unless one was paused since the start: whoever starts a coordinator on paused
        /// tasks wants the others done, whoever pauses them under a running one wants it to wait.
        public var leavesPausedTasks = false
        /// What a worker that must leave needs to bring the state of its task into safety, and what the task must have
        /// trained by then for its state to be worth it.
        public var handBackReserve = Duration.seconds(20)
        /// Most workers served at once.
        public var workersMax: Int
        /// Most assignments handed to one worker, whatever it asks for.
        public var capacityMax: Int
        /// Unreadable messages after which a worker is refused.
        public var unreadableMax: Int
        /// Changes of process under one worker name without a result between them, after which one is refused.
        public var takeoversMax = 64
        /// Largest checkpoint that is taken from a worker, in bytes; 0 for none.
        public var checkpointBytesMax = 256 << 20
        /// Checkpoints on their way here at once; others wait for their turn.
        public var transfersMax = 8
        /// Bytes of all checkpoints on their way here at once.
        public var transferBytesMax = 512 << 20
        /// Whether workers must compute the same bits.
        public var numerics = Numerics.any
        /// A mistake planted to show that the simulator finds it; `nil` in earnest.
        package var mutation: Mutation?

        public init(
            tickInterval: Duration = .milliseconds(500), heartbeatInterval: Duration = .seconds(2),
            lease: Duration = .seconds(20), storeRetryInterval: Duration = .seconds(1),
            failuresPerTaskMax: Int = 3,
            failedTasksMax: Int? = nil, workersMax: Int = 4096, capacityMax: Int = 64, unreadableMax: Int = 16
        ) {
            precondition(lease > heartbeatInterval + heartbeatInterval, "a lease outlasts two heartbeats")
            precondition(
                tickInterval > .zero && tickInterval <= heartbeatInterval,
                "ticks are as frequent as heartbeats")
            self.tickInterval = tickInterval
            self.heartbeatInterval = heartbeatInterval
            self.lease = lease
            self.storeRetryInterval = storeRetryInterval
            self.failuresPerTaskMax = failuresPerTaskMax
            self.failedTasksMax = failedTasksMax
            self.workersMax = workersMax
            self.capacityMax = capacityMax
            self.unreadableMax = unreadableMax
        }

        public static let standard = Limits()
    }

    /// Which workers may serve one sweep, by the bits that they compute.
    public enum Numerics: Hashable, Sendable {
        /// All; a mixed cluster is noted.
        case any
        /// Those of one ``NumericProfile/text``: the one given, or else that of the first worker.
        case strict(profile: String?)
    }

    /// Mistakes that the simulator must find.
    package enum Mutation: Hashable, Sendable, CaseIterable {
        /// Believe what a worker says of an attempt that is not the newest.
        case skipFence
        /// Acknowledge a result that is not durable.
        case acknowledgeBeforeCommit
        /// Hand a task out again under the number of its last attempt.
        case reuseAttemptNumber
        /// Send TASK before its attempt number is durable.
        case dispatchBeforeCommit
        /// Say that a checkpoint is kept before it is on the disk.
        case takeCheckpointBeforeItIsKept
        /// Give a task up although a host where it has not failed could try it.
        case believeOneHost
    }

    /// How a sweep ended.
    public struct Summary: Hashable, Sendable {
        public let reason: Reason
        public let counts: TaskCounts
        /// Results that came again with the same bytes.
        public let duplicateCount: Int
        /// Results that came again with other bytes; anything but 0 means that training is not deterministic.
        public let disagreementCount: Int

        public init(reason: Reason, counts: TaskCounts, duplicateCount: Int, disagreementCount: Int) {
            self.reason = reason
            self.counts = counts
            self.duplicateCount = duplicateCount
            self.disagreementCount = disagreementCount
        }

        public enum Reason: Hashable, Sendable {
            /// Every task is done or has failed.
            case completed
            case drained
            case stopped
            /// More tasks failed than ``Limits/failedTasksMax`` allows.
            case tooManyFailures
        }
    }

    /// How many tasks are in which state; they add up to all tasks.
    public struct TaskCounts: Hashable, Sendable {
        /// Not handed out.
        public var waiting = 0
        /// Not handed out, and not to be for the time being.
        public var paused = 0
        /// Not handed out, and not to be.
        public var cancelled = 0
        /// Handed to a worker, which may be a suspect.
        public var held = 0
        /// Ended with a result that is not durable yet.
        public var recording = 0
        public var done = 0
        public var failed = 0

        public init() {}

        public var total: Int { waiting + paused + cancelled + held + recording + done + failed }
    }

    /// Something a person may want to read in a log.
    public enum Notice: Hashable, Sendable {
        case workerJoined(WorkerDescription)
        /// The worker introduced itself again and keeps what it was training.
        case workerReturned(String, kept: Int)
        /// The worker has been silent for a lease.
        case workerSuspected(String)
        /// The worker did not come back.
        case workerLost(String)
        case workerLeft(String)
        /// The attempt is gone, and its task waits again.
        case attemptLost(Assignment, worker: String)
        case attemptFailed(FailureReport, worker: String, isFinal: Bool)
        case duplicateConfirmed(Assignment, worker: String)
        case nondeterminism(Assignment, recorded: ContentHash, received: ContentHash, worker: String)
        /// Nothing is acknowledged or handed out until the store works again.
        case storeFailing(String)
        case storeRecovered
        /// This process stood still; every lease was extended by as much.
        case ownPause(Duration)
        case unreadable(WireError, from: SessionID)
        case refused(Refusal, worker: String)
        /// The worker computes with another profile than the first one of the sweep.
        case mixedNumerics(worker: String, profile: String, first: String)
        /// The host gets no tasks, for these failures of as many tasks in a row.
        case hostSetAside(String, [FailureClass])
        /// The host gets tasks again: it gave a result, was started anew, or its tasks failed elsewhere, too.
        case hostTrusted(String)
        /// Tasks wait, and nobody here can stay long enough for any of them.
        case standstill(Standstill)
        case draining
        case tooManyFailures(Int)
        case steered(SteeringVerb, count: Int, reason: String)
        case dismissed(String)
        case checkpointNotKept(Assignment, String)
    }
}

public import Messaging
public import Sweeps

extension Worker {
    /// What happened outside.
    public enum Event: Hashable, Sendable {
        /// A socket with a fresh session is open.
        case connected
        case received(CoordinatorEnvelope)
        /// Frames arrived that are no message.
        case receivedUnreadable(WireError)
        /// The transport cannot reach the coordinator, and never will.
        case refused(Refusal)
        /// No coordinator is there, and none will come: every task has ended.
        case runEnded
        /// The trainer tells how far it is.
        case progressed(Assignment, TaskProgress)
        /// The trainer ended; the report holds result or failure.
        case ended(AttemptReport)
        /// The trainer keeps its newest state, which others may go on from.
        case checkpointed(Assignment, CheckpointSeal, bytes: [UInt8])
        /// The trainer has stopped, as ``Effect/interruptTask(_:)`` asked for.
        case interrupted(Assignment)
        /// Time has passed. Delivered at least once every ``Limits/tickInterval``.
        case tick
        case command(Command)
    }

    /// What the user or the supervisor wants.
    public enum Command: Hashable, Sendable {
        /// Finish what is being trained, give back the rest, leave.
        case drain
        /// Stop at the end of the epoch, bring the state of the task into safety, give it back, leave.
        case handBack
        /// Give everything back and leave now.
        case stop
    }

    /// What the caller shall do, in order.
    public enum Effect: Hashable, Sendable {
        case send(WorkerEnvelope)
        /// Train this, as soon as the trainer is free: it may still be stopping an attempt that was cancelled.
        ///
        /// With the bytes of a `TaskCheckpoint` of an earlier attempt where one came from the coordinator.
        case startTask(TaskOrder, checkpoint: [UInt8]?)
        /// Stop training this at the end of the epoch, say ``Event/checkpointed(_:_:bytes:)`` where its state is worth
        /// keeping, and then ``Event/interrupted(_:)``.
        case interruptTask(Assignment)
        /// The coordinator has the state of this attempt after this epoch.
        case checkpointIsSafe(Assignment, epoch: Int)
        /// Stop training this; nothing the trainer says of it later matters.
        case cancelTask(Assignment)
        /// Make the report durable before anything is sent that comes after it.
        case keepInOutbox(AttemptReport)
        /// The coordinator has these reports: forget them.
        case removeFromOutbox([Assignment])
        /// The coordinator is silent: find its address anew, open a new socket with a fresh session, and answer with
        /// ``Event/connected``.
        case reconnect
        case log(Notice)
        /// Leave; nothing is said or done after this.
        case exit(Exit)
    }

    /// Why a worker leaves.
    public enum Exit: Hashable, Sendable {
        /// The sweep has ended: the coordinator said so, or is gone and has left nothing to do.
        case sweepEnded
        /// Drained or stopped by command.
        case commanded
        /// No coordinator for longer than ``Limits/orphanLimit``; the outbox keeps what was not acknowledged.
        case orphaned
        /// The coordinator will not have this worker: exit code 78, never retry.
        case refused(Refusal)
    }

    /// How patient a worker is, and how much it takes on.
    public struct Limits: Hashable, Sendable {
        /// Longest time between two ticks.
        public var tickInterval: Duration
        /// How often to report before the coordinator has said how often.
        public var heartbeatInterval: Duration
        /// How long the coordinator may be silent before a new connection is made.
        public var silenceMax: Duration
        /// How long to wait before an unacknowledged report is sent again.
        public var resendInterval: Duration
        /// Shortest time between two PROGRESS messages.
        public var progressInterval: Duration
        /// Assignments to hold behind the one in training while tasks are short.
        public var prefetchCount: Int
        /// Most assignments to hold behind the one in training, for tasks that take less than a message does.
        public var prefetchCountMax = 63
        /// How much work to hold: as long as a result's way into the store and the next task's way back may take.
        public var prefetchSpan = Duration.milliseconds(100)
        /// How long the result of a task that is shorter than this may wait for others, to be sent in one message.
        public var gatherSpan = Duration.milliseconds(5)
        /// The beginning of shorter tasks is not logged.
        public var logBelow = Duration.milliseconds(100)
        /// Most results in one message.
        public var gatherCountMax = 16
        /// Most bytes of results in one message, where there are several.
        public var gatherBytesMax = 256 << 10
        /// Tasks that take longer than this are not prefetched: at the end of a sweep others would wait idle.
        public var prefetchBelow: Duration
        /// How long to live without a coordinator; `nil` for ever.
        public var orphanLimit: Duration?
        /// How long after its start the worker must have left, because its allocation ends; `nil` for never.
        ///
        /// It begins to leave ``leaveGrace`` earlier.
        public var lifetime: Duration?
        /// How long to wait for acknowledgements when leaving.
        public var leaveGrace: Duration
        /// How long the state of a task may take to reach the coordinator when the worker has to go.
        ///
        /// Batch systems kill 30 s after they have asked; the rest is for goodbyes.
        public var handBackGrace = Duration.seconds(17)
        /// Whether checkpoints travel to the coordinator and from it; those on a disk that both see need not.
        public var carriesCheckpoints = true
        /// Largest checkpoint to fetch, in bytes.
        public var checkpointBytesMax = 1 << 30
        /// Size of a piece of a checkpoint, in bytes.
        public var checkpointChunkBytes = CheckpointChunk.bytesStandard
        /// How long to wait for the next piece before training begins anew.
        public var fetchPatience = Duration.seconds(60)
        /// Largest result that fits into a message.
        public var resultBytesMax: Int

        public init(
            tickInterval: Duration = .milliseconds(500), heartbeatInterval: Duration = .seconds(2),
            silenceMax: Duration = .seconds(10), resendInterval: Duration = .seconds(5),
            progressInterval: Duration = .seconds(1), prefetchCount: Int = 1,
            prefetchBelow: Duration = .seconds(2),
            orphanLimit: Duration? = nil, leaveGrace: Duration = .seconds(5),
            resultBytesMax: Int = WireLimits.standard.frameBytesMax
        ) {
            precondition(
                silenceMax > heartbeatInterval + heartbeatInterval, "silence outlasts two heartbeats")
            precondition(
                tickInterval > .zero && tickInterval <= heartbeatInterval,
                "ticks are as frequent as heartbeats")
            precondition(prefetchCount >= 0, "a worker cannot prefetch \(prefetchCount) tasks")
            self.tickInterval = tickInterval
            self.heartbeatInterval = heartbeatInterval
            self.silenceMax = silenceMax
            self.resendInterval = resendInterval
            self.progressInterval = progressInterval
            self.prefetchCount = prefetchCount
            self.prefetchBelow = prefetchBelow
            self.orphanLimit = orphanLimit
            self.leaveGrace = leaveGrace
            self.resultBytesMax = resultBytesMax
        }

        public static let standard = Limits()
    }

    /// Something a person may want to read in a log.
    public enum Notice: Hashable, Sendable {
        case welcomed(incarnation: UInt64)
        case coordinatorSilent
        case started(Assignment)
        case cancelled(Assignment)
        case acknowledged(Assignment, Disposition)
        case unreadable(WireError)
        /// This process stood still.
        case ownPause(Duration)
        case setAside(Assignment)
        case checkpointTooLarge(Assignment, Int)
        case checkpointRefused(Assignment)
        /// The coordinator has no whole checkpoint after this epoch.
        case checkpointLost(Assignment, epoch: Int)
        case startsAnew(Assignment)
    }
}

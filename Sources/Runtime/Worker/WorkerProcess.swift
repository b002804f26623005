internal import Basics
public import Messaging
public import Workers
internal import ZeroMQ

/// A worker: one slot, one task at a time.
///
/// The thread that calls ``run(_:)`` becomes the messenger: it owns the socket and keeps the heartbeat going whatever
/// the trainer does on its own thread.
public final class WorkerProcess: Sendable {
    private let options: Options
    private let inputs: Mailbox<Input>

    /// How a worker works.
    public struct Options: Sendable {
        public var address: WorkerAddress
        /// What opens an encrypted coordinator's door; `nil` for plain text.
        public var key: WorkerKey?
        /// Whether a coordinator in plain text is refused although there is a key.
        public var isKeyRequired = true
        /// The folder of all outboxes of this machine's workers for this run.
        public var outboxes: String
        /// Where tasks keep checkpoints on a disk of the worker's own, for as long as the coordinator has none as new;
        /// `nil` on a disk that both see.
        public var checkpoints: CheckpointFolder?
        /// The program's version and commit.
        public var build: String
        public var numericProfile: NumericProfile
        public var limits: Worker.Limits
        /// A descriptor that becomes readable when the supervisor is gone: 0 for a process that a
        /// ``WorkerSupervisor`` started.
        public var lifeline: Int32?
        /// What the worker says goes here.
        public var log: EventLog

        public init(
            address: WorkerAddress, outboxes: String, build: String, numericProfile: NumericProfile,
            limits: Worker.Limits = .standard, lifeline: Int32? = nil, key: WorkerKey? = nil,
            log: EventLog = EventLog(descriptor: 2)
        ) {
            self.address = address
            self.key = key
            self.outboxes = outboxes
            self.build = build
            self.numericProfile = numericProfile
            self.limits = limits
            self.lifeline = lifeline
            self.log = log
        }
    }

    enum Input: Sendable {
        case trainer(TrainingThread.Report)
        case command(Worker.Command)
        case halt
    }

    /// - Throws: `ZeroMQError` when descriptors run out.
    public init(_ options: Options) throws {
        self.options = options
        inputs = try Mailbox<Input>()
    }

    /// Passes on what the user wants; from any thread.
    public func send(_ command: Worker.Command) { inputs.post(.command(command)) }

    /// Stops without a word to the coordinator, as a killed process would, but for the outbox.
    public func halt() { inputs.post(.halt) }

    /// Works until the sweep has ended, or until told to leave.
    ///
    /// - Parameters:
    ///   - performer: Trains the tasks.
    ///   - signals: Asks to leave: once after the task in training, twice at once.
    /// - Returns: Why the worker left; `nil` after ``halt()``.
    /// - Throws: ``SystemError`` where the outbox cannot be used, `ZeroMQError` where the address is malformed.
    public func run(_ performer: any TaskPerforming, signals: StopSignals? = nil) throws -> Worker.Exit? {
        let outbox = try Outbox(claimingIn: options.outboxes, key: options.key?.name)
        outbox.adoptAbandoned()
        let inputs = inputs
        let trainer = try TrainingThread(
            performer, carriesCheckpoints: options.limits.carriesCheckpoints, mark: { outbox.mark($0) },
            report: { inputs.post(.trainer($0)) })
        defer { trainer.stop() }
        let description = WorkerDescription(
            name: outbox.name, host: Host.name, processID: Host.processID, slot: outbox.slot,
            build: options.build, coreCount: Host.coreCount, memoryBytes: Host.memoryBytes,
            numericProfile: options.numericProfile)
        var messenger = try Messenger(
            Worker(description, outbox: outbox.load(), limits: options.limits, at: SystemClock.now),
            options: options, outbox: outbox, trainer: trainer, inputs: inputs, signals: signals)
        return try messenger.run()
    }
}

extension Worker.Exit {
    /// How a worker process tells its supervisor why it left.
    public var exitCode: ExitCode {
        switch self {
        case .sweepEnded, .commanded: .done
        case .orphaned: .unavailable
        case .refused: .configuration
        }
    }
}

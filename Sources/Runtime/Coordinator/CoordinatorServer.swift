internal import Basics
public import Coordination
public import Messaging
public import Sweeps
public import ZeroMQ

/// What a coordinator serves.
public struct ServedSweep: Sendable {
    public let id: SweepID
    /// One more than at the last start, durable already.
    public let incarnation: UInt64
    /// What the store knows of each task, in the order in which they shall be handed out.
    public let standings: [TaskStanding]
    /// The task at an index of ``standings``; called when it is handed out, on the server's thread.
    public let task: @Sendable (Int) -> TrainingTask
    /// What people may steer by.
    public let axes: [Axis]
    /// The values of ``axes`` of the task at an index of ``standings``.
    public let axisValues: @Sendable (Int) -> [Setting]

    public init(
        id: SweepID, incarnation: UInt64, standings: [TaskStanding], axes: [Axis] = [],
        axisValues: @escaping @Sendable (Int) -> [Setting] = { _ in [] },
        task: @escaping @Sendable (Int) -> TrainingTask
    ) {
        self.axes = axes
        self.axisValues = axisValues
        self.id = id
        self.incarnation = incarnation
        self.standings = standings
        self.task = task
    }
}

/// Serves a sweep to workers: one thread owns the socket and drives the ``Coordinator``, another owns the store.
///
/// The server decides nothing: it turns frames into events, performs effects in order, and tells the time.
public final class CoordinatorServer: Sendable {
    /// Where workers connect to, with the port that the system chose.
    public let endpoint: String
    /// What workers must know to trust the server; `nil` in plain text.
    public let curveKey: PublicKey?
    /// Where the command line of this machine reaches the coordinator; `nil` where it cannot.
    public let control: String?

    private let inputs: Mailbox<Input>
    private let newsbox: Mailbox<News>
    private let shownPicture: Shared<Coordinator.Picture>
    private let writer: StoreWriter
    private let checkpoints: CheckpointStore?
    private let thread: BackgroundThread

    /// What whoever started the server may want to know.
    public enum News: Sendable {
        case notice(Coordinator.Notice)
        /// Somebody was kept out, or the list of who is not could not be read; one sentence for people.
        case warning(String)
        /// These tasks are done or have failed for good, durably.
        case ended([TaskID])
        case finished(Coordinator.Summary)
        /// The server cannot go on; one sentence for people.
        case broken(String)
    }

    private struct Started: Sendable {
        let endpoint: String
        let curveKey: PublicKey?
        let control: String?
    }

    /// What an encrypted door needs.
    private struct Lock: Sendable {
        let keys: KeyPair
        let allowed: AllowListWatch

        init(_ folder: KeyFolder) throws {
            keys = try folder.coordinatorKeys()
            allowed = try AllowListWatch(folder)
        }
    }

    enum Input: Sendable {
        case command(Coordinator.Command)
        case store(StoreWriter.Answer)
        case checkpoint(Coordinator.Event)
        case halt
    }

    /// Binds and starts to serve.
    ///
    /// - Parameters:
    ///   - sweep: What to serve.
    ///   - address: Where to listen.
    ///   - keys: Encrypt, and let in whom this folder allows; `nil` for plain text.
    ///   - store: Where attempts and results become durable.
    ///   - checkpoints: Where the state of long tasks is kept for others to go on from; nowhere where `nil`.
    ///   - limits: How patient and how generous to be.
    ///   - directory: Where the command line may reach the coordinator; nowhere where `nil`.
    /// - Throws: `ZeroMQError` when the address is in use or unknown, ``KeyError`` when keys cannot be used or
    ///   strangers are not kept out, ``SystemError`` when threads run out.
    public init(
        _ sweep: ServedSweep, at address: ListenAddress = .local, keys: KeyFolder? = nil,
        store: any DurableStore, checkpoints: CheckpointFolder? = nil, limits: Coordinator.Limits = .standard,
        controlledIn directory: RunDirectory? = nil
    ) throws {
        let (inputs, newsbox) = (try Mailbox<Input>(), try Mailbox<News>())
        let started = try Mailbox<Result<Started, any Error>>()
        var limits = limits
        if checkpoints == nil { limits.checkpointBytesMax = 0 }
        let machine = Coordinator(
            sweep: sweep.id, incarnation: sweep.incarnation, tasks: sweep.standings, limits: limits,
            at: SystemClock.now)
        let picture = Shared(machine.picture)
        let writer = try StoreWriter(store) { inputs.post(.store($0)) }
        let checkpoints = try checkpoints.map { try CheckpointStore($0) { inputs.post(.checkpoint($0)) } }
        let lock = try keys.map { try Lock($0) }
        let thread = try BackgroundThread("coordinator") {
            do {
                let context = try Context()
                let gate = try lock.map { lock in
                    try Gate(lock.keys, lock.allowed, in: context) { newsbox.post(.warning($0)) }
                }
                defer { gate?.close() }
                // A socket belongs to the thread that makes it.
                let options = SocketOptions(security: gate?.security ?? .plainText)
                let router = try Socket(.router, in: context, options: options)
                try router.bind(to: address.endpoint)
                let endpoint = try router.lastEndpoint()
                try gate?.proveClosed(at: endpoint)
                // In a context of its own: the gate judges everybody who comes to the other.
                let control = try directory.flatMap { ControlChannel.open(in: $0, try Context()) }
                started.post(
                    .success(
                        Started(
                            endpoint: endpoint, curveKey: lock?.keys.publicKey, control: control?.endpoint)))
                var loop = CoordinatorLoop(
                    machine, router: router, door: Door(lock?.allowed, limits: machine.limits), sweep: sweep,
                    control: control, writer: writer, checkpoints: checkpoints, inputs: inputs,
                    newsbox: newsbox, picture: picture)
                try loop.run()
            } catch {
                started.post(.failure(error))
                newsbox.post(.broken("\(error)"))
            }
        }
        do {
            let answer = try started.waitForFirst().get()
            (endpoint, curveKey, control) = (answer.endpoint, answer.curveKey, answer.control)
        } catch {
            thread.join()
            writer.stop(keepingRest: false)
            checkpoints?.stop()
            throw error
        }
        self.inputs = inputs
        self.newsbox = newsbox
        shownPicture = picture
        self.writer = writer
        self.checkpoints = checkpoints
        self.thread = thread
    }

    /// The state of the sweep, a fraction of a second old.
    public var picture: Coordinator.Picture { shownPicture.current }

    /// Passes on what the user wants.
    public func send(_ command: Coordinator.Command) { inputs.post(.command(command)) }

    /// Ready to read when there is news.
    public var newsDescriptor: Int32 { newsbox.descriptor }

    /// Everything that has happened since this was last asked.
    public func takeNews() -> [News] { newsbox.take() }

    /// Stops serving, without a word to the workers, and waits for both threads.
    ///
    /// - Parameter keepingWrites: Whether what waits to be written still is; a killed process would not.
    public func halt(keepingWrites: Bool = true) {
        inputs.post(.halt)
        thread.join()
        writer.stop(keepingRest: keepingWrites)
        checkpoints?.stop()
    }
}

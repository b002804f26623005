internal import Basics
internal import Coordination
internal import Messaging
internal import Sweeps
internal import ZeroMQ

/// The thread that owns the coordinator's socket.
struct CoordinatorLoop: ~Copyable {
    private var machine: Coordinator
    private let router: Socket
    private var door: Door
    private let task: @Sendable (Int) -> TrainingTask
    private let writer: StoreWriter
    private let inputs: Mailbox<CoordinatorServer.Input>
    private let newsbox: Mailbox<CoordinatorServer.News>
    private let picture: Shared<Coordinator.Picture>

    private var nextTick: Instant
    private var nextPicture: Instant
    private var isHalted = false
    /// Sessions that turned out unreachable while effects were performed.
    private var lostSessions: [SessionID] = []

    /// Messages taken before the clock and the other threads get their turn again.
    private static let messagesPerTurn = 1000
    private static let pictureInterval = Duration.milliseconds(100)

    init(
        _ machine: Coordinator, router: consuming Socket, door: Door,
        task: @escaping @Sendable (Int) -> TrainingTask,
        writer: StoreWriter, inputs: Mailbox<CoordinatorServer.Input>,
        newsbox: Mailbox<CoordinatorServer.News>, picture: Shared<Coordinator.Picture>
    ) {
        self.machine = machine
        self.router = router
        self.door = door
        self.task = task
        self.writer = writer
        self.inputs = inputs
        self.newsbox = newsbox
        self.picture = picture
        nextTick = SystemClock.now
        nextPicture = SystemClock.now
    }

    /// Serves until halted.
    ///
    /// - Throws: `ZeroMQError` when the socket is broken.
    mutating func run() throws(ZeroMQError) {
        var poller = Poller()
        _ = poller.watch(router)
        _ = poller.watch(descriptor: inputs.descriptor)
        while !isHalted {
            let now = SystemClock.now
            _ = try poller.wait(for: max(.zero, min(nextTick, nextPicture) - now))
            try takeInputs()
            try takeMessages()
            if SystemClock.now >= nextTick {
                nextTick = SystemClock.now + machine.limits.tickInterval
                try takeRevocations()
                try handle(.tick)
            }
            showPicture()
        }
    }

    private mutating func showPicture() {
        let now = SystemClock.now
        guard now >= nextPicture else { return }
        nextPicture = now + CoordinatorLoop.pictureInterval
        picture.publish(machine.picture)
    }

    private mutating func takeInputs() throws(ZeroMQError) {
        for input in inputs.take() where !isHalted {
            switch input {
            case .command(let command): try handle(.command(command))
            case .store(.failed(let reason)): try handle(.storeFailed(reason))
            case .store(.stored(let sequence, let ended)):
                try handle(.stored(through: sequence))
                if !ended.isEmpty { newsbox.post(.ended(ended)) }
            case .halt: isHalted = true
            }
        }
    }

    private mutating func takeMessages() throws(ZeroMQError) {
        for _ in 0..<CoordinatorLoop.messagesPerTurn where !isHalted {
            guard let message = try router.receive(frameCountMax: 4) else { return }
            guard let event = door.event(for: message) else { continue }
            try handle(event)
        }
    }

    private mutating func takeRevocations() throws(ZeroMQError) {
        let (events, problem) = door.revocations()
        for event in events { try handle(event) }
        if let problem { newsbox.post(.warning(problem)) }
    }

    /// Hands an event to the machine, performs what it asks for, and tells it of sessions lost on the way.
    private mutating func handle(_ event: Coordinator.Event) throws(ZeroMQError) {
        var events = [event]
        while !events.isEmpty {
            for event in events {
                for effect in machine.handle(event, at: SystemClock.now) { try perform(effect) }
            }
            events = lostSessions.map { .sessionLost($0) }
            lostSessions = []
        }
    }

    private mutating func perform(_ effect: Coordinator.Effect) throws(ZeroMQError) {
        switch effect {
        case .send(let envelope, let session): try send(envelope, to: session)
        case .dispatch(let assignment, let index, let header, let session):
            let task = task(index)
            let order = TaskOrder(
                assignment: assignment, lease: machine.limits.lease, configuration: task.configuration,
                environment: task.environment)
            try send(CoordinatorEnvelope(header, .task(order)), to: session)
        case .store(let write, let sequence): writer.keep(write, sequence: sequence)
        case .log(let notice): newsbox.post(.notice(notice))
        case .finished(let summary):
            picture.publish(machine.picture)
            newsbox.post(.finished(summary))
        }
    }

    private mutating func send(
        _ envelope: CoordinatorEnvelope, to session: SessionID
    ) throws(ZeroMQError) {
        switch try router.send([session.bytes] + envelope.frames) {
        case .queued: break
        // Credits keep far fewer messages under way than a queue holds: whoever has not taken a thousand of them has
        // stopped reading, and is as good as gone until it says HELLO again.
        case .wouldBlock, .unreachable:
            if !lostSessions.contains(session) { lostSessions.append(session) }
        }
    }
}

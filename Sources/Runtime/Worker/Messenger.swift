internal import Basics
internal import Glibc
internal import Messaging
internal import Sweeps
internal import Workers
internal import ZeroMQ

/// The loop that owns a worker's socket and drives its ``Worker``.
struct Messenger: ~Copyable {
    private var machine: Worker
    private let options: WorkerProcess.Options
    private let outbox: Outbox
    private let trainer: TrainingThread
    private let inputs: Mailbox<WorkerProcess.Input>
    private let signals: StopSignals?
    private let context: Context

    private var connection: Connection?
    private var destination: Destination?
    /// The last trouble with a handshake that was told, lest it be told every second.
    private var handshakeTrouble: String?
    /// When to look for the coordinator next; `nil` while a connection is open.
    private var connectAt: Instant?
    /// When to look next whether there is anything left to look for.
    private var endCheckAt = Instant.origin
    private var nextTick: Instant
    private var lifeline: Int32?
    private var signalCount = 0
    private var spooled = SpooledCheckpoints()
    private var ending: Ending?
    /// What the log shall say of the event at hand.
    private var lines: [String] = []

    private enum Ending {
        case exit(Worker.Exit)
        case halted
    }

    /// Pause between two looks for a coordinator that has not said where it is.
    private static let searchInterval = Duration.milliseconds(200)
    /// The same between two looks into the store of a run that nobody works on.
    private static let endCheckInterval = Duration.seconds(2)
    /// Reconnections are spread over this time, lest a thousand workers say HELLO in one moment.
    private static let jitterMilliseconds = 500
    private static let messagesPerTurn = 1000
    /// How long the last words may take to leave.
    private static let lingering = Duration.milliseconds(500)
    /// Batch systems kill 30 s after they have asked.
    private static let handBackSeconds: UInt32 = 23

    init(
        _ machine: Worker, options: WorkerProcess.Options, outbox: Outbox, trainer: TrainingThread,
        inputs: Mailbox<WorkerProcess.Input>, signals: StopSignals?
    ) throws(ZeroMQError) {
        context = try Context()
        self.machine = machine
        self.options = options
        self.outbox = outbox
        self.trainer = trainer
        self.inputs = inputs
        self.signals = signals
        lifeline = options.lifeline
        nextTick = SystemClock.now
        connectAt = SystemClock.now
    }

    /// Works until the machine says exit.
    ///
    /// - Returns: Why; `nil` when halted.
    /// - Throws: `ZeroMQError` when the address is malformed or the socket is broken.
    mutating func run() throws(ZeroMQError) -> Worker.Exit? {
        while true {
            try connectIfDue()
            try wait()
            try takeSignals()
            for input in inputs.take() { try take(input) }
            try takeHandshakes()
            try takeMessages()
            if SystemClock.now >= nextTick {
                nextTick = SystemClock.now + options.limits.tickInterval
                try handle(.tick)
            }
            try connection?.flush()
            switch ending {
            case .exit(let exit):
                connection.take()?.close(lingeringFor: Messenger.lingering)
                return exit
            case .halted: return nil
            case nil: break
            }
        }
    }

    private mutating func connectIfDue() throws(ZeroMQError) {
        guard let due = connectAt, due <= SystemClock.now else { return }
        if let directory = endedRun() {
            options.log.say("\(directory): the sweep has ended, and nobody works on it any more; leaving")
            return try handle(.runEnded)
        }
        switch Destination.find(options.address, key: options.key, isKeyRequired: options.isKeyRequired) {
        case .unknown: connectAt = SystemClock.now + Messenger.searchInterval
        case .refused(let refusal):
            options.log.say(refusal.message)
            try handle(.refused(refusal))
        case .found(let destination):
            connectAt = nil
            self.destination = destination
            connection = try Connection.open(to: destination, in: context)
            options.log.say("connecting to \(destination)")
            try handle(.connected)
        }
    }

    /// The run that this worker belongs to, where it has ended; looked at now and then.
    private mutating func endedRun() -> RunDirectory? {
        guard case .run(let directory) = options.address, SystemClock.now >= endCheckAt else { return nil }
        endCheckAt = SystemClock.now + Messenger.endCheckInterval
        return directory.hasEnded ? directory : nil
    }

    /// Tells what keeps a connection from coming to stand, and leaves where it never will.
    private mutating func takeHandshakes() throws(ZeroMQError) {
        guard let destination, let events = try connection?.handshakes.take() else { return }
        for event in events {
            switch destination.judge(event) {
            case .fine: handshakeTrouble = nil
            case .trouble(let text):
                if handshakeTrouble != text { options.log.say(text) }
                handshakeTrouble = text
            case .hopeless(let refusal):
                options.log.say(refusal.message)
                try handle(.refused(refusal))
            case nil: break
            }
        }
    }

    /// Waits for a message, a word from another thread or from outside, or the time.
    private func wait() throws(ZeroMQError) {
        var poller = Poller()
        if connection != nil { watchConnection(in: &poller) }
        _ = poller.watch(descriptor: inputs.descriptor)
        if let lifeline { _ = poller.watch(descriptor: lifeline) }
        if let signals { _ = poller.watch(descriptor: signals.descriptor) }
        let due = min(nextTick, connectAt ?? nextTick)
        _ = try poller.wait(for: max(.zero, due - SystemClock.now))
    }

    private func watchConnection(in poller: inout Poller) {
        switch connection {
        case .some(let connection):
            _ = poller.watch(connection.socket, includingRoom: connection.hasUnsent)
            _ = poller.watch(connection.handshakes.socket)
        case nil: break
        }
    }

    private mutating func takeSignals() throws(ZeroMQError) {
        if let descriptor = lifeline, Messenger.hasEnded(descriptor) {
            lifeline = nil
            options.log.say("the supervisor is gone; leaving")
            try handle(.command(.stop))
        }
        guard let signals else { return }
        for request in signals.takeRequests() {
            signalCount += 1
            if request == .handBack {
                // A checkpoint is kept where the epoch ends; an epoch that takes longer than this is given up.
                StopSignals.leave(withinSeconds: Messenger.handBackSeconds)
                try handle(.command(.handBack))
            } else {
                try handle(.command(signalCount == 1 ? .drain : .stop))
            }
        }
    }

    /// Whether the other end of a line was closed.
    private static func hasEnded(_ descriptor: Int32) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, 0) == 1 else { return false }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) == 0
    }

    private mutating func take(_ input: WorkerProcess.Input) throws(ZeroMQError) {
        switch input {
        case .trainer(.progressed(let assignment, let progress)):
            try handle(.progressed(assignment, progress))
        case .trainer(.checkpointed(let assignment, let seal, let bytes)):
            try handle(.checkpointed(assignment, seal, bytes: bytes))
        case .trainer(.interrupted(let assignment)): try handle(.interrupted(assignment))
        case .trainer(.ended(let report)): try handle(.ended(report))
        case .command(let command): try handle(.command(command))
        case .halt: ending = .halted
        }
    }

    private mutating func takeMessages() throws(ZeroMQError) {
        for _ in 0..<Messenger.messagesPerTurn where ending == nil {
            guard let message = try connection?.socket.receive(frameCountMax: 4) else { return }
            let event: Worker.Event
            do throws(WireError) {
                guard message.droppedFrameCount == 0 else {
                    throw .frameCount(message.frames.count + message.droppedFrameCount)
                }
                event = .received(withoutOlder(try CoordinatorEnvelope(frames: message.frames)))
            } catch {
                event = .receivedUnreadable(error)
            }
            try handle(event)
        }
    }

    /// Strikes from orders the checkpoints that are no newer than what lies here.
    private func withoutOlder(_ envelope: CoordinatorEnvelope) -> CoordinatorEnvelope {
        switch envelope.message {
        case .task(let order): Envelope(envelope.header, .task(withoutOlder(order)))
        case .tasks(let orders): Envelope(envelope.header, .tasks(orders.map { withoutOlder($0) }))
        default: envelope
        }
    }

    private func withoutOlder(_ order: TaskOrder) -> TaskOrder {
        guard !order.checkpoints.isEmpty,
            let here = options.checkpoints?.epochs(of: order.assignment.task).first
        else { return order }
        var order = order
        order.checkpoints.removeAll { $0 <= here }
        return order
    }

    private mutating func handle(_ event: Worker.Event) throws(ZeroMQError) {
        // One write for all that an event has to say: a hundred results may be acknowledged together.
        defer {
            options.log.say(lines)
            lines = []
        }
        for effect in machine.handle(event, at: SystemClock.now) {
            guard ending == nil else { return }
            try perform(effect)
        }
    }

    private mutating func perform(_ effect: Worker.Effect) throws(ZeroMQError) {
        switch effect {
        case .send(let envelope): try connection?.send(envelope)
        case .startTask(let order, let checkpoint):
            spooled.start(order)
            trainer.start(order, from: checkpoint)
        case .interruptTask(let assignment): trainer.interrupt(assignment)
        case .checkpointIsSafe(let assignment, let epoch):
            spooled.noteSafe(assignment.task)
            options.log.say("\(assignment): its checkpoint after epoch \(epoch) is with the coordinator")
        case .cancelTask(let assignment): trainer.cancel(assignment)
        case .keepInOutbox(let report):
            do {
                try outbox.keep(report)
            } catch {
                // The machine holds it too, and delivers it as long as this process lives.
                options.log.say("\(report.assignment): its report is in memory only: \(error)")
            }
        case .removeFromOutbox(let assignments):
            do {
                try outbox.remove(assignments)
            } catch {
                let names = assignments.map(\.description).joined(separator: ", ")
                options.log.say("\(names): the report stays and will be sent again: \(error)")
            }
        case .reconnect:
            connection = nil
            let jitter = Duration.milliseconds(Int.random(in: 0...Messenger.jitterMilliseconds))
            connectAt = SystemClock.now + jitter
        case .log(let notice): lines.append(notice.description)
        case .exit(let exit):
            ending = .exit(exit)
            if let folder = options.checkpoints { spooled.clear(folder, after: exit) }
        }
    }
}

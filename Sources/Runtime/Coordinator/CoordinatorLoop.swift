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
    private let sweep: ServedSweep
    private let control: ControlChannel?
    /// Who waits for which answer.
    private var asking: [UInt64: ControlChannel.Peer] = [:]
    private var lastRequest: UInt64 = 0
    private let writer: StoreWriter
    /// `nil` where no checkpoints are kept.
    private let checkpoints: CheckpointStore?
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
        _ machine: Coordinator, router: consuming Socket, door: Door, sweep: ServedSweep,
        control: ControlChannel?, writer: StoreWriter, checkpoints: CheckpointStore?,
        inputs: Mailbox<CoordinatorServer.Input>,
        newsbox: Mailbox<CoordinatorServer.News>, picture: Shared<Coordinator.Picture>
    ) {
        self.machine = machine
        self.router = router
        self.door = door
        self.sweep = sweep
        self.control = control
        self.writer = writer
        self.checkpoints = checkpoints
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
        control?.watch(in: &poller)
        while !isHalted {
            let now = SystemClock.now
            _ = try poller.wait(for: max(.zero, min(nextTick, nextPicture) - now))
            try takeInputs()
            try takeMessages()
            try takeRequests()
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
            case .checkpoint(let event): try handle(event)
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
        case .send(let envelope, let session): try send(envelope.frames, to: session)
        case .dispatch(let dispatches, let header, let session):
            let orders = dispatches.map { order($0) }
            for frames in CoordinatorEnvelope.frames(ordering: orders[...], header) {
                try send(frames, to: session)
            }
        case .store(let write, let sequence): writer.keep(write, sequence: sequence)
        case .keepCheckpoint(let assembly, let assignment, let index):
            let policy = CheckpointPolicy(environment: sweep.task(index).environment)
            checkpoints?.keep(assembly, of: assignment, keepsOlder: policy.keepsAll)
        case .readCheckpoint(let request, _, let session): checkpoints?.read(request, for: session)
        case .forgetCheckpoints(let index):
            let task = sweep.task(index)
            guard !CheckpointPolicy(environment: task.environment).keepsAll else { break }
            checkpoints?.forget(task.id)
        case .log(let notice): newsbox.post(.notice(notice))
        case .answer(let answer, let number):
            if let peer = asking.removeValue(forKey: number) {
                try control?.reply(ControlReply(answer), to: peer)
            }
        case .finished(let summary):
            picture.publish(machine.picture)
            newsbox.post(.finished(summary))
        }
    }

    private func order(_ dispatch: Coordinator.Dispatch) -> TaskOrder {
        let task = sweep.task(dispatch.taskIndex)
        return TaskOrder(
            assignment: dispatch.assignment, lease: machine.limits.lease, configuration: task.configuration,
            environment: task.environment, checkpoints: checkpointEpochs(of: dispatch.assignment))
    }

    /// Where an earlier attempt has left off; a first attempt costs no look at the disk.
    private func checkpointEpochs(of assignment: Assignment) -> [Int] {
        guard assignment.attempt > 1, let checkpoints else { return [] }
        return Array(checkpoints.folder.epochs(of: assignment.task).prefix(2))
    }

    private mutating func send(_ frames: [[UInt8]], to session: SessionID) throws(ZeroMQError) {
        switch try router.send([session.bytes] + frames) {
        case .queued: break
        // Credits keep far fewer messages under way than a queue holds: whoever has not taken a thousand of them has
        // stopped reading, and is as good as gone until it says HELLO again.
        case .wouldBlock, .unreachable:
            if !lostSessions.contains(session) { lostSessions.append(session) }
        }
    }
}

// MARK: - The command line

extension CoordinatorLoop {
    /// Requests taken before workers get their turn again.
    private static let requestsPerTurn = 16

    private mutating func takeRequests() throws(ZeroMQError) {
        for _ in 0..<CoordinatorLoop.requestsPerTurn where !isHalted {
            guard let (peer, request) = try control?.receive() ?? nil else { return }
            switch request {
            case .none: try control?.reply(.notUnderstood, to: peer)
            case .picture: try control?.reply(ControlReply(LivePicture(machine.picture)), to: peer)
            case .obstacle(let task):
                let obstacle = TaskID(task).flatMap { machine.obstacle(of: $0) }
                try control?.reply(ControlReply(obstacle: obstacle), to: peer)
            case .dismiss(let worker): try ask(.dismiss(worker), for: peer)
            case .steer(let verb, let predicate, let reason):
                switch steering(verb, where: predicate, reason) {
                case .success(let request): try ask(request, for: peer)
                case .failure(let problem):
                    try control?.reply(ControlReply(problem: problem.description, .usage), to: peer)
                }
            }
        }
    }

    private mutating func ask(
        _ request: Coordinator.Request, for peer: ControlChannel.Peer
    ) throws(ZeroMQError) {
        lastRequest += 1
        asking[lastRequest] = peer
        try handle(.asked(request, number: lastRequest))
    }

    /// Finds the tasks that are meant: the machine knows their states, and we their places on the axes.
    private func steering(
        _ verb: SteeringVerb, where text: String?, _ reason: String
    ) -> Result<Coordinator.Request, Predicate.Problem> {
        let predicate: Predicate?
        do throws(Predicate.Problem) {
            predicate = try text.map { (text) throws(Predicate.Problem) in
                try Predicate(text, axes: sweep.axes)
            }
        } catch {
            return .failure(error)
        }
        let indices = sweep.standings.indices.filter { index in
            predicate?.matches(
                sweep.standings[index].id, axisValues: sweep.axisValues(index), machine.situation(of: index))
                ?? true
        }
        return .success(
            .steer(
                verb, taskIndices: Array(indices), namesCondition: predicate?.namesCondition ?? false,
                reason: reason))
    }
}

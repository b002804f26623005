import Basics
import Coordination
import Messaging
import Sweeps

/// A coordinator with a clock, and workers who speak for themselves.
struct Rig {
    static let sweep = SweepID(7)
    static let alice = Rig.session(1)
    static let bob = Rig.session(2)

    var coordinator: Coordinator
    var now = Instant.origin
    /// Sequence numbers by session, as each worker counts them.
    private var sequences: [SessionID: UInt64] = [:]
    /// The highest sequence number each worker has seen.
    private var seen: [SessionID: UInt64] = [:]
    private var lastWrite: UInt64 = 0
    /// The newest TASK of each session, until a test has taken it.
    private var given: [SessionID: Assignment] = [:]
    /// All that was said to people.
    private(set) var notices: [Coordinator.Notice] = []

    init(_ standings: [TaskStanding] = Rig.tasks(2), limits: Coordinator.Limits = .standard) {
        coordinator = Coordinator(
            sweep: Rig.sweep, incarnation: 3, tasks: standings, limits: limits, at: .origin)
    }

    static func session(_ byte: UInt8) -> SessionID {
        var generator = SeededGenerator(seed: UInt64(byte), stream: "session")
        return SessionID(using: &generator)
    }

    static func tasks(_ count: Int) -> [TaskStanding] { (0..<count).map { TaskStanding(id: Rig.id($0)) } }

    static func id(_ index: Int) -> TaskID { TaskID(of: ["index": .integer(index)]) }

    static func assignment(_ index: Int, _ attempt: UInt32 = 1) -> Assignment {
        Assignment(task: id(index), attempt: attempt)
    }

    static func worker(_ name: String, on host: String = "node1", processID: Int = 1) -> WorkerDescription {
        WorkerDescription(
            name: name, host: host, processID: processID, slot: 0, build: "test", coreCount: 2,
            memoryBytes: 1 << 30,
            numericProfile: NumericProfile(blasCore: "Haswell", blasVersion: "0.3", instructionSet: "avx2"))
    }

    static func report(_ index: Int, _ attempt: UInt32 = 1, value: Double = 0.5) -> ResultReport {
        let result = TaskResult(
            columns: ["x"], measurements: [Measurement(epoch: 0, step: 0, scalars: [value])])
        return ResultReport(
            assignment: assignment(index, attempt), contentHash: result.contentHash, bytes: result.encoded(),
            elapsed: .seconds(1))
    }

    static func failure(_ index: Int, _ attempt: UInt32, _ failureClass: FailureClass) -> FailureReport {
        FailureReport(
            assignment: assignment(index, attempt), failureClass: failureClass, message: "simulated")
    }

    /// One thing happens now.
    mutating func tell(_ event: Coordinator.Event) -> [Said] {
        let effects = coordinator.handle(event, at: now)
        for effect in effects {
            switch effect {
            case .store(_, let sequence): lastWrite = max(lastWrite, sequence)
            case .send(let envelope, let session):
                seen[session] = max(seen[session] ?? 0, envelope.header.sequence)
            case .dispatch(let dispatches, let header, let session):
                seen[session] = max(seen[session] ?? 0, header.sequence)
                given[session] = dispatches.last?.assignment
            case .log(let notice): notices.append(notice)
            case .answer, .finished, .keepCheckpoint, .readCheckpoint, .forgetCheckpoints: break
            }
        }
        return effects.flatMap(Said.of)
    }

    /// A worker says something in its session.
    mutating func say(
        _ message: WorkerMessage, from session: SessionID = alice, incarnation: UInt64 = 3,
        seen: UInt64? = nil
    ) -> [Said] {
        let sequence = (sequences[session] ?? 0) + 1
        sequences[session] = sequence
        let header = MessageHeader(
            sweep: Rig.sweep, incarnation: incarnation, sequence: sequence,
            acknowledged: seen ?? self.seen[session] ?? 0)
        return tell(.received(WorkerEnvelope(header, message), from: session))
    }

    /// A worker introduces itself.
    mutating func join(
        _ name: String, from session: SessionID = alice, capacity: Int = 1, holdings: Holdings = Holdings(),
        on host: String = "node1", processID: Int = 1, connection: Int = 1
    ) -> [Said] {
        let worker = Rig.worker(name, on: host, processID: processID)
        return say(
            .hello(Hello(worker: worker, holdings: holdings, capacity: capacity, connection: connection)),
            from: session, incarnation: 0)
    }

    /// A worker lists the attempts it holds.
    mutating func beat(
        from session: SessionID = alice, active: [Assignment] = [], ended: [EndedAttempt] = [],
        capacity: Int = 1,
        seen: UInt64? = nil
    ) -> [Said] {
        let holdings = Holdings(active: active.map { ActiveAttempt($0, progress: nil) }, ended: ended)
        return say(
            .heartbeat(Heartbeat(holdings: holdings, capacity: capacity, uptime: now - .origin)),
            from: session,
            seen: seen)
    }

    /// The store commits all it was asked for.
    mutating func commit() -> [Said] { tell(.stored(through: lastWrite)) }

    /// The store commits, and a worker takes the task that it was sent since it last took one, if any.
    mutating func take(_ session: SessionID = alice) -> Assignment? {
        _ = commit()
        return given.removeValue(forKey: session)
    }

    /// Time passes in ticks, and workers beat as they hold.
    mutating func wait(_ duration: Duration, beating: [SessionID: [Assignment]] = [:]) -> [Said] {
        var said: [Said] = []
        let end = now + duration
        while now < end {
            now = now + .milliseconds(500)
            for session in [Rig.alice, Rig.bob] {
                if let held = beating[session] { _ = beat(from: session, active: held) }
            }
            said += tell(.tick)
        }
        return said
    }
}

/// An effect in the words of a test: headers left out, for they are tested by themselves.
enum Said: Hashable, Sendable {
    case send(CoordinatorMessage, to: SessionID)
    case task(Assignment, index: Int, to: SessionID)
    case store(StoreWrite)
    case answer(Coordinator.Answer)
    case keepCheckpoint(CheckpointSeal, [UInt8], Assignment)
    case readCheckpoint(CheckpointRequest, for: SessionID)
    case forgetCheckpoints(Int)
    case finished(Coordinator.Summary)

    /// An effect; each task of a message that brings several stands alone.
    static func of(_ effect: Coordinator.Effect) -> [Said] {
        switch effect {
        case .send(let envelope, let session): [.send(envelope.message, to: session)]
        case .dispatch(let dispatches, _, let session):
            dispatches.map { .task($0.assignment, index: $0.taskIndex, to: session) }
        case .store(let write, _): [.store(write)]
        case .log: []
        case .keepCheckpoint(let assembly, let assignment, _):
            [.keepCheckpoint(assembly.seal, assembly.bytes, assignment)]
        case .readCheckpoint(let request, _, let session): [.readCheckpoint(request, for: session)]
        case .forgetCheckpoints(let index): [.forgetCheckpoints(index)]
        case .answer(let answer, _): [.answer(answer)]
        case .finished(let summary): [.finished(summary)]
        }
    }

    static func welcome(_ verdicts: [HeldVerdict] = [], to session: SessionID = Rig.alice) -> Said {
        .send(
            .welcome(
                Welcome(
                    heartbeatInterval: .seconds(2), lease: .seconds(20), verdicts: verdicts,
                    checkpointBytesMax: Coordinator.Limits.standard.checkpointBytesMax)),
            to: session)
    }

    static func start(_ index: Int, _ attempt: UInt32 = 1, _ name: String = "alice") -> Said {
        .store(.attemptStarted(Rig.assignment(index, attempt), worker: Rig.worker(name)))
    }
}

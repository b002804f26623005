import Basics
import Messaging
import Sweeps
import Workers

/// A worker with a clock and a coordinator that says what the test wants.
struct WorkerRig {
    static let configuration: Setting = ["model": ["width": 8], "seed": 0]
    static let sweep = SweepID(7)

    var worker: Worker
    var now = Instant.origin
    private var sequence: UInt64 = 0

    init(outbox: [AttemptReport] = [], limits: Worker.Limits = .standard) {
        worker = Worker(.example, outbox: outbox, limits: limits, at: .origin)
    }

    /// The configuration of a task, told apart by its seed.
    static func configuration(_ index: Int) -> Setting { ["model": ["width": 8], "seed": .integer(index)] }

    static func assignment(_ index: Int, _ attempt: UInt32 = 1) -> Assignment {
        Assignment(task: TaskID(of: configuration(index)), attempt: attempt)
    }

    static func order(_ index: Int, _ attempt: UInt32 = 1) -> TaskOrder {
        TaskOrder(
            assignment: assignment(index, attempt), lease: .seconds(20), configuration: configuration(index),
            environment: [:])
    }

    static func report(_ index: Int, _ attempt: UInt32 = 1, elapsed: Duration = .seconds(10)) -> ResultReport
    {
        let result = TaskResult(
            columns: ["x"], measurements: [Measurement(epoch: 0, step: 0, scalars: [0.5])])
        return ResultReport(
            assignment: assignment(index, attempt), contentHash: result.contentHash, bytes: result.encoded(),
            elapsed: elapsed)
    }

    static func result(
        _ index: Int, _ attempt: UInt32 = 1, elapsed: Duration = .seconds(10)
    ) -> AttemptReport { .result(report(index, attempt, elapsed: elapsed)) }

    static func failure(_ index: Int, _ failureClass: FailureClass = .crash) -> AttemptReport {
        .failure(
            FailureReport(assignment: assignment(index), failureClass: failureClass, message: "simulated"))
    }

    /// One thing happens now.
    mutating func tell(_ event: Worker.Event) -> [Done] {
        worker.handle(event, at: now).flatMap(Done.of)
    }

    /// The coordinator says something.
    mutating func hear(
        _ message: CoordinatorMessage, incarnation: UInt64 = 1, sweep: SweepID = sweep
    ) -> [Done] {
        sequence += 1
        let header = MessageHeader(
            sweep: sweep, incarnation: incarnation, sequence: sequence, acknowledged: 0)
        return tell(.received(CoordinatorEnvelope(header, message)))
    }

    mutating func welcome(_ verdicts: [HeldVerdict] = [], incarnation: UInt64 = 1) -> [Done] {
        hear(
            .welcome(Welcome(heartbeatInterval: .seconds(2), lease: .seconds(20), verdicts: verdicts)),
            incarnation: incarnation)
    }

    /// A worker that has been taken on.
    static func welcomed(limits: Worker.Limits = .standard) -> WorkerRig {
        var rig = WorkerRig(limits: limits)
        _ = rig.tell(.connected)
        _ = rig.welcome()
        return rig
    }

    /// Time passes in ticks; the coordinator answers every heartbeat, or is silent.
    mutating func wait(_ duration: Duration, answering: Bool = true) -> [Done] {
        var done: [Done] = []
        let end = now + duration
        while now < end {
            now = now + .milliseconds(500)
            let said = tell(.tick)
            done += said
            let beat = said.contains { if case .send(.heartbeat) = $0 { true } else { false } }
            if beat, answering { done += hear(.ping) }
        }
        return done
    }
}

/// An effect in the words of a test: headers and log left out.
enum Done: Hashable, Sendable {
    case send(WorkerMessage)
    case start(Assignment)
    case resume(Assignment, [UInt8])
    case interrupt(Assignment)
    case safe(Assignment, Int)
    case cancel(Assignment)
    case keep(Assignment)
    case forget(Assignment)
    case reconnect
    case exit(Worker.Exit)

    /// An effect; each report that is forgotten stands alone.
    static func of(_ effect: Worker.Effect) -> [Done] {
        switch effect {
        case .send(let envelope): [.send(envelope.message)]
        case .startTask(let order, nil): [.start(order.assignment)]
        case .startTask(let order, .some(let checkpoint)): [.resume(order.assignment, checkpoint)]
        case .interruptTask(let assignment): [.interrupt(assignment)]
        case .checkpointIsSafe(let assignment, let epoch): [.safe(assignment, epoch)]
        case .cancelTask(let assignment): [.cancel(assignment)]
        case .keepInOutbox(let report): [.keep(report.assignment)]
        case .removeFromOutbox(let assignments): assignments.map { .forget($0) }
        case .reconnect: [.reconnect]
        case .log: []
        case .exit(let exit): [.exit(exit)]
        }
    }

    static func hello(
        active: [Assignment] = [], ended: [EndedAttempt] = [], capacity: Int = 1, connection: Int = 1
    ) -> Done {
        let holdings = Holdings(active: active.map { ActiveAttempt($0, progress: nil) }, ended: ended)
        return .send(
            .hello(Hello(worker: .example, holdings: holdings, capacity: capacity, connection: connection)))
    }

    /// The holdings of a heartbeat; `nil` for anything else.
    var beat: Heartbeat? { if case .send(.heartbeat(let heartbeat)) = self { heartbeat } else { nil } }
}

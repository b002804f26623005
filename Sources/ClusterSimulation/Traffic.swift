package import Messaging
import Sweeps

/// A message under way, in either direction.
package enum Traffic: Sendable {
    case toCoordinator(WorkerEnvelope)
    case toWorker(CoordinatorEnvelope)

    /// One word for traces, such as `HEARTBEAT`, with the assignment where there is one.
    var text: String {
        switch self {
        case .toCoordinator(let envelope): "#\(envelope.header.sequence) \(envelope.message.traceText)"
        case .toWorker(let envelope): "#\(envelope.header.sequence) \(envelope.message.traceText)"
        }
    }

    var wireType: UInt8 {
        switch self {
        case .toCoordinator(let envelope): envelope.message.wireType
        case .toWorker(let envelope): envelope.message.wireType
        }
    }

    var sequence: UInt64 {
        switch self {
        case .toCoordinator(let envelope): envelope.header.sequence
        case .toWorker(let envelope): envelope.header.sequence
        }
    }

    /// The same message after a trip through the wire format.
    func throughWire() throws(WireError) -> Traffic {
        switch self {
        case .toCoordinator(let envelope): .toCoordinator(try WorkerEnvelope(frames: envelope.frames))
        case .toWorker(let envelope): .toWorker(try CoordinatorEnvelope(frames: envelope.frames))
        }
    }
}

extension WorkerMessage {
    fileprivate var traceText: String {
        switch self {
        case .hello(let hello): "HELLO \(hello.holdings.traceText), wants \(hello.capacity)"
        case .heartbeat(let heartbeat):
            "HEARTBEAT \(heartbeat.holdings.traceText), wants \(heartbeat.capacity)"
        case .progress(let assignment, let progress): "PROGRESS \(assignment) epoch \(progress.epoch)"
        case .result(let report): "RESULT \(report.assignment)"
        case .results(let reports): "RESULTS \(reports.map(\.assignment))"
        case .failure(let report): "FAIL \(report.assignment) \(report.failureClass.rawValue)"
        case .release(let assignments, _): "RELEASE \(assignments)"
        case .goodbye: "BYE"
        case .checkpoint(let assignment, let seal): "CHECKPOINT \(assignment) epoch \(seal.epoch)"
        case .checkpointChunk(let chunk):
            "CHUNK \(chunk.assignment) epoch \(chunk.seal.epoch) at \(chunk.offset)"
        case .checkpointWanted(let request):
            "CHECKPOINT_WANTED \(request.assignment) epoch \(request.epoch) at \(request.offset)"
        }
    }
}

extension Holdings {
    fileprivate var traceText: String {
        "active \(active.map(\.assignment)), ended \(ended.map(\.assignment))"
    }
}

extension CoordinatorMessage {
    fileprivate var traceText: String {
        switch self {
        case .welcome(let welcome):
            "WELCOME "
                + welcome.verdicts.map { "\($0.assignment) \($0.verdict.rawValue)" }.joined(separator: ", ")
        case .whoAreYou: "WHO_ARE_YOU"
        case .task(let order): "TASK \(order.assignment)"
        case .tasks(let orders): "TASKS \(orders.map(\.assignment))"
        case .resultAck(let assignment, let disposition): "RESULT_ACK \(assignment) \(disposition.rawValue)"
        case .resultsAck(let assignments): "RESULTS_ACK \(assignments)"
        case .revoke(let assignment): "REVOKE \(assignment)"
        case .ping: "PING"
        case .drain: "DRAIN"
        case .shutdown: "SHUTDOWN"
        case .leave: "LEAVE"
        case .checkpointWanted(let request):
            "CHECKPOINT_WANTED \(request.assignment) epoch \(request.epoch) at \(request.offset)"
        case .checkpointChunk(let chunk):
            "CHUNK \(chunk.assignment) epoch \(chunk.seal.epoch) at \(chunk.offset)"
        case .checkpointTaken(let assignment, let epoch, let isKept):
            "CHECKPOINT_TAKEN \(assignment) epoch \(epoch)\(isKept ? "" : ", not kept")"
        case .checkpointGone(let assignment, let epoch): "CHECKPOINT_GONE \(assignment) epoch \(epoch)"
        case .refused(let refusal): "REFUSED \(refusal.message)"
        }
    }
}

internal import Basics
public import Sweeps

extension CoordinatorMessage: WireMessage {
    /// The type of REFUSED, which keeps its form through all major versions.
    static let refusedType: UInt8 = 72

    public var wireType: UInt8 {
        switch self {
        case .welcome: 64
        case .whoAreYou: 65
        case .task: 66
        case .resultAck: 67
        case .resultsAck: 81
        case .tasks: 82
        case .revoke: 68
        case .ping: 69
        case .drain: 70
        case .shutdown: 71
        case .checkpointWanted: 73
        case .checkpointChunk: 74
        case .checkpointTaken: 75
        case .checkpointGone: 76
        case .leave: 80
        case .refused: CoordinatorMessage.refusedType
        }
    }

    public var wireBody: Setting {
        switch self {
        case .welcome(let welcome): welcome.wireFields
        case .whoAreYou, .ping, .drain, .shutdown, .leave: [:]
        case .task(let order): order.wireFields
        case .tasks(let orders): ["tasks": .list(orders.map(\.wireFields))]
        case .resultAck(let assignment, let disposition):
            [
                "attempt": .integer(Int(assignment.attempt)), "disposition": .text(disposition.rawValue),
                "task": .text(assignment.task.text),
            ]
        case .resultsAck(let assignments): ["recorded": .list(assignments.map(\.wireFields))]
        case .revoke(let assignment): assignment.wireFields
        case .checkpointWanted(let request): request.wireFields
        case .checkpointChunk(let chunk): chunk.wireFields
        case .checkpointTaken(let assignment, let epoch, let isKept):
            assignment.wireFields.adding(["epoch": .integer(epoch), "kept": .boolean(isKept)])
        case .checkpointGone(let assignment, let epoch):
            assignment.wireFields.adding(["epoch": .integer(epoch)])
        case .refused(let refusal):
            ["code": .text(refusal.code.rawValue), "message": .text(refusal.message)]
        }
    }

    public var hasWireBlob: Bool { if case .checkpointChunk = self { true } else { false } }

    public var wireBlob: [UInt8]? { if case .checkpointChunk(let chunk) = self { chunk.bytes } else { nil } }

    public init(wireType: UInt8, fields: WireFields, blob: [UInt8]?) throws(WireError) {
        switch wireType {
        case 64: self = .welcome(try Welcome(fields))
        case 65: self = .whoAreYou
        case 66: self = .task(try TaskOrder(fields))
        case 67: self = .resultAck(try fields.assignment(), try fields.choice("disposition"))
        case 68: self = .revoke(try fields.assignment())
        case 69: self = .ping
        case 70: self = .drain
        case 71: self = .shutdown
        case 73: self = .checkpointWanted(try CheckpointRequest(fields))
        case 74: self = .checkpointChunk(try CheckpointChunk(fields, blob: blob))
        case 75:
            self = .checkpointTaken(
                try fields.assignment(), epoch: try fields.integer("epoch"), isKept: try fields.flag("kept"))
        case 76: self = .checkpointGone(try fields.assignment(), epoch: try fields.integer("epoch"))
        case 80: self = .leave
        case 81:
            self = .resultsAck(
                try fields.list("recorded") { (fields: WireFields) throws(WireError) in
                    try fields.assignment()
                })
        case 82:
            let orders = try fields.list("tasks") { (fields: WireFields) throws(WireError) in
                try TaskOrder(fields)
            }
            guard !orders.isEmpty else { throw .body(field: "tasks") }
            self = .tasks(orders)
        case CoordinatorMessage.refusedType:
            self = .refused(Refusal(try fields.choice("code"), try fields.text("message")))
        default: throw .unknownType(wireType)
        }
    }
}

extension TaskOrder {
    fileprivate var wireFields: Setting {
        let fields: Setting = [
            "attempt": .integer(Int(assignment.attempt)), "configuration": configuration,
            "environment": environment, "lease": Setting(lease), "task": .text(assignment.task.text),
        ]
        guard !checkpoints.isEmpty else { return fields }
        return fields.adding(["checkpoints": .list(checkpoints.map { .integer($0) })])
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        self.init(
            assignment: try fields.assignment(), lease: try fields.duration("lease"),
            configuration: try fields.setting("configuration"),
            environment: try fields.setting("environment"),
            checkpoints: try fields.optionalIntegers("checkpoints"))
    }
}

extension CoordinatorEnvelope {
    /// The messages that bring orders to a worker: one, unless their bodies would be larger than peers accept.
    ///
    /// - Parameters:
    ///   - orders: At least one.
    ///   - header: Bears the last of as many sequence numbers as there are orders.
    ///   - limits: What the peer accepts.
    /// - Returns: The frames of each message, in order.
    public static func frames(
        ordering orders: ArraySlice<TaskOrder>, _ header: MessageHeader, limits: WireLimits = .standard
    ) -> [[[UInt8]]] {
        let message: CoordinatorMessage =
            orders.count == 1 ? .task(orders[orders.startIndex]) : .tasks(Array(orders))
        let frames = CoordinatorEnvelope(header, message).frames
        guard orders.count > 1, frames[1].count > limits.bodyBytesMax else { return [frames] }
        let (first, second) = (orders.prefix(orders.count / 2), orders.dropFirst(orders.count / 2))
        let earlier = MessageHeader(
            sweep: header.sweep, incarnation: header.incarnation,
            sequence: header.sequence - UInt64(second.count), acknowledged: header.acknowledged)
        return self.frames(ordering: first, earlier, limits: limits)
            + self.frames(ordering: second, header, limits: limits)
    }
}

extension Welcome {
    fileprivate var wireFields: Setting {
        let verdicts = verdicts.map { held in
            held.assignment.wireFields.adding(["verdict": .text(held.verdict.rawValue)])
        }
        return [
            "checkpoint_bytes": .integer(checkpointBytesMax), "heartbeat": Setting(heartbeatInterval),
            "lease": Setting(lease), "several": .boolean(takesSeveral), "verdicts": .list(verdicts),
        ]
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        let heartbeatInterval = try fields.duration("heartbeat")
        // A worker that beats without pause would be its own denial of service.
        guard heartbeatInterval >= .milliseconds(10) else { throw .body(field: "heartbeat") }
        self.init(
            heartbeatInterval: heartbeatInterval, lease: try fields.duration("lease"),
            verdicts: try fields.list("verdicts") { (fields: WireFields) throws(WireError) in
                HeldVerdict(try fields.assignment(), try fields.choice("verdict"))
            }, checkpointBytesMax: try fields.optionalInteger("checkpoint_bytes") ?? 0,
            takesSeveral: try fields.optionalFlag("several") ?? false)
    }
}

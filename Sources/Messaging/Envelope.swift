/// What stands in the header of every message.
public struct MessageHeader: Hashable, Sendable {
    public let sweep: SweepID
    /// Which start of the coordinator the message belongs to; 0 where a worker has not been told yet.
    public let incarnation: UInt64
    /// Counts the sender's messages within a session, from 1.
    public let sequence: UInt64
    /// The highest sequence number that the sender has seen from its peer in this session.
    public let acknowledged: UInt64

    public init(sweep: SweepID, incarnation: UInt64, sequence: UInt64, acknowledged: UInt64) {
        self.sweep = sweep
        self.incarnation = incarnation
        self.sequence = sequence
        self.acknowledged = acknowledged
    }
}

/// A message with its header.
public struct Envelope<Message: Hashable & Sendable>: Hashable, Sendable {
    public let header: MessageHeader
    public let message: Message

    public init(_ header: MessageHeader, _ message: Message) {
        self.header = header
        self.message = message
    }
}

/// From a worker to the coordinator.
public typealias WorkerEnvelope = Envelope<WorkerMessage>
/// From the coordinator to a worker.
public typealias CoordinatorEnvelope = Envelope<CoordinatorMessage>

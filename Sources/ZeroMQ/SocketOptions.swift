/// How a socket is set up; the standard values are the rules that libzmq's traps have taught.
///
/// Three options are missing on purpose. libzmq's own heartbeats abort the process when the receiving queue is full
/// (4.3.4, `_input_stopped`): heartbeats belong to the application. `ZMQ_ROUTER_HANDOVER` leaks descriptors: every
/// socket takes a fresh routing id instead. `ZMQ_LINGER` is always 0: whoever needs delivery waits for an
/// acknowledgement, and ending a context must not block.
public struct SocketOptions: Hashable, Sendable {
    /// Largest frame in bytes; a peer that announces a larger one is disconnected before anything is allocated.
    public var frameBytesMax: Int
    /// Messages that may wait to be sent to one peer.
    public var sendQueueMax: Int
    /// Messages of one peer that may wait to be received.
    public var receiveQueueMax: Int
    /// How long a peer may take to finish the handshake.
    public var handshakeInterval: Duration
    /// Pause before the first attempt to connect again; doubles with each failure.
    public var reconnectInterval: Duration
    /// Longest pause between two attempts to connect.
    public var reconnectIntervalMax: Duration
    /// Connections that may wait to be accepted.
    public var backlog: Int
    /// The name under which a peer's router knows this socket: 1 to 255 bytes, the first of them not zero.
    public var routingID: [UInt8]?
    /// Who may listen and talk.
    public var security: LinkSecurity

    public init(
        frameBytesMax: Int = 4 << 20, sendQueueMax: Int = 1000, receiveQueueMax: Int = 1000,
        handshakeInterval: Duration = .seconds(3), reconnectInterval: Duration = .milliseconds(200),
        reconnectIntervalMax: Duration = .seconds(10), backlog: Int = 1024, routingID: [UInt8]? = nil,
        security: LinkSecurity = .plainText
    ) {
        self.frameBytesMax = frameBytesMax
        self.sendQueueMax = sendQueueMax
        self.receiveQueueMax = receiveQueueMax
        self.handshakeInterval = handshakeInterval
        self.reconnectInterval = reconnectInterval
        self.reconnectIntervalMax = reconnectIntervalMax
        self.backlog = backlog
        self.routingID = routingID
        self.security = security
    }
}

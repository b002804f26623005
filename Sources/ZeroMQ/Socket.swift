internal import CZeroMQ
internal import Glibc

/// A socket, owned by whoever holds this value.
///
/// `Socket` cannot be copied and is not `Sendable`: a libzmq socket belongs to one thread, and the compiler sees to
/// it. Sending and receiving never block; wait with ``Poller``.
public struct Socket: ~Copyable {
    let pointer: SocketPointer

    /// The patterns in use here.
    public enum Kind: Hashable, Sendable {
        /// Talks to many dealers, naming each by its routing id in the first frame.
        case router
        /// Talks to one router.
        case dealer
        /// One end of a line between two threads.
        case pair
        /// Answers questions one at a time.
        case reply

        fileprivate var number: Int32 {
            switch self {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .pair: ZMQ_PAIR
            case .reply: ZMQ_REP
            }
        }
    }

    /// Opens a socket in its calling thread.
    ///
    /// - Throws: ``ZeroMQError`` when descriptors run out.
    public init(
        _ kind: Kind, in context: Context, options: SocketOptions = SocketOptions()
    ) throws(ZeroMQError) {
        let pointer = try SocketPointer(kind.number, in: context)
        try pointer.apply(options)
        // Without it a router drops what it cannot deliver, and nobody learns of it.
        if kind == .router { try pointer.set(ZMQ_ROUTER_MANDATORY, to: 1, "ZMQ_ROUTER_MANDATORY") }
        self.pointer = pointer
    }

    deinit { pointer.close() }

    /// Listens on `endpoint`: `tcp://127.0.0.1:0`, `ipc:///path`, `inproc://name`.
    ///
    /// - Throws: ``ZeroMQError`` when the address is in use, unknown or malformed.
    public borrowing func bind(to endpoint: String) throws(ZeroMQError) {
        let pointer = pointer
        _ = try retrying("zmq_bind", subject: endpoint) { zmq_bind(pointer.handle, endpoint) }
    }

    /// Connects to `endpoint` in the background, again and again until the socket is closed.
    ///
    /// - Throws: ``ZeroMQError`` when the endpoint is malformed; a peer that is not there is no error.
    public borrowing func connect(to endpoint: String) throws(ZeroMQError) {
        let pointer = pointer
        _ = try retrying("zmq_connect", subject: endpoint) { zmq_connect(pointer.handle, endpoint) }
    }

    /// Closes the socket, but lets what was sent last leave for at most `duration`.
    ///
    /// Ending the context may then take as long.
    public consuming func close(lingeringFor duration: Duration) {
        // A socket that cannot linger is closed at once, as any other.
        try? pointer.set(ZMQ_LINGER, to: duration.wholeMilliseconds, "ZMQ_LINGER")
    }

    /// The address that the last ``bind(to:)`` took, with the port that the system chose.
    public borrowing func lastEndpoint() throws(ZeroMQError) -> String {
        let pointer = pointer
        var text = [CChar](repeating: 0, count: 1024)
        var length = text.count
        _ = try retrying("zmq_getsockopt", subject: "ZMQ_LAST_ENDPOINT") {
            zmq_getsockopt(pointer.handle, ZMQ_LAST_ENDPOINT, &text, &length)
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The handle of a socket, shared by the socket and by the pollers that watch it, and empty once it is closed.
final class SocketPointer {
    private let context: Context
    private(set) var handle: UnsafeMutableRawPointer?
    /// Whether what messages say of their sender was proved; in plain text a peer may call itself anything.
    private(set) var authenticatesPeers = false

    init(_ kind: Int32, in context: Context) throws(ZeroMQError) {
        self.context = context
        guard let handle = zmq_socket(context.handle, kind) else {
            throw ZeroMQError.latest(from: "zmq_socket")
        }
        self.handle = handle
    }

    deinit { close() }

    func close() {
        if let handle { zmq_close(handle) }
        handle = nil
    }

    func set(_ option: Int32, to value: Int32, _ name: String) throws(ZeroMQError) {
        var value = value
        _ = try retrying("zmq_setsockopt", subject: name) {
            zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size)
        }
    }

    /// Sets everything that must be set before binding or connecting.
    func apply(_ options: SocketOptions) throws(ZeroMQError) {
        try apply(options.security)
        if case .curveServer = options.security { authenticatesPeers = true }
        try set(ZMQ_LINGER, to: 0, "ZMQ_LINGER")
        // Without it, what is sent before the connection stands is delivered to whoever comes next.
        try set(ZMQ_IMMEDIATE, to: 1, "ZMQ_IMMEDIATE")
        try set(ZMQ_SNDHWM, to: Int32(clamping: options.sendQueueMax), "ZMQ_SNDHWM")
        try set(ZMQ_RCVHWM, to: Int32(clamping: options.receiveQueueMax), "ZMQ_RCVHWM")
        try set(ZMQ_HANDSHAKE_IVL, to: options.handshakeInterval.wholeMilliseconds, "ZMQ_HANDSHAKE_IVL")
        try set(ZMQ_RECONNECT_IVL, to: options.reconnectInterval.wholeMilliseconds, "ZMQ_RECONNECT_IVL")
        try set(
            ZMQ_RECONNECT_IVL_MAX, to: options.reconnectIntervalMax.wholeMilliseconds,
            "ZMQ_RECONNECT_IVL_MAX")
        try set(ZMQ_BACKLOG, to: Int32(clamping: options.backlog), "ZMQ_BACKLOG")
        var frameBytesMax = Int64(options.frameBytesMax)
        _ = try retrying("zmq_setsockopt", subject: "ZMQ_MAXMSGSIZE") {
            zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &frameBytesMax, MemoryLayout<Int64>.size)
        }
        if let routingID = options.routingID {
            _ = try retrying("zmq_setsockopt", subject: "ZMQ_ROUTING_ID") {
                zmq_setsockopt(handle, ZMQ_ROUTING_ID, routingID, routingID.count)
            }
        }
    }
}

extension Duration {
    /// This duration in milliseconds, rounded up so that a wait is never cut to nothing.
    var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard abs(seconds) < Int64(Int32.max) / 1000 else { return seconds < 0 ? .min : .max }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

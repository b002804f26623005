internal import CZeroMQ
internal import Glibc
internal import Synchronization

/// Tells what becomes of the handshakes of a socket, of which the socket itself says nothing.
public struct HandshakeMonitor: ~Copyable {
    /// Ready to read when there is something to tell.
    public let socket: Socket

    /// What happened to a connection.
    public enum Event: Hashable, Sendable {
        /// Both sides have proved who they are.
        case succeeded
        /// The other side said no, and this socket will not try again: 400 where the key is revoked, 500 where it
        /// could not be judged.
        case denied(status: Int)
        /// The other side speaks another mechanism: one of the two is encrypted and the other is not.
        case otherMechanism
        /// The connection ended before the handshake did: a key that is not allowed (yet), which takes as long as a
        /// handshake may; the wrong key of a server; or no ZeroMQ at all.
        case failed
        /// Nobody listens at the address, or nobody now; it is tried again.
        case unreachable
        /// A connection that had stood, or was about to, has ended.
        case disconnected
    }

    private static let lastNumber = Atomic<Int>(0)

    /// Watches `observed`, best before it binds or connects.
    ///
    /// - Throws: ``ZeroMQError`` when descriptors run out.
    public init(of observed: borrowing Socket, in context: Context) throws(ZeroMQError) {
        let number = HandshakeMonitor.lastNumber.add(1, ordering: .relaxed).newValue
        let endpoint = "inproc://handshakes-\(number)"
        let events =
            ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
            | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
            | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED
        let pointer = observed.pointer
        _ = try retrying("zmq_socket_monitor") { zmq_socket_monitor(pointer.handle, endpoint, events) }
        let socket = try Socket(.pair, in: context)
        try socket.connect(to: endpoint)
        self.socket = socket
    }

    /// Everything that has happened since this was last asked, in order.
    public borrowing func take() throws(ZeroMQError) -> [Event] {
        var events: [Event] = []
        while let message = try socket.receive(frameCountMax: 2) {
            if let first = message.frames.first, let event = HandshakeMonitor.event(first) {
                events.append(event)
            }
        }
        return events
    }

    /// The event in the first frame: 16 bits of what and 32 bits of why, in the order of this machine.
    private static func event(_ frame: [UInt8]) -> Event? {
        guard frame.count == 6 else { return nil }
        let (kind, value) = frame.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt16.self), $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
        }
        switch Int32(kind) {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .succeeded
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .denied(status: Int(value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            return value == UInt32(bitPattern: ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
                ? .otherMechanism : .failed
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return .failed
        case ZMQ_EVENT_DISCONNECTED: return .disconnected
        case ZMQ_EVENT_CONNECT_RETRIED: return .unreachable
        default: return nil
        }
    }
}

internal import Messaging
internal import ZeroMQ

/// A worker's socket for one session, with what could not be sent yet.
struct Connection: ~Copyable {
    let socket: Socket
    /// What becomes of the handshake.
    let handshakes: HandshakeMonitor
    private var unsent: [[[UInt8]]] = []

    /// Messages kept while the connection does not stand; all of them come again if they are lost.
    private static let unsentMax = 256

    private init(_ socket: consuming Socket, _ handshakes: consuming HandshakeMonitor) {
        self.socket = socket
        self.handshakes = handshakes
    }

    /// Opens a socket with a fresh session.
    static func open(to destination: Destination, in context: Context) throws(ZeroMQError) -> Connection {
        var randomness = SystemRandomNumberGenerator()
        let session = SessionID(using: &randomness)
        let options = SocketOptions(
            frameBytesMax: WireLimits.standard.frameBytesMax, routingID: session.bytes,
            security: destination.security)
        let socket = try Socket(.dealer, in: context, options: options)
        let handshakes = try HandshakeMonitor(of: socket, in: context)
        try socket.connect(to: destination.endpoint)
        return Connection(socket, handshakes)
    }

    var hasUnsent: Bool { !unsent.isEmpty }

    /// Sends now, or as soon as there is a connection, in order.
    mutating func send(_ envelope: WorkerEnvelope) throws(ZeroMQError) {
        if unsent.count == Connection.unsentMax { unsent.removeFirst() }
        unsent.append(envelope.frames)
        try flush()
    }

    /// Sends what waits, as far as that is possible now.
    mutating func flush() throws(ZeroMQError) {
        while let first = unsent.first {
            guard try socket.send(first) == .queued else { return }
            unsent.removeFirst()
        }
    }

    consuming func close(lingeringFor duration: Duration) { socket.close(lingeringFor: duration) }
}

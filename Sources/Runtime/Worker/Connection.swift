internal import Messaging
internal import ZeroMQ

/// A worker's socket for one session, with what could not be sent yet.
struct Connection: ~Copyable {
    let socket: Socket
    private var unsent: [[[UInt8]]] = []

    /// Messages kept while the connection does not stand; all of them come again if they are lost.
    private static let unsentMax = 256

    /// Opens a socket with a fresh session.
    init(to endpoint: String, in context: Context) throws(ZeroMQError) {
        var randomness = SystemRandomNumberGenerator()
        let session = SessionID(using: &randomness)
        let options = SocketOptions(
            frameBytesMax: WireLimits.standard.frameBytesMax, routingID: session.bytes)
        self.init(try Connection.connected(to: endpoint, in: context, options))
    }

    private init(_ socket: consuming Socket) { self.socket = socket }

    private static func connected(
        to endpoint: String, in context: Context, _ options: SocketOptions
    ) throws(ZeroMQError) -> Socket {
        let socket = try Socket(.dealer, in: context, options: options)
        try socket.connect(to: endpoint)
        return socket
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

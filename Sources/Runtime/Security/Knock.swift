internal import Basics
package import ZeroMQ

/// One try at a handshake, to learn how it ends.
package enum Knock {
    /// Connects, waits for the handshake's end, and goes away again without a word.
    ///
    /// - Parameters:
    ///   - endpoint: Where to.
    ///   - security: With which keys.
    ///   - patience: How long to wait for the end.
    /// - Returns: What ended it; `nil` where nothing did, as when nobody listens.
    /// - Throws: `ZeroMQError` where the endpoint is malformed.
    package static func at(
        _ endpoint: String, _ security: LinkSecurity, patience: Duration
    ) throws(ZeroMQError) -> HandshakeMonitor.Event? {
        let context = try Context()
        let socket = try Socket(.dealer, in: context, options: SocketOptions(security: security))
        let monitor = try HandshakeMonitor(of: socket, in: context)
        try socket.connect(to: endpoint)
        var poller = Poller()
        _ = poller.watch(monitor.socket)
        let deadline = SystemClock.now + patience
        while SystemClock.now < deadline {
            _ = try poller.wait(for: max(.zero, deadline - SystemClock.now))
            if let event = try monitor.take().first { return event }
        }
        return nil
    }
}

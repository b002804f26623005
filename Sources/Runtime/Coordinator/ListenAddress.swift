/// An address that a coordinator is asked to listen on, judged before anything is bound.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// In the notation of ZeroMQ.
    public let endpoint: String

    /// This machine only, on a port that the system chooses.
    public static let local = ListenAddress(trusted: "tcp://127.0.0.1:0")

    private init(trusted endpoint: String) { self.endpoint = endpoint }

    /// Judges an address.
    ///
    /// - Parameters:
    ///   - endpoint: `tcp://HOST:PORT` or `ipc:///PATH`.
    ///   - allowsPlainTextNetwork: Accept an address that other machines can reach, although messages are neither
    ///     encrypted nor authenticated.
    /// - Throws: ``RunError`` for anything else.
    public init(_ endpoint: String, allowsPlainTextNetwork: Bool = false) throws(RunError) {
        if endpoint.hasPrefix("ipc:///") {
            self.init(trusted: endpoint)
            return
        }
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else {
            throw .malformedEndpoint(endpoint)
        }
        let port = endpoint[endpoint.index(after: colon)...]
        let host = endpoint[..<colon].dropFirst("tcp://".count)
        guard !host.isEmpty, port == "*" || UInt16(port) != nil else { throw .malformedEndpoint(endpoint) }
        // A name could mean anything by the time it is resolved.
        let isLoopback = host.hasPrefix("127.") || host == "[::1]"
        guard isLoopback || allowsPlainTextNetwork else { throw .plainText(endpoint: endpoint) }
        self.init(trusted: endpoint)
    }

    public var description: String { endpoint }
}

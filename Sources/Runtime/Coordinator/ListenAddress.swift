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
    ///   - isEncrypted: Whether messages will be encrypted and workers authenticated.
    ///   - allowsPlainTextNetwork: Accept an address that other machines can reach, although they are not.
    /// - Throws: ``RunError`` for anything else.
    public init(
        _ endpoint: String, isEncrypted: Bool = false, allowsPlainTextNetwork: Bool = false
    ) throws(RunError) {
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
        self.init(trusted: endpoint)
        guard isLocal || isEncrypted || allowsPlainTextNetwork else { throw .plainText(endpoint: endpoint) }
    }

    /// Whether nobody on another machine can reach it.
    public var isLocal: Bool {
        let host = endpoint.dropFirst("tcp://".count)
        // A name could mean anything by the time it is resolved; numbers are taken at their word.
        return endpoint.hasPrefix("ipc://") || ListenAddress.isLoopbackNumber(host)
            || host.hasPrefix("[::1]:")
    }

    /// Whether a host in front of a colon is one of the addresses 127.0.0.0 to 127.255.255.255.
    private static func isLoopbackNumber(_ text: Substring) -> Bool {
        let host = text.prefix { $0 != ":" }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    public var description: String { endpoint }
}

#if canImport(Glibc)
    import Glibc
#endif

/// A TCP connection that can say anything, for what no well-behaved library would say.
final class RawPeer {
    private let descriptor: Int32

    /// The greeting of ZMTP 3.0 with the NULL mechanism.
    static let greeting: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8)
        + [UInt8](repeating: 0, count: 48)
    /// The greeting of a CURVE client.
    static let curveGreeting: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("CURVE".utf8)
        + [UInt8](repeating: 0, count: 47)
    /// The READY command of a dealer.
    static let ready: [UInt8] = command("READY", property("Socket-Type", "DEALER"))

    /// The READY command of a dealer that claims one thing more.
    static func ready(claiming name: String, _ value: String) -> [UInt8] {
        command("READY", property("Socket-Type", "DEALER") + property(name, value))
    }

    private static func property(_ name: String, _ value: String) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + [0, 0, 0, UInt8(value.utf8.count)] + Array(value.utf8)
    }

    private static func command(_ name: String, _ rest: [UInt8]) -> [UInt8] {
        let body = [UInt8(name.utf8.count)] + Array(name.utf8) + rest
        return [4, UInt8(body.count)] + body
    }

    /// - Throws: ``Timeout`` when nobody listens.
    init(connectingTo endpoint: String) throws {
        let port = endpoint.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 { throw Timeout(what: "a connection to \(endpoint)") }
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Becomes a dealer without security, or something that claims to be one.
    ///
    /// - Returns: False when the other side cut the connection.
    func shakeHands(saying ready: [UInt8] = RawPeer.ready) -> Bool {
        write(RawPeer.greeting)
        // Greeting and the beginning of READY. libzmq 4.3.4 refuses a READY that comes in one packet with the greeting.
        guard receive(atLeast: 65) else { return false }
        write(ready)
        return true
    }

    private func receive(atLeast wantedCount: Int) -> Bool {
        var count = 0
        while count < wantedCount {
            guard let more = read(waitingMilliseconds: 10_000), !more.isEmpty else { return false }
            count += more.count
        }
        return true
    }

    /// Waits for the other side to close the connection.
    func isCutOff() -> Bool {
        while let bytes = read(waitingMilliseconds: 10_000) { if bytes.isEmpty { return true } }
        return false
    }

    /// Whether the other side has not closed the connection yet.
    var isOpen: Bool {
        while let bytes = read(waitingMilliseconds: 0) { if bytes.isEmpty { return false } }
        return true
    }

    /// What arrives next; empty at the end of the connection, `nil` after silence.
    private func read(waitingMilliseconds: Int32) -> [UInt8]? {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, waitingMilliseconds) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? Array(bytes.prefix(count)) : []
    }
}

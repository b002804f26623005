/// One connection of one worker, named by 16 random bytes.
///
/// The bytes are the routing id of the worker's socket. A worker that reconnects opens a new socket with a new
/// session and says HELLO again; a late frame of the old session can therefore never pass for a fresh one.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 16

    public let bytes: [UInt8]

    /// A session read from a routing id; `nil` unless it has 16 bytes, the first of which is not zero.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == SessionID.byteCount, bytes.first != 0 else { return nil }
        self.bytes = Array(bytes)
    }

    /// A fresh session; the caller supplies the randomness.
    public init(using generator: inout some RandomNumberGenerator) {
        var drawn = (0..<SessionID.byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
        // ZeroMQ keeps routing ids that begin with a zero byte for itself.
        if drawn[0] == 0 { drawn[0] = 1 }
        bytes = drawn
    }

    /// The first four bytes in hexadecimal: enough to tell sessions apart in a log.
    public var description: String {
        bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

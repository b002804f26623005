internal import Glibc

/// Two connected ends of a line, closed on exec from birth.
struct SocketPair {
    let first: Int32
    let second: Int32

    /// - Parameter isBlocking: Whether reading and writing wait; both ends and all copies of them agree.
    /// - Throws: ``SystemError`` when descriptors run out.
    init(isBlocking: Bool) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        var kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        if !isBlocking { kind |= Int32(SOCK_NONBLOCK.rawValue) }
        try system("socketpair") { socketpair(AF_UNIX, kind, 0, &ends) }
        (first, second) = (ends[0], ends[1])
    }
}

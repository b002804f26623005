internal import Glibc

/// Wakes a thread that waits in a ``Poller``.
///
/// Sockets cannot be touched by other threads; this can. Any number of signals before the thread looks are one.
public final class WakeSignal: Sendable {
    /// What the poller watches.
    public let descriptor: Int32
    private let writer: Int32

    /// - Throws: ``ZeroMQError`` when the process has no descriptors left.
    public init() throws(ZeroMQError) {
        var ends: [Int32] = [0, 0]
        // A socket pair rather than a pipe: closing on exec is set at birth, where pipes need `pipe2`.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ZeroMQError(function: "socketpair", code: errno)
        }
        (descriptor, writer) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    /// Wakes the thread; safe from any thread.
    public func signal() {
        var byte: UInt8 = 1
        // A full buffer means that a wake-up already waits.
        while write(writer, &byte, 1) == -1, errno == EINTR {}
    }

    /// Forgets all signals so far; for the woken thread, before it looks at what has changed.
    public func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            if count > 0 || (count == -1 && errno == EINTR) { continue }
            return
        }
    }
}

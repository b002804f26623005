internal import CZeroMQ
internal import Glibc

/// Wakes a thread that waits in a ``Poller``.
///
/// Sockets cannot be touched by other threads; this can. Any number of signals before the thread looks are one.
public final class WakeSignal: Sendable {
    /// What the poller watches.
    public let descriptor: Int32

    /// - Throws: ``ZeroMQError`` when the process has no descriptors left.
    public init() throws(ZeroMQError) {
        // A counter of the kernel's: a third of the cost of a byte through a pipe or a pair of sockets.
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor != -1 else { throw ZeroMQError(function: "eventfd", code: errno) }
    }

    deinit { close(descriptor) }

    /// Wakes the thread; safe from any thread.
    public func signal() {
        var one: UInt64 = 1
        // A counter that is full means that a wake-up already waits.
        while write(descriptor, &one, MemoryLayout<UInt64>.size) == -1, errno == EINTR {}
    }

    /// Forgets all signals so far; for the woken thread, before it looks at what has changed.
    public func clear() {
        var count: UInt64 = 0
        while read(descriptor, &count, MemoryLayout<UInt64>.size) == -1, errno == EINTR {}
    }
}

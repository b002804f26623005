internal import Glibc
internal import Synchronization

/// Turns Ctrl-C and `kill` into something that a poller can watch.
///
/// The first signal asks to finish cleanly and the second to stop at once; both are the watcher's to act on. The third
/// ends the process where it stands, in case nobody acts.
public final class StopSignals: Sendable {
    /// Ready to read once a signal has come.
    public let descriptor: Int32
    private let writer: Int32

    /// The end of a socket pair that the handler writes to; -1 while nobody watches.
    private static let target = Atomic<Int32>(-1)
    private static let receivedCount = Atomic<Int>(0)
    private static let watched = [SIGINT, SIGTERM]

    /// Watches from now on, until this value goes away; there is one watcher in a process.
    ///
    /// - Throws: ``SystemError`` when descriptors run out or somebody watches already.
    public init() throws(SystemError) {
        let ends = try SocketPair(isBlocking: false)
        let (isFirst, _) = StopSignals.target.compareExchange(
            expected: -1, desired: ends.second, ordering: .sequentiallyConsistent)
        guard isFirst else {
            close(ends.first)
            close(ends.second)
            throw SystemError("sigaction", code: EBUSY)
        }
        (descriptor, writer) = (ends.first, ends.second)
        StopSignals.receivedCount.store(0, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in StopSignals.received() }
        action.sa_flags = Int32(SA_RESTART)
        for signal in StopSignals.watched { sigaction(signal, &action, nil) }
        StopSignals.unblock()
        // Whoever reads our progress may go away; the work goes on.
        var ignore = sigaction()
        ignore.__sigaction_handler.sa_handler = SIG_IGN
        sigaction(SIGPIPE, &ignore, nil)
    }

    deinit {
        var standard = sigaction()
        standard.__sigaction_handler.sa_handler = SIG_DFL
        for signal in StopSignals.watched { sigaction(signal, &standard, nil) }
        StopSignals.target.store(-1, ordering: .sequentiallyConsistent)
        close(descriptor)
        close(writer)
    }

    /// Lets the signals through to this thread: a process may be born with its parent's mask, deaf to both.
    private static func unblock() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in watched { sigaddset(&set, signal) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// How many signals have come since this was last asked.
    public func take() -> Int {
        var bytes = [UInt8](repeating: 0, count: 16)
        return max(0, read(descriptor, &bytes, bytes.count))
    }

    /// Runs inside the signal handler, where only `write` and `_exit` are safe.
    private static func received() {
        let savedError = errno
        if receivedCount.add(1, ordering: .sequentiallyConsistent).newValue >= 3 { _exit(75) }
        var byte: UInt8 = 1
        _ = write(target.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = savedError
    }
}

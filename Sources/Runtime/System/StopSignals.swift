internal import Glibc
internal import Synchronization

/// Turns Ctrl-C and `kill` into something that a poller can watch.
///
/// Ctrl-C asks to finish cleanly and, the second time, to stop at once. SIGTERM and SIGUSR2, with which batch systems
/// announce that they take the machine away, ask to stop at once. All are the watcher's to act on; the third signal
/// ends the process where it stands, in case nobody acts.
public final class StopSignals: Sendable {
    /// Ready to read once a signal has come.
    public let descriptor: Int32
    private let writer: Int32

    /// The end of a socket pair that the handler writes to; -1 while nobody watches.
    private static let target = Atomic<Int32>(-1)
    private static let receivedCount = Atomic<Int>(0)
    private static let watched = [SIGINT, SIGTERM, SIGUSR2]

    /// What a signal asks for.
    public enum Request: Hashable, Sendable {
        /// Finish what is under way, then leave.
        case finish
        /// The machine goes away in seconds: hand back what is under way, and leave.
        case handBack
    }

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
        action.__sigaction_handler.sa_handler = { signal in StopSignals.received(signal) }
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

    /// Lets the signals through to this thread: a process may be born with its parent's mask, deaf to them.
    private static func unblock() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in watched { sigaddset(&set, signal) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// How many signals have come since this was last asked.
    public func take() -> Int { takeRequests().count }

    /// What the signals asked for that have come since this was last asked, oldest first.
    public func takeRequests() -> [Request] {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = max(0, read(descriptor, &bytes, bytes.count))
        return bytes.prefix(count).map { $0 == UInt8(SIGINT) ? .finish : .handBack }
    }

    /// Ends this process after some seconds even if a thread of it has not finished by then.
    ///
    /// Whatever must not be lost is on the disk already: results lie in the outbox before they are sent.
    static func leave(withinSeconds seconds: UInt32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in _exit(0) }
        sigaction(SIGALRM, &action, nil)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGALRM)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        alarm(seconds)
    }

    /// Runs inside the signal handler, where only `write` and `_exit` are safe.
    private static func received(_ signal: Int32) {
        let savedError = errno
        if receivedCount.add(1, ordering: .sequentiallyConsistent).newValue >= 3 { _exit(75) }
        var byte = UInt8(truncatingIfNeeded: signal)
        _ = write(target.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = savedError
    }
}

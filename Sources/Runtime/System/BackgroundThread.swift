internal import Glibc
internal import Synchronization

/// A thread of our own, for work that blocks: sockets, training, the disk.
///
/// None of it may run on Swift's concurrency pool, which has as many threads as there are cores and would leave
/// heartbeats waiting behind trainers. All signals are blocked in it, so that they reach the main thread and never
/// cut a wait for a socket short.
public final class BackgroundThread: Sendable {
    private let thread: Mutex<pthread_t?>

    /// Enough for the deepest recursion we know of, a parsed sweep file; memory is only taken as it is touched.
    public static let stackBytes = 16 << 20

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: What debuggers and `top -H` show; the system keeps 15 characters.
    ///   - body: What it does.
    /// - Throws: ``SystemError`` when the system has no thread to give.
    public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        pthread_attr_init(attributes)
        defer {
            pthread_attr_destroy(attributes)
            attributes.deallocate()
        }
        pthread_attr_setstacksize(attributes, BackgroundThread.stackBytes)
        // A new thread inherits the mask of the one that makes it.
        var (all, previous) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var handle = pthread_t()
        let work = Unmanaged.passRetained(Work(name: name, body: body))
        let result = pthread_create(
            &handle, attributes,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, work.toOpaque())
        guard result == 0 else {
            work.release()
            throw SystemError("pthread_create", code: result)
        }
        thread = Mutex(handle)
    }

    /// Waits for the thread to end; returns at once for whoever asks second.
    public func join() {
        let handle = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let handle { pthread_join(handle, nil) }
    }

    deinit { thread.withLock { if let handle = $0 { _ = pthread_detach(handle) } } }

    private final class Work: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            // Linux names a thread by what is written here; Glibc's call for it is not imported.
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            if file != -1 {
                let bytes = Array(name.utf8.prefix(15))
                _ = write(file, bytes, bytes.count)
                close(file)
            }
            body()
        }
    }
}

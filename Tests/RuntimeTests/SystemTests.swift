import Basics
import Glibc
import Runtime
import Synchronization
import Testing

@Suite("System")
struct SystemTests {
    @Test("the clock never goes back")
    func clock() {
        var last = SystemClock.now
        for _ in 0..<10_000 {
            let now = SystemClock.now
            #expect(now >= last)
            last = now
        }
    }

    @Test("a background thread runs with all signals blocked, and joining twice is harmless")
    func backgroundThread() throws {
        let blocked = Atomic<Bool>(false)
        let thread = try BackgroundThread("a name longer than fifteen characters") {
            var mask = sigset_t()
            pthread_sigmask(SIG_SETMASK, nil, &mask)
            let isBlocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1
            blocked.store(isBlocked, ordering: .sequentiallyConsistent)
        }
        thread.join()
        thread.join()
        let isBlocked = blocked.load(ordering: .sequentiallyConsistent)
        #expect(isBlocked)
    }

    @Test("a background thread has room for deep recursion")
    func stack() throws {
        let depth = Atomic<Int>(0)
        @Sendable func descend(_ level: Int) -> Int {
            // A frame of at least a kilobyte.
            withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { buffer in
                buffer[0] = UInt8(truncatingIfNeeded: level)
                if level == 0 { return 0 }
                return descend(level - 1) + (buffer[0] == UInt8(truncatingIfNeeded: level) ? 1 : 0)
            }
        }
        let thread = try BackgroundThread("deep") {
            depth.store(descend(10_000), ordering: .sequentiallyConsistent)
        }
        thread.join()
        let reached = depth.load(ordering: .sequentiallyConsistent)
        #expect(reached == 10_000)
    }

    @Test("signals are counted until somebody takes them")
    func signals() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let signals = try StopSignals()
            guard signals.take() == 0 else { exit(1) }
            kill(getpid(), SIGINT)
            try eventually("the first signal") { signals.take() == 1 }
            kill(getpid(), SIGTERM)
            try eventually("the second signal") { signals.take() == 1 }
            exit(signals.take() == 0 ? 42 : 2)
        }
    }

    @Test("the third signal ends a process that does not act on two, in a way that says to try again")
    func thirdSignal() async {
        await #expect(processExitsWith: .exitCode(75)) {
            let signals = try StopSignals()
            for _ in 0..<2 {
                kill(getpid(), SIGINT)
                try eventually("a signal") { signals.take() == 1 }
            }
            kill(getpid(), SIGINT)
            try eventually("the end of this process") { false }
        }
    }

    @Test("signals end the process again once nobody watches")
    func restoredSignals() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            do { _ = try StopSignals() }
            kill(getpid(), SIGTERM)
            try eventually("the end of this process") { false }
        }
    }

    @Test("there is one watcher of signals in a process")
    func oneWatcher() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let first = try StopSignals()
            do {
                _ = try StopSignals()
                exit(1)
            } catch {}
            kill(getpid(), SIGINT)
            try eventually("the signal") { first.take() == 1 }
            exit(42)
        }
    }

    @Test("errors of the system name the file, the reason and the call")
    func errors() {
        let error = SystemError("open", code: ENOENT, path: "runs/a/sweep.yaml")
        #expect(error.description == "runs/a/sweep.yaml: No such file or directory (open, errno 2)")
        #expect(ExitCode(for: error) == .inputOutput)
    }

    @Test("the host has a name that can stand in a file name")
    func host() {
        #expect(!Host.name.isEmpty)
        #expect(Host.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        #expect(Host.coreCount >= 1)
        #expect(Host.memoryBytes > 1 << 20)
    }
}

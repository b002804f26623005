import Testing
import ZeroMQ

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Poller and wake signal", .timeLimit(.minutes(10)))
struct PollerTests {
    @Test("waiting ends with nothing when the time has passed")
    func nothing() throws {
        var poller = Poller()
        let signal = try WakeSignal()
        _ = poller.watch(descriptor: signal.descriptor)
        #expect(try poller.wait(for: .milliseconds(1)).isEmpty)
    }

    @Test("a message makes its socket ready, and no other")
    func socketReady() throws {
        let context = try Context()
        let left = try Socket(.pair, in: context)
        try left.bind(to: "inproc://ready")
        let right = try Socket(.pair, in: context)
        try right.connect(to: "inproc://ready")
        var poller = Poller()
        _ = poller.watch(left)
        let readable = poller.watch(right)
        try send([[1]], on: left)
        #expect(try poller.wait(for: .seconds(300)) == [readable])
    }

    @Test("a signal from another thread wakes the poller, and many signals are one")
    func wakeSignal() throws {
        let signal = try WakeSignal()
        var poller = Poller()
        let woken = poller.watch(descriptor: signal.descriptor)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(signal).toOpaque()
        let created = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let signal = Unmanaged<WakeSignal>.fromOpaque(argument).takeRetainedValue()
                for _ in 0..<1000 { signal.signal() }
                return nil
            }, argument)
        try #require(created == 0)
        #expect(try poller.wait(for: .seconds(300)) == [woken])
        pthread_join(thread, nil)
        signal.clear()
        #expect(try poller.wait(for: .zero).isEmpty)
    }

    @Test("signalling without a listener never blocks")
    func signalsWithoutListener() throws {
        let signal = try WakeSignal()
        for _ in 0..<1_000_000 { signal.signal() }
        signal.clear()
        var poller = Poller()
        _ = poller.watch(descriptor: signal.descriptor)
        #expect(try poller.wait(for: .zero).isEmpty)
    }

    @Test("a closed socket is an error to the poller, not a wait for another descriptor")
    func closedSocket() throws {
        var poller = Poller()
        do {
            let socket = try Socket(.pair, in: try Context())
            _ = poller.watch(socket)
        }
        let error = #expect(throws: ZeroMQError.self) { _ = try poller.wait(for: .zero) }
        #expect(error?.code == ENOTSOCK)
    }

    @Test("the closed end of a pipe is ready to read")
    func closedPipe() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        var poller = Poller()
        let reader = poller.watch(descriptor: ends[0])
        #expect(try poller.wait(for: .zero).isEmpty)
        close(ends[1])
        #expect(try poller.wait(for: .seconds(300)) == [reader])
    }
}

import CZeroMQ
import Testing
import ZeroMQ

#if canImport(Glibc)
    import Glibc
#endif

/// Our rules against the traps of libzmq 4.3.4; `BareLibraryTests` show the traps themselves.
///
/// Rules that other suites keep: silent drops, stale messages, duplicate routing ids, giant lengths and lingering
/// (`SocketTests`); missing authenticators and final denials (`CurveTests`). The table in `docs/protocol.md` has all.
@Suite("Traps of libzmq", .timeLimit(.minutes(10)))
struct TrapTests {
    @Test("a CURVE server of bare libzmq without an authenticator lets a stranger in")
    func bareServer() throws {
        let router = try BareSocket(ZMQ_ROUTER, in: try BareContext(), [(ZMQ_CURVE_SERVER, 1)])
        let server = try KeyPair.random()
        try #require(zmq_setsockopt(router.handle, ZMQ_CURVE_SECRETKEY, server.secretKey.text, 41) == 0)
        let clients = try Context()
        let stranger = try Socket(
            .dealer, in: clients, options: Keys.client("mallory", try KeyPair.random(), to: server))
        let monitor = try HandshakeMonitor(of: stranger, in: clients)
        try stranger.connect(to: try router.bind())
        #expect(try event(of: monitor) { _ in true } == .succeeded)
    }

    @Test("a reader that stops reading costs nobody's life, and finds in order what fitted the queue")
    func fullReceiveQueue() async {
        await #expect(processExitsWith: .success) {
            let context = try Context()
            let router = try Socket(.router, in: context, options: SocketOptions(receiveQueueMax: 4))
            try router.bind(to: "tcp://127.0.0.1:0")
            let dealer = try Socket(
                .dealer, in: try Context(), options: SocketOptions(sendQueueMax: 4))
            try dealer.connect(to: try router.lastEndpoint())
            let payload = [UInt8](repeating: 0, count: 1 << 20)
            var sentCount: UInt8 = 0
            // Until nothing has left for half a second: queues and buffers of both sides are full.
            var idleCount = 0
            while idleCount < 50, sentCount < 200 {
                if try dealer.send([[sentCount], payload]) == .queued {
                    sentCount += 1
                    idleCount = 0
                } else {
                    idleCount += 1
                    _ = try Poller().wait(for: .milliseconds(10))
                }
            }
            for number in 0..<sentCount {
                let message = try receive(from: router)
                if message.frames.dropFirst().first != [number] { exit(1) }
            }
            exit(sentCount > 4 && sentCount < 200 ? 0 : 2)
        }
    }

    @Test("sending to a peer that has stopped reading succeeds until the queue is full, and then would block")
    func stoppedPeer() throws {
        let router = try Socket(.router, in: try Context(), options: SocketOptions(sendQueueMax: 4))
        try router.bind(to: "tcp://127.0.0.1:0")
        let peer = try RawPeer(connectingTo: try router.lastEndpoint())
        #expect(peer.shakeHands())
        peer.write([0, 1, 7])
        let routingID = try #require(try receive(from: router).frames.first)
        let payload = [UInt8](repeating: 0, count: 1 << 20)
        #expect(try router.send([routingID, payload]) == .queued)
        var sentCount = 1
        try eventually("a full queue") {
            if try router.send([routingID, payload]) == .wouldBlock { return () }
            sentCount += 1
            return nil
        }
        #expect(sentCount >= 4)
    }

    @Test("three hundred connections that never say a word are all cut off")
    func halfOpenHandshakes() throws {
        let router = try Socket(
            .router, in: try Context(), options: SocketOptions(handshakeInterval: .milliseconds(300)))
        try router.bind(to: "tcp://127.0.0.1:0")
        let endpoint = try router.lastEndpoint()
        let silent = try (0..<300).map { _ in try RawPeer(connectingTo: endpoint) }
        for peer in silent { #expect(peer.isCutOff()) }
        let alice = try Socket(.dealer, in: try Context(), options: named("alice"))
        try alice.connect(to: endpoint)
        try send([[1]], on: alice)
        #expect(try receive(from: router).frames == [Array("alice".utf8), [1]])
    }

    @Test("a handshake that stops half-way through CURVE is cut off", arguments: [0, 11, 12, 33, 64])
    func halfHandshake(byteCount: Int) throws {
        let context = try Context()
        let bouncer = try Bouncer(in: context, .accept)
        let router = try Socket(.router, in: context, options: Keys.server(try KeyPair.random()))
        try router.bind(to: "tcp://127.0.0.1:0")
        let peer = try RawPeer(connectingTo: try router.lastEndpoint())
        peer.write(Array(RawPeer.curveGreeting.prefix(byteCount)))
        #expect(peer.isCutOff())
        #expect(bouncer.asked.isEmpty)
    }

    @Test(
        "garbage on a CURVE port is cut off before anybody is asked",
        arguments: [
            Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC] + [UInt8](repeating: 3, count: 200),
            RawPeer.greeting + RawPeer.ready,
            RawPeer.curveGreeting + [6, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            RawPeer.curveGreeting + RawPeer.ready,
            RawPeer.curveGreeting + [4, 200, 5] + Array("HELLO".utf8) + [UInt8](repeating: 9, count: 194),
        ])
    func garbage(bytes: [UInt8]) throws {
        let context = try Context()
        let bouncer = try Bouncer(in: context, .accept)
        let server = try KeyPair.random()
        let router = try Socket(.router, in: context, options: Keys.server(server))
        try router.bind(to: "tcp://127.0.0.1:0")
        let endpoint = try router.lastEndpoint()
        let mallory = try RawPeer(connectingTo: endpoint)
        mallory.write(bytes)
        #expect(mallory.isCutOff())
        #expect(bouncer.asked.isEmpty)
        let alice = try Socket(
            .dealer, in: try Context(), options: Keys.client("alice", try KeyPair.random(), to: server))
        try alice.connect(to: endpoint)
        try send([[1]], on: alice)
        #expect(try receive(from: router).frames == [Array("alice".utf8), [1]])
    }

    @Test("signals that interrupt a wait neither end it nor lose what arrives")
    func interruptedWait() async {
        await #expect(processExitsWith: .success) {
            signal(SIGALRM) { _ in }
            var every = itimerval(
                it_interval: timeval(tv_sec: 0, tv_usec: 1000), it_value: timeval(tv_sec: 0, tv_usec: 1000))
            setitimer(Int32(ITIMER_REAL.rawValue), &every, nil)
            let router = try Socket(.router, in: try Context())
            try router.bind(to: "tcp://127.0.0.1:0")
            var poller = Poller()
            let fromPeers = poller.watch(router)
            if try !poller.wait(for: .milliseconds(50)).isEmpty { exit(1) }
            let alice = try Socket(.dealer, in: try Context(), options: named("alice"))
            try alice.connect(to: try router.lastEndpoint())
            for number in UInt8(0)..<100 {
                try send([[number]], on: alice)
                if try poller.wait(for: .seconds(300)) != [fromPeers] { exit(2) }
                if try router.receive()?.frames.last != [number] { exit(3) }
            }
            exit(0)
        }
    }
}

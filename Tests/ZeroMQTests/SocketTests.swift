import Testing
import ZeroMQ

#if canImport(Glibc)
    import Glibc
#endif

/// Addresses of every transport in use, each fresh.
private func endpoints() -> [String] {
    let unique = "\(getpid())-\(UInt32.random(in: 0 ... .max))"
    return ["inproc://\(unique)", "ipc:///tmp/descent-\(unique).ipc", "tcp://127.0.0.1:0"]
}

@Suite("Socket", .timeLimit(.minutes(10)))
struct SocketTests {
    @Test("a message of several frames goes from dealer to router and back", arguments: endpoints())
    func roundTrip(endpoint: String) throws {
        let context = try Context()
        let router = try Socket(.router, in: context)
        try router.bind(to: endpoint)
        let alice = try Socket(.dealer, in: context, options: named("alice"))
        try alice.connect(to: try router.lastEndpoint())
        try send([[1, 2], [], [3]], on: alice)
        let received = try receive(from: router)
        #expect(received.frames == [Array("alice".utf8), [1, 2], [], [3]])
        #expect(received.droppedFrameCount == 0)
        try send([Array("alice".utf8), [4]], on: router)
        #expect(try receive(from: alice).frames == [[4]])
    }

    @Test("a port of 0 is replaced by the one that the system chose")
    func chosenPort() throws {
        let router = try Socket(.router, in: try Context())
        try router.bind(to: "tcp://127.0.0.1:0")
        let endpoint = try router.lastEndpoint()
        let port = endpoint.split(separator: ":").last.flatMap { Int($0) }
        #expect(endpoint.hasPrefix("tcp://127.0.0.1:"))
        #expect((port ?? 0) > 0)
    }

    @Test("an address in use is an error that names the function, the address and the reason")
    func addressInUse() throws {
        let context = try Context()
        let first = try Socket(.router, in: context)
        try first.bind(to: "tcp://127.0.0.1:0")
        let endpoint = try first.lastEndpoint()
        let second = try Socket(.router, in: context)
        let error = #expect(throws: ZeroMQError.self) { try second.bind(to: endpoint) }
        #expect(error?.isAddressInUse == true)
        #expect(error?.description == "zmq_bind \(endpoint): Address already in use (errno \(EADDRINUSE))")
    }

    @Test("a malformed address is an error", arguments: ["tcp//", "tcp://127.0.0.1", "smoke://signal", ""])
    func malformedAddress(endpoint: String) throws {
        let socket = try Socket(.dealer, in: try Context())
        #expect(throws: ZeroMQError.self) { try socket.connect(to: endpoint) }
    }

    @Test("nothing to receive is no error")
    func nothingToReceive() throws {
        let router = try Socket(.router, in: try Context())
        try router.bind(to: "tcp://127.0.0.1:0")
        #expect(try router.receive() == nil)
    }

    @Test("sending to a routing id that nobody has is unreachable")
    func unreachable() throws {
        let router = try Socket(.router, in: try Context())
        try router.bind(to: "tcp://127.0.0.1:0")
        #expect(try router.send([Array("bob".utf8), [1]]) == .unreachable)
    }

    @Test("a peer that has left becomes unreachable")
    func leftPeer() throws {
        let context = try Context()
        let router = try Socket(.router, in: context)
        try router.bind(to: "tcp://127.0.0.1:0")
        do {
            let bob = try Socket(.dealer, in: context, options: named("bob"))
            try bob.connect(to: try router.lastEndpoint())
            try send([[1]], on: bob)
            _ = try receive(from: router)
        }
        try eventually("the peer to be gone") {
            try router.send([Array("bob".utf8), [2]]) == .unreachable ? () : nil
        }
    }

    @Test("a dealer without a connection would block instead of keeping messages for a later server")
    func noConnection() throws {
        let dealer = try Socket(.dealer, in: try Context())
        try dealer.connect(to: "ipc:///tmp/descent-nobody-\(getpid()).ipc")
        #expect(try dealer.send([[1], [2]]) == .wouldBlock)
    }

    @Test("a full queue would block, and what was queued arrives whole and in order")
    func fullQueue() throws {
        let context = try Context()
        let options = SocketOptions(sendQueueMax: 8, receiveQueueMax: 8)
        let left = try Socket(.pair, in: context, options: options)
        try left.bind(to: "inproc://full")
        let right = try Socket(.pair, in: context, options: options)
        try right.connect(to: "inproc://full")
        var sentCount: UInt8 = 0
        while try left.send([[sentCount], [0]]) == .queued { sentCount += 1 }
        #expect(sentCount == 16)
        var received: [[[UInt8]]] = []
        while let message = try right.receive() { received.append(message.frames) }
        #expect(received == (0..<sentCount).map { [[$0], [0]] })
    }

    @Test("a frame above the limit reaches nobody, and the queue behind it still works")
    func oversizedFrame() throws {
        let context = try Context()
        let router = try Socket(.router, in: context, options: SocketOptions(frameBytesMax: 1024))
        try router.bind(to: "tcp://127.0.0.1:0")
        let endpoint = try router.lastEndpoint()
        let mallory = try Socket(.dealer, in: context)
        try mallory.connect(to: endpoint)
        try send([[UInt8](repeating: 7, count: 1025)], on: mallory)
        let alice = try Socket(.dealer, in: context, options: named("alice"))
        try alice.connect(to: endpoint)
        try send([[UInt8](repeating: 8, count: 1024)], on: alice)
        let next = try receive(from: router)
        #expect(next.frames == [Array("alice".utf8), [UInt8](repeating: 8, count: 1024)])
    }

    @Test("a peer that announces eight exbibytes is cut off before anything is allocated for it")
    func giantLength() throws {
        let router = try Socket(.router, in: try Context())
        try router.bind(to: "tcp://127.0.0.1:0")
        let stranger = try RawPeer(connectingTo: try router.lastEndpoint())
        #expect(stranger.shakeHands())
        stranger.write([0x00, 0x01, 7])
        #expect(try receive(from: router).frames.last == [7])
        stranger.write([0x02] + [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(stranger.isCutOff())
        #expect(try router.receive() == nil)
    }

    @Test("a peer that speaks HTTP is cut off")
    func wrongProtocol() throws {
        let router = try Socket(
            .router, in: try Context(), options: SocketOptions(handshakeInterval: .milliseconds(200)))
        try router.bind(to: "tcp://127.0.0.1:0")
        let stranger = try RawPeer(connectingTo: try router.lastEndpoint())
        stranger.write(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        #expect(stranger.isCutOff())
        #expect(try router.receive() == nil)
    }

    @Test("frames beyond the wanted number are counted and thrown away")
    func tooManyFrames() throws {
        let context = try Context()
        let left = try Socket(.pair, in: context)
        try left.bind(to: "inproc://frames")
        let right = try Socket(.pair, in: context)
        try right.connect(to: "inproc://frames")
        try send((0..<200).map { [UInt8($0)] }, on: left)
        try send([[1]], on: left)
        let first = try receive(from: right, frameCountMax: 3)
        #expect(first.frames == [[0], [1], [2]])
        #expect(first.droppedFrameCount == 197)
        #expect(try receive(from: right, frameCountMax: 3).frames == [[1]])
    }

    @Test("a routing id that another socket has taken stays with the first")
    func duplicateRoutingID() throws {
        let context = try Context()
        let router = try Socket(.router, in: context)
        try router.bind(to: "tcp://127.0.0.1:0")
        let endpoint = try router.lastEndpoint()
        let options = named("alice")
        let first = try Socket(.dealer, in: context, options: options)
        try first.connect(to: endpoint)
        try send([[1]], on: first)
        _ = try receive(from: router)
        let second = try Socket(.dealer, in: context, options: options)
        try second.connect(to: endpoint)
        try send([[2]], on: second)
        try send([[3]], on: first)
        #expect(try receive(from: router).frames == [Array("alice".utf8), [3]])
    }

    @Test("closing a socket with unsent messages does not hold up the end of its context")
    func noLingering() throws {
        let context = try Context()
        let dealer = try Socket(.dealer, in: context)
        let router = try Socket(.router, in: context)
        try router.bind(to: "tcp://127.0.0.1:0")
        try dealer.connect(to: try router.lastEndpoint())
        for number in 0..<100 { try send([[UInt8(number)]], on: dealer) }
        // Leaving the scope closes both and terminates the context; the time limit of the suite is the check.
    }

    @Test("the version of the library has three numbers")
    func version() {
        #expect(Context.libraryVersion.split(separator: ".").compactMap { Int($0) }.count == 3)
    }
}

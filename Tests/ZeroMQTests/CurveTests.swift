import Testing
import ZeroMQ

@Suite("CURVE", .timeLimit(.minutes(10)))
struct CurveTests {
    @Test("a key pair follows from its secret half, and no two are alike")
    func keyPairs() throws {
        let keys = try KeyPair.random()
        #expect(try KeyPair(keys.secretKey) == keys)
        #expect(try KeyPair.random().publicKey != keys.publicKey)
        #expect(PublicKey(keys.publicKey.text) == keys.publicKey)
        #expect(SecretKey(keys.secretKey.text) == keys.secretKey)
    }

    @Test(
        "what is no key is none",
        arguments: [
            "", "short", String(repeating: "a", count: 39), String(repeating: "a", count: 41),
            String(repeating: "a", count: 45), String(repeating: " ", count: 40),
            String(repeating: "#", count: 40), String(repeating: "é", count: 20),
            String(repeating: "a", count: 39) + "\u{1}",
        ])
    func malformedKeys(text: String) {
        #expect(PublicKey(text) == nil)
        #expect(SecretKey(text) == nil)
    }

    @Test("bytes of a wrong number are no key", arguments: [0, 31, 33])
    func malformedBytes(count: Int) { #expect(PublicKey(bytes: [UInt8](repeating: 1, count: count)) == nil) }

    @Test("a secret key is printed by nothing")
    func secretsAreSilent() throws {
        let keys = try KeyPair.random()
        var dumped = ""
        dump(keys, to: &dumped)
        let options = SocketOptions(security: .curveServer(keys))
        let texts = ["\(keys)", String(reflecting: keys), dumped, "\(options)", String(reflecting: options)]
        for text in texts {
            let isTold = text.contains(keys.secretKey.text)
            #expect(!isTold)
            #expect(text.contains(keys.publicKey.text))
        }
    }

    @Test("a peer whose key is accepted is heard, and known by its key", arguments: [true, false])
    func accepted(afterPolling: Bool) throws {
        let context = try Context()
        let bouncer = try Bouncer(in: context, .accept)
        let (server, alice) = (try KeyPair.random(), try KeyPair.random())
        let router = try Socket(.router, in: context, options: Keys.server(server))
        try router.bind(to: "tcp://127.0.0.1:0")
        let dealer = try Socket(.dealer, in: try Context(), options: Keys.client("alice", alice, to: server))
        try dealer.connect(to: try router.lastEndpoint())
        try send([[1], [2]], on: dealer)
        let message: ReceivedMessage
        if afterPolling {
            message = try receive(from: router)
        } else {
            message = try eventually("a message") { try router.receive() }
        }
        #expect(message.frames == [Array("alice".utf8), [1], [2]])
        #expect(message.userID == alice.publicKey.text)
        #expect(bouncer.asked == [alice.publicKey])
        try send([Array("alice".utf8), [3]], on: router)
        #expect(try receive(from: dealer).frames == [[3]])
    }

    @Test("without an authenticator nobody gets in, although libzmq itself would let everybody in")
    func missingAuthenticator() throws {
        let server = try KeyPair.random()
        let router = try Socket(.router, in: try Context(), options: Keys.server(server))
        try router.bind(to: "tcp://127.0.0.1:0")
        let context = try Context()
        let dealer = try Socket(
            .dealer, in: context, options: Keys.client("mallory", try KeyPair.random(), to: server))
        let monitor = try HandshakeMonitor(of: dealer, in: context)
        try dealer.connect(to: try router.lastEndpoint())
        let outcome = try event(of: monitor) { _ in true }
        #expect(outcome != .succeeded)
        #expect(try router.receive() == nil)
    }

    @Test("a context has room for one authenticator")
    func oneAuthenticator() throws {
        let context = try Context()
        let bouncer = try Bouncer(in: context, .accept)
        let error = #expect(throws: ZeroMQError.self) { _ = try Bouncer(in: context, .accept) }
        #expect(error?.isAddressInUse == true)
        #expect(bouncer.asked.isEmpty)
    }

    @Test("a key that is not allowed yet knocks until it is, and is then heard")
    func notYet() throws {
        let context = try Context()
        let bouncer = try Bouncer(in: context, .notYet)
        let server = try KeyPair.random()
        let router = try Socket(.router, in: context, options: Keys.server(server))
        try router.bind(to: "tcp://127.0.0.1:0")
        let clients = try Context()
        let dealer = try Socket(
            .dealer, in: clients, options: Keys.client("alice", try KeyPair.random(), to: server))
        let monitor = try HandshakeMonitor(of: dealer, in: clients)
        try dealer.connect(to: try router.lastEndpoint())
        try eventually("a second try") { bouncer.asked.count >= 2 ? () : nil }
        #expect(try event(of: monitor) { $0 != .disconnected } == .failed)
        bouncer.verdict = .accept
        try send([[1]], on: dealer)
        #expect(try receive(from: router).frames == [Array("alice".utf8), [1]])
    }

    @Test("a revoked key is told so, and its socket never tries again")
    func revoked() throws {
        let context = try Context()
        let bouncer = try Bouncer(in: context, .revoked)
        let (server, alice, bob) = (try KeyPair.random(), try KeyPair.random(), try KeyPair.random())
        let router = try Socket(.router, in: context, options: Keys.server(server))
        try router.bind(to: "tcp://127.0.0.1:0")
        let endpoint = try router.lastEndpoint()
        let clients = try Context()
        let dealer = try Socket(.dealer, in: clients, options: Keys.client("alice", alice, to: server))
        let monitor = try HandshakeMonitor(of: dealer, in: clients)
        try dealer.connect(to: endpoint)
        let denial = try event(of: monitor) { $0 != .disconnected }
        #expect(denial == .denied(status: 400))
        // Whoever comes later is let in many times over; the first is not heard of again.
        bouncer.verdict = .accept
        for number in UInt8(0)..<20 {
            let options = Keys.client("bob \(number)", bob, to: server)
            let other = try Socket(.dealer, in: clients, options: options)
            try other.connect(to: endpoint)
            try send([[number]], on: other)
            #expect(try receive(from: router).frames.last == [number])
        }
        let attempts = bouncer.asked.count { $0 == alice.publicKey }
        #expect(attempts == 1)
    }

    @Test("a client that expects another server does not trust this one")
    func wrongServerKey() throws {
        let context = try Context()
        let bouncer = try Bouncer(in: context, .accept)
        let router = try Socket(.router, in: context, options: Keys.server(try KeyPair.random()))
        try router.bind(to: "tcp://127.0.0.1:0")
        let clients = try Context()
        let dealer = try Socket(
            .dealer, in: clients,
            options: Keys.client("alice", try KeyPair.random(), to: try KeyPair.random()))
        let monitor = try HandshakeMonitor(of: dealer, in: clients)
        try dealer.connect(to: try router.lastEndpoint())
        #expect(try event(of: monitor) { _ in true } != .succeeded)
        #expect(bouncer.asked.isEmpty)
    }

    @Test("plain text and CURVE never meet", arguments: [true, false])
    func mismatch(isServerEncrypted: Bool) throws {
        let context = try Context()
        let bouncer = try Bouncer(in: context, .accept)
        let server = try KeyPair.random()
        let router = try Socket(
            .router, in: context, options: isServerEncrypted ? Keys.server(server) : SocketOptions())
        try router.bind(to: "tcp://127.0.0.1:0")
        let clients = try Context()
        let dealer = try Socket(
            .dealer, in: clients,
            options: isServerEncrypted
                ? SocketOptions() : Keys.client("alice", try KeyPair.random(), to: server))
        let monitor = try HandshakeMonitor(of: dealer, in: clients)
        try dealer.connect(to: try router.lastEndpoint())
        let outcome = try event(of: monitor) { $0 != .disconnected }
        // Either side may notice first; the other sees a connection that ends.
        #expect(outcome == .otherMechanism || outcome == .failed)
        #expect(try dealer.send([[1]]) == .wouldBlock)
        #expect(try router.receive() == nil)
        #expect(bouncer.asked.isEmpty)
    }

    @Test("what a peer in plain text claims to be is not believed")
    func forgedUser() throws {
        let router = try Socket(.router, in: try Context())
        try router.bind(to: "tcp://127.0.0.1:0")
        let mallory = try RawPeer(connectingTo: try router.lastEndpoint())
        #expect(mallory.shakeHands(saying: RawPeer.ready(claiming: "User-Id", "alice")))
        mallory.write([0, 1, 7])
        let message = try receive(from: router)
        #expect(message.frames.last == [7])
        #expect(message.userID == nil)
    }
}

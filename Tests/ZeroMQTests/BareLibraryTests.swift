import CZeroMQ
import Testing
import ZeroMQ

#if canImport(Glibc)
    import Glibc
#endif

/// What libzmq 4.3.4 does where nobody forbids it: the reasons for our rules, shown on its bare functions.
///
/// The rules themselves are tested in the other suites; the table in `docs/protocol.md` names both.
@Suite("Bare libzmq", .timeLimit(.minutes(10)))
struct BareLibraryTests {
    @Test("its heartbeats abort the process whose full receive queue they reconnect")
    func heartbeats() async {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            let clients = try BareContext()
            let router = try BareSocket(ZMQ_ROUTER, in: try BareContext())
            let endpoint = try router.bind()
            let dealer = try BareSocket(
                ZMQ_DEALER, in: clients, [(ZMQ_RCVHWM, 1), (ZMQ_HEARTBEAT_IVL, 50)])
            zmq_socket_monitor(dealer.handle, "inproc://handshakes", ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            let monitor = try BareSocket(ZMQ_PAIR, in: clients)
            try monitor.connect(to: "inproc://handshakes")
            try dealer.connect(to: endpoint)
            _ = dealer.send([1])
            let routingID = try router.next()
            _ = try router.next()
            for _ in 0..<100 { _ = router.send(routingID, more: true) && router.send([2]) }
            // The second handshake is that of the connection which the heartbeat has cut and made anew; two frames each.
            for _ in 0..<4 { _ = try monitor.next() }
            for _ in 0..<1000 {
                _ = dealer.receive()
                poll(nil, 0, 5)
            }
            exit(0)
        }
    }

    @Test("a router drops what it cannot deliver and says that it was sent, unless it is told to say")
    func silentDrops() throws {
        for isMandatory in [false, true] {
            let router = try BareSocket(
                ZMQ_ROUTER, in: try BareContext(),
                [(ZMQ_SNDHWM, 4), (ZMQ_ROUTER_MANDATORY, isMandatory ? 1 : 0)])
            let peer = try RawPeer(connectingTo: try router.bind())
            #expect(peer.shakeHands())
            peer.write([0, 1, 7])
            let routingID = try router.next()
            _ = try router.next()
            let stranger = Array("nobody".utf8)
            let reachesNobody = router.send(stranger, more: true) && router.send([1])
            #expect(reachesNobody == !isMandatory)
            // Far more than the queue and the buffers of the system hold, for a peer that reads nothing.
            let payload = [UInt8](repeating: 0, count: 100_000)
            let sentCount = (0..<1000).count { _ in
                router.send(routingID, more: true) && router.send(payload)
            }
            #expect(isMandatory ? sentCount < 1000 : sentCount == 1000)
        }
    }

    @Test("what was sent to a peer that died is lost, and every call has said that it was sent")
    func deadPeer() throws {
        let router = try BareSocket(ZMQ_ROUTER, in: try BareContext(), [(ZMQ_ROUTER_MANDATORY, 1)])
        let endpoint = try router.bind()
        var peer: RawPeer? = try RawPeer(connectingTo: endpoint)
        #expect(peer?.shakeHands() == true)
        peer?.write([0, 1, 7])
        let routingID = try router.next()
        _ = try router.next()
        let sentCount = (0..<100).count { _ in router.send(routingID, more: true) && router.send([1]) }
        #expect(sentCount == 100)
        peer = nil
        try eventually("the end of the connection") {
            guard router.send(routingID, more: true) else { return () }
            _ = router.send([1])
            return nil
        }
        // Nothing comes back, neither the messages nor a word about them.
        #expect(router.receive() == nil)
    }

    @Test("what is sent while nobody listens is delivered to whoever comes next", arguments: [0, 1])
    func staleMessages(immediate: Int32) throws {
        let endpoint = "ipc:///tmp/descent-stale-\(getpid())-\(immediate).ipc"
        let dealer = try BareSocket(
            ZMQ_DEALER, in: try BareContext(), [(ZMQ_IMMEDIATE, immediate), (ZMQ_RECONNECT_IVL, 10)])
        try dealer.connect(to: endpoint)
        let isQueued = dealer.send(Array("for the old server".utf8))
        #expect(isQueued == (immediate == 0))
        let server = try BareSocket(ZMQ_ROUTER, in: try BareContext())
        try server.bind(to: endpoint)
        try eventually("room to send") { dealer.send(Array("for the new server".utf8)) ? () : nil }
        _ = try server.next()
        let first = String(decoding: try server.next(), as: UTF8.self)
        #expect(first == (immediate == 0 ? "for the old server" : "for the new server"))
    }

    @Test("a second socket of a routing id is deaf: all it sends is taken, and nothing arrives")
    func deafSocket() throws {
        let router = try BareSocket(ZMQ_ROUTER, in: try BareContext())
        let endpoint = try router.bind()
        let context = try BareContext()
        let (first, second) = (
            try BareSocket(ZMQ_DEALER, in: context), try BareSocket(ZMQ_DEALER, in: context)
        )
        for dealer in [first, second] {
            try dealer.set(ZMQ_ROUTING_ID, "alice")
            try dealer.connect(to: endpoint)
            if dealer === first {
                #expect(dealer.send([1]))
                #expect(try [router.next(), router.next()] == [Array("alice".utf8), [1]])
            }
        }
        for number in UInt8(10)..<20 { #expect(second.send([number])) }
        #expect(first.send([2]))
        #expect(try [router.next(), router.next()] == [Array("alice".utf8), [2]])
        #expect(router.receive() == nil)
    }

    @Test("with handover, whoever claims a routing id gets what is meant for the one who has it")
    func handover() throws {
        let router = try BareSocket(ZMQ_ROUTER, in: try BareContext(), [(ZMQ_ROUTER_HANDOVER, 1)])
        let endpoint = try router.bind()
        let context = try BareContext()
        let (alice, mallory) = (
            try BareSocket(ZMQ_DEALER, in: context), try BareSocket(ZMQ_DEALER, in: context)
        )
        for (dealer, number) in [(alice, UInt8(1)), (mallory, 2)] {
            try dealer.set(ZMQ_ROUTING_ID, "alice")
            try dealer.connect(to: endpoint)
            #expect(dealer.send([number]))
            #expect(try [router.next(), router.next()] == [Array("alice".utf8), [number]])
        }
        #expect(router.send(Array("alice".utf8), more: true) && router.send([3]))
        #expect(try mallory.next() == [3])
        #expect(alice.receive() == nil)
    }

    @Test(
        "the User-Id is missing on the first frame after a poll, and stands on the second",
        arguments: [true, false])
    func userID(afterPolling: Bool) throws {
        let context = try BareContext()
        let judge = try BareSocket(ZMQ_REP, in: context)
        try judge.bind(to: "inproc://zeromq.zap.01")
        let (server, alice) = (try KeyPair.random(), try KeyPair.random())
        let router = try BareSocket(ZMQ_ROUTER, in: context, [(ZMQ_CURVE_SERVER, 1)])
        try #require(zmq_setsockopt(router.handle, ZMQ_CURVE_SECRETKEY, server.secretKey.text, 41) == 0)
        let dealer = try Socket(.dealer, in: try Context(), options: Keys.client("alice", alice, to: server))
        try dealer.connect(to: try router.bind())
        let question = try (0..<7).map { _ in try judge.next() }
        for frame in [question[0], question[1], Array("200".utf8), [], Array("alice's key".utf8)] {
            #expect(judge.send(frame, more: true))
        }
        #expect(judge.send([]))
        try send([[7]], on: dealer)
        if afterPolling {
            var item = zmq_pollitem_t(
                socket: router.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
            #expect(zmq_poll(&item, 1, 10_000) == 1)
        }
        var users: [String?] = []
        for _ in 0..<2 {
            var part = zmq_msg_t()
            zmq_msg_init(&part)
            try eventually("a frame") { zmq_msg_recv(&part, router.handle, ZMQ_DONTWAIT) == -1 ? nil : () }
            users.append(zmq_msg_gets(&part, "User-Id").map { String(cString: $0) })
            zmq_msg_close(&part)
        }
        #expect(users == [afterPolling ? nil : "alice's key", "alice's key"])
    }

    @Test("a peer that nobody knows makes it map a gibibyte with nine bytes")
    func unlimitedSize() async {
        await #expect(processExitsWith: .success) {
            let router = try BareSocket(ZMQ_ROUTER, in: try BareContext())
            let stranger = try RawPeer(connectingTo: try router.bind())
            guard stranger.shakeHands() else { exit(2) }
            let before = mappedPageCount()
            let gibibyte: [UInt8] = [0, 0, 0, 0, 0x40, 0, 0, 0]
            stranger.write([0x02] + gibibyte)
            let pages = (1 << 30) / sysconf(Int32(_SC_PAGESIZE))
            try eventually("a gibibyte") { mappedPageCount() - before >= pages ? () : nil }
            exit(0)
        }
    }

    @Test("without a limit to handshakes it holds every connection that never says a word")
    func heldHandshakes() throws {
        let context = try BareContext()
        let patient = try BareSocket(ZMQ_ROUTER, in: context, [(ZMQ_HANDSHAKE_IVL, 0)])
        let strict = try BareSocket(ZMQ_ROUTER, in: context, [(ZMQ_HANDSHAKE_IVL, 100)])
        let (held, cutOff) = (try patient.bind(), try strict.bind())
        let silent = try (0..<50).map { _ in try RawPeer(connectingTo: held) }
        for _ in 0..<50 {
            let peer = try RawPeer(connectingTo: cutOff)
            #expect(peer.isCutOff())
        }
        let openCount = silent.count { $0.isOpen }
        #expect(openCount == 50)
    }

    @Test("a socket that lingers keeps its process from ending until somebody kills it")
    func endlessLinger() async {
        await #expect(processExitsWith: .signal(SIGALRM)) { try endContext(lingering: -1) }
        await #expect(processExitsWith: .success) { try endContext(lingering: 0) }
    }

    @Test("a signal ends a wait, with an error and nothing else")
    func interruptedPoll() async {
        await #expect(processExitsWith: .success) {
            signal(SIGUSR1) { _ in }
            let router = try BareSocket(ZMQ_ROUTER, in: try BareContext())
            _ = try router.bind()
            unblock(SIGUSR1)
            let waiting = UnsafeMutablePointer<pthread_t>.allocate(capacity: 1)
            waiting.initialize(to: pthread_self())
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { argument in
                    guard let waiting = argument?.load(as: pthread_t.self) else { return nil }
                    while true {
                        pthread_kill(waiting, SIGUSR1)
                        poll(nil, 0, 1)
                    }
                }, waiting)
            var item = zmq_pollitem_t(
                socket: router.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
            exit(zmq_poll(&item, 1, 30_000) == -1 && zmq_errno() == EINTR ? 0 : 1)
        }
    }

    @Test(
        "the pauses between attempts to connect grow only where a longest one is given", arguments: [0, 80])
    func reconnectionBackoff(longest: Int32) throws {
        let context = try BareContext()
        let dealer = try BareSocket(
            ZMQ_DEALER, in: context, [(ZMQ_RECONNECT_IVL, 10), (ZMQ_RECONNECT_IVL_MAX, longest)])
        zmq_socket_monitor(dealer.handle, "inproc://retries", ZMQ_EVENT_CONNECT_RETRIED)
        let monitor = try BareSocket(ZMQ_PAIR, in: context)
        try monitor.connect(to: "inproc://retries")
        try dealer.connect(to: "ipc:///tmp/descent-nobody-\(getpid()).ipc")
        var pauses: [UInt32] = []
        while pauses.count < 6 {
            let event = try monitor.next()
            pauses.append(event.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self) })
            _ = try monitor.next()
        }
        let last = try #require(pauses.last)
        #expect(pauses[0] < 20)
        #expect(longest == 0 ? pauses.allSatisfy { $0 < 20 } : last >= 80)
    }
}

/// Ends a context with a message for nobody, in a process that is killed after two seconds.
private func endContext(lingering: Int32) throws {
    signal(SIGALRM, SIG_DFL)
    unblock(SIGALRM)
    alarm(2)
    do {
        let dealer = try BareSocket(ZMQ_DEALER, in: try BareContext(), [(ZMQ_LINGER, lingering)])
        try dealer.connect(to: "ipc:///tmp/descent-nobody-\(getpid()).ipc")
        _ = dealer.send([1])
    }
    exit(0)
}

/// Lets a signal reach the calling thread, which may come from a library that blocks them.
private func unblock(_ number: Int32) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
}

/// Pages of memory that this process has mapped.
private func mappedPageCount() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    return strtol(line, nil, 10)
}

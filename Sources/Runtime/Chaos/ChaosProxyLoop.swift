internal import Basics
internal import Glibc

/// The thread of a ``ChaosProxy``.
struct ChaosProxyLoop {
    private let listener: Int32
    private let orders: Mailbox<ChaosProxy.Order>
    private let upstream: @Sendable () -> UInt16?
    private var generator: SeededGenerator
    private var connections: [ProxiedConnection] = []
    private var spells: [(fault: ChaosProxy.Fault, until: Instant)] = []
    private var isStopped = false

    /// How often the loop looks at the time when nothing moves.
    private static let turnMax = Duration.milliseconds(50)

    init(
        _ listener: Int32, orders: Mailbox<ChaosProxy.Order>, seed: UInt64,
        upstream: @escaping @Sendable () -> UInt16?
    ) {
        self.listener = listener
        self.orders = orders
        self.upstream = upstream
        generator = SeededGenerator(seed: seed, stream: "proxy")
    }

    mutating func run() {
        while !isStopped {
            wait()
            let now = SystemClock.now
            takeOrders()
            spells.removeAll { spell in
                // What strikes once waits for its moment.
                spell.until <= now && spell.fault != .duplicate && spell.fault != .truncate
            }
            accept()
            for index in connections.indices { move(index, at: now) }
            for connection in connections where connection.isOver { connection.close() }
            connections.removeAll(where: \.isOver)
        }
        for connection in connections { connection.close() }
        close(listener)
    }

    private func isUnder(_ fault: ChaosProxy.Fault) -> Bool { spells.contains { $0.fault == fault } }

    private func wait() {
        var items = [listener, orders.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let now = SystemClock.now
        var timeout = ChaosProxyLoop.turnMax
        for connection in connections {
            for stream in connection.streams {
                if stream.hasRoom, !isUnder(.stall(stream.direction)) {
                    items.append(pollfd(fd: stream.source, events: Int16(POLLIN), revents: 0))
                }
                if let due = stream.nextDue { timeout = min(timeout, max(.milliseconds(1), due - now)) }
            }
        }
        let milliseconds = Int32(timeout.wholeNanoseconds / 1_000_000)
        poll(&items, nfds_t(items.count), milliseconds)
    }

    private mutating func takeOrders() {
        for order in orders.take() {
            switch order {
            case .stop: isStopped = true
            case .apply(let fault, let until):
                switch fault {
                case .cut: for index in connections.indices { connections[index].isOver = true }
                case .halfOpen: for index in connections.indices { connections[index].openHalf(until: until) }
                case .delay, .stall, .duplicate, .truncate: break
                }
                if fault != .halfOpen { spells.append((fault, until)) }
            }
        }
    }

    private mutating func accept() {
        var item = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        while poll(&item, 1, 0) == 1 {
            let client = Glibc.accept(listener, nil, nil)
            guard client != -1 else { return }
            guard !isUnder(.cut), let port = upstream(), let server = try? LoopbackSocket.connected(to: port)
            else {
                close(client)
                continue
            }
            LoopbackSocket.makeNonBlocking(client)
            connections.append(ProxiedConnection(client: client, server: server))
        }
    }

    private mutating func move(_ index: Int, at now: Instant) {
        if let until = connections[index].halfOpenUntil {
            connections[index].swallow()
            if until <= now { connections[index].isOver = true }
            return
        }
        for position in connections[index].streams.indices {
            let direction = connections[index].streams[position].direction
            guard !isUnder(.stall(direction)) else { continue }
            if let bytes = connections[index].streams[position].read() {
                let (sent, isLast) = mistreated(bytes)
                if isLast { connections[index].endsWhenSent = true }
                connections[index].streams[position].append(sent, due: now + delay())
            }
            connections[index].streams[position].write(at: now)
        }
        connections[index].endIfDone()
    }

    private mutating func delay() -> Duration {
        for spell in spells {
            if case .delay(let longest) = spell.fault { return longest * generator.uniform() }
        }
        return .zero
    }

    /// The bytes that go out for those that came in, and whether nothing follows them.
    private mutating func mistreated(_ bytes: [UInt8]) -> (bytes: [UInt8], isLast: Bool) {
        if let spell = spells.firstIndex(where: { $0.fault == .duplicate }) {
            spells.remove(at: spell)
            return (bytes + bytes, false)
        }
        if let spell = spells.firstIndex(where: { $0.fault == .truncate }) {
            spells.remove(at: spell)
            return (Array(bytes.prefix(bytes.count / 2)), true)
        }
        return (bytes, false)
    }
}

/// A client's connection with the one that was made for it to the server.
struct ProxiedConnection {
    let client: Int32
    let server: Int32
    var streams: [ProxiedStream]
    var isOver = false
    /// Nothing more is read; what waits still goes out.
    var endsWhenSent = false
    private(set) var halfOpenUntil: Instant?

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
        streams = [
            ProxiedStream(direction: .toServer, source: client, target: server),
            ProxiedStream(direction: .toClient, source: server, target: client),
        ]
    }

    /// Lets the server see an end, and the client nothing.
    mutating func openHalf(until: Instant) {
        guard halfOpenUntil == nil else { return }
        halfOpenUntil = until
        shutdown(server, Int32(SHUT_RDWR))
        streams.removeLast()
    }

    /// Reads what a client says to nobody.
    mutating func swallow() {
        _ = streams[0].read()
        if streams[0].isEnded { isOver = true }
    }

    mutating func endIfDone() {
        if endsWhenSent { for index in streams.indices { streams[index].isEnded = true } }
        // The end of one stream is the end of both, as when a process dies.
        if streams.contains(where: { $0.isEnded && $0.nextDue == nil }) { isOver = true }
    }

    func close() {
        Glibc.close(client)
        Glibc.close(server)
    }
}

/// The bytes that go one way.
struct ProxiedStream {
    let direction: ChaosProxy.Direction
    let source: Int32
    let target: Int32
    /// Nothing more comes.
    var isEnded = false
    private var queue: [(due: Instant, bytes: ArraySlice<UInt8>)] = []

    private static let queueMax = 256
    private static let readMax = 1 << 16

    init(direction: ChaosProxy.Direction, source: Int32, target: Int32) {
        self.direction = direction
        self.source = source
        self.target = target
    }

    var hasRoom: Bool { !isEnded && queue.count < ProxiedStream.queueMax }
    var nextDue: Instant? { queue.first?.due }

    /// What has come since the last time; `nil` for nothing.
    mutating func read() -> [UInt8]? {
        guard hasRoom else { return nil }
        var bytes = [UInt8](repeating: 0, count: ProxiedStream.readMax)
        let count = recv(source, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count > 0 { return Array(bytes.prefix(count)) }
        if count == 0 || (errno != EAGAIN && errno != EINTR) { isEnded = true }
        return nil
    }

    /// Queues bytes behind those that wait: a stream never reorders.
    mutating func append(_ bytes: [UInt8], due: Instant) {
        queue.append((max(due, queue.last?.due ?? due), bytes[...]))
    }

    /// Sends what is due, as far as the target takes it.
    mutating func write(at now: Instant) {
        while let first = queue.first, first.due <= now {
            let count = first.bytes.withUnsafeBytes {
                send(target, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            if count == first.bytes.count {
                queue.removeFirst()
            } else if count > 0 {
                queue[0].bytes = first.bytes.dropFirst(count)
                return
            } else {
                if errno != EAGAIN, errno != EINTR {
                    queue = []
                    isEnded = true
                }
                return
            }
        }
    }
}

import ZeroMQ

/// Something that a test waited for did not come in time.
struct Timeout: Error {
    let what: String
}

/// Repeats `attempt` until it gives a value, or throws after five minutes.
///
/// The pauses matter: a router that is asked to send again and again without one does not learn that a peer with a
/// full queue has gone.
func eventually<Value>(_ what: String, _ attempt: () throws -> Value?) throws -> Value {
    let deadline = SuspendingClock.now + .seconds(300)
    while SuspendingClock.now < deadline {
        if let value = try attempt() { return value }
        _ = try Poller().wait(for: .milliseconds(1))
    }
    throw Timeout(what: what)
}

/// Waits for the next message on `socket`.
func receive(from socket: borrowing Socket, frameCountMax: Int = 8) throws -> ReceivedMessage {
    var poller = Poller()
    _ = poller.watch(socket)
    let deadline = SuspendingClock.now + .seconds(300)
    while SuspendingClock.now < deadline {
        if let message = try socket.receive(frameCountMax: frameCountMax) { return message }
        _ = try poller.wait(for: .milliseconds(50))
    }
    throw Timeout(what: "a message")
}

/// Sends on `socket`, waiting for its connection to stand.
func send(_ frames: [[UInt8]], on socket: borrowing Socket) throws {
    let deadline = SuspendingClock.now + .seconds(300)
    while SuspendingClock.now < deadline {
        if try socket.send(frames) == .queued { return }
        _ = try Poller().wait(for: .milliseconds(1))
    }
    throw Timeout(what: "room to send")
}

/// Options of a socket that routers know as `name`.
func named(_ name: String) -> SocketOptions { SocketOptions(routingID: Array(name.utf8)) }

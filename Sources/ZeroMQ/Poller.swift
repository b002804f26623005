internal import CZeroMQ
internal import Glibc

/// Waits until a socket or a descriptor has something to read, or a time has passed.
///
///     var poller = Poller()
///     let fromWorkers = poller.watch(router)
///     let wakeUp = poller.watch(descriptor: signal.descriptor)
///     let ready = try poller.wait(for: .milliseconds(500))
///     if ready.contains(fromWorkers) { … }
public struct Poller {
    private var items: [Item] = []

    /// A thing that is watched, by the order of watching.
    public struct Index: Hashable, Sendable {
        fileprivate let value: Int
    }

    private enum Item {
        case socket(SocketPointer, events: Int16)
        case descriptor(Int32)
    }

    public init() {}

    /// Watches a socket; the poller must stay on the socket's thread.
    ///
    /// - Parameters:
    ///   - socket: Ready when a message waits to be received.
    ///   - includingRoom: Ready also when a message could be sent.
    /// - Returns: The name under which ``wait(for:)`` tells of it.
    public mutating func watch(_ socket: borrowing Socket, includingRoom: Bool = false) -> Index {
        let events = includingRoom ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN
        items.append(.socket(socket.pointer, events: Int16(events)))
        return Index(value: items.count - 1)
    }

    /// Watches a descriptor, which must outlive the poller.
    public mutating func watch(descriptor: Int32) -> Index {
        items.append(.descriptor(descriptor))
        return Index(value: items.count - 1)
    }

    /// Waits for the first of what is watched, at most for `timeout`, however many signals come in between.
    ///
    /// A descriptor whose other end was closed counts as ready.
    ///
    /// - Returns: All that is ready; empty when the time has passed.
    /// - Throws: ``ZeroMQError`` when a watched socket has been closed.
    public func wait(for timeout: Duration) throws(ZeroMQError) -> [Index] {
        var polled = items.map { item in
            switch item {
            case .socket(let pointer, let events):
                zmq_pollitem_t(socket: pointer.handle, fd: 0, events: events, revents: 0)
            case .descriptor(let descriptor):
                zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0)
            }
        }
        for item in items {
            // A closed socket has no handle, and libzmq would take it for descriptor 0.
            if case .socket(let pointer, _) = item, pointer.handle == nil {
                throw ZeroMQError(function: "zmq_poll", code: ENOTSOCK, subject: "a closed socket")
            }
        }
        let deadline = SuspendingClock.now + timeout
        while true {
            let left = max(.zero, deadline - SuspendingClock.now)
            if zmq_poll(&polled, Int32(polled.count), Int(left.wholeMilliseconds)) != -1 { break }
            if zmq_errno() != EINTR { throw ZeroMQError.latest(from: "zmq_poll") }
        }
        return polled.indices.filter { polled[$0].revents != 0 }.map(Index.init(value:))
    }
}

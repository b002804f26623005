internal import Synchronization
internal import ZeroMQ

/// Hands values from any thread to the one that waits in a poller.
final class Mailbox<Value: Sendable>: Sendable {
    private let wake: WakeSignal
    private let values = Mutex<[Value]>([])

    init() throws(ZeroMQError) { wake = try WakeSignal() }

    /// What the receiving thread's poller watches.
    var descriptor: Int32 { wake.descriptor }

    /// Adds a value and wakes the receiver.
    func post(_ value: sending Value) {
        let isFirst = values.withLock { values in
            values.append(value)
            return values.count == 1
        }
        // Whoever posted the first has woken the receiver, which has not looked yet.
        if isFirst { wake.signal() }
    }

    /// Takes everything that was posted so far, in order.
    func take() -> [Value] {
        // Cleared before the values are taken: a value posted in between wakes once too often, never too seldom.
        wake.clear()
        return values.withLock { values in
            defer { values = [] }
            return values
        }
    }

    /// Waits for the first value.
    func waitForFirst() throws(ZeroMQError) -> Value {
        var poller = Poller()
        _ = poller.watch(descriptor: descriptor)
        while true {
            if let first = take().first { return first }
            _ = try poller.wait(for: .seconds(3600))
        }
    }
}

import Foundation
import Synchronization
import ZeroMQ

/// An authenticator in a thread of the test, whose opinion can change.
final class Bouncer: Sendable {
    private let shared: Shared
    private let stop: WakeSignal
    private let ended: DispatchSemaphore

    private final class Shared: Sendable {
        let verdict = Mutex(Authenticator.Verdict.notYet)
        let asked = Mutex<[PublicKey]>([])
        let failure = Mutex<(any Error)?>(nil)
    }

    /// Answers the handshakes of `context` until it goes away.
    init(in context: Context, _ verdict: Authenticator.Verdict) throws {
        let (shared, stop, ended) = (Shared(), try WakeSignal(), DispatchSemaphore(value: 0))
        shared.verdict.withLock { $0 = verdict }
        let ready = DispatchSemaphore(value: 0)
        Thread {
            do {
                let authenticator = try Authenticator(in: context)
                ready.signal()
                try authenticator.serve(until: stop) { key in
                    shared.asked.withLock { $0.append(key) }
                    return shared.verdict.withLock { $0 }
                }
            } catch {
                shared.failure.withLock { $0 = error }
                ready.signal()
            }
            ended.signal()
        }.start()
        ready.wait()
        (self.shared, self.stop, self.ended) = (shared, stop, ended)
        if let failure = shared.failure.withLock({ $0 }) { throw failure }
    }

    deinit {
        stop.signal()
        ended.wait()
    }

    var verdict: Authenticator.Verdict {
        get { shared.verdict.withLock { $0 } }
        set { shared.verdict.withLock { $0 = newValue } }
    }

    /// Every key that was judged so far.
    var asked: [PublicKey] { shared.asked.withLock { $0 } }
}

/// Options of a server, and of whom it may know.
enum Keys {
    static func server(_ keys: KeyPair) -> SocketOptions {
        SocketOptions(handshakeInterval: .milliseconds(500), security: .curveServer(keys))
    }

    /// A client that comes back quickly.
    static func client(
        _ name: String, _ keys: KeyPair, to server: KeyPair
    ) -> SocketOptions {
        SocketOptions(
            handshakeInterval: .milliseconds(500), reconnectInterval: .milliseconds(20),
            reconnectIntervalMax: .milliseconds(100), routingID: Array(name.utf8),
            security: .curveClient(keys, server: server.publicKey))
    }
}

/// Waits for the first of the events that `isWanted` wants.
func event(
    of monitor: borrowing HandshakeMonitor, _ isWanted: (HandshakeMonitor.Event) -> Bool
) throws -> HandshakeMonitor.Event {
    let deadline = SuspendingClock.now + .seconds(300)
    while SuspendingClock.now < deadline {
        if let event = try monitor.take().first(where: isWanted) { return event }
        _ = try Poller().wait(for: .milliseconds(1))
    }
    throw Timeout(what: "a handshake")
}

internal import Basics
internal import Glibc
internal import ZeroMQ

/// Stands between workers and a coordinator, and mistreats the bytes on their way.
///
///     let proxy = try ChaosProxy(seed: 7) { coordinatorPort }
///     // workers connect to tcp://127.0.0.1:\(proxy.port)
///     proxy.apply(.stall(.toServer), for: .seconds(3))
///
/// One thread does it all with `poll`. A connection that is cut, doubled or cut short ends; the peers must survive that
/// and connect again.
public final class ChaosProxy: Sendable {
    /// Where clients connect to, on 127.0.0.1.
    public let port: UInt16

    private let orders: Mailbox<Order>
    private let thread: BackgroundThread

    /// What a proxy can do to the connections that pass through it.
    public enum Fault: Hashable, Sendable, CustomStringConvertible {
        /// Every run of bytes is late by up to this much.
        case delay(upTo: Duration)
        /// Every connection is closed, and so is each new one.
        case cut
        /// Bytes in one direction wait; those in the other pass.
        case stall(Direction)
        /// The server's side is closed without a word to the client, which goes on talking to nobody.
        case halfOpen
        /// The next run of bytes goes out twice.
        case duplicate
        /// The first half of the next run goes out, and then nothing any more.
        case truncate

        public var description: String {
            switch self {
            case .delay(let longest): "bytes are late by up to \(longest.forPeople)"
            case .cut: "every connection is cut"
            case .stall(.toServer): "nothing passes from workers to coordinator"
            case .stall(.toClient): "nothing passes from coordinator to workers"
            case .halfOpen: "connections are half open"
            case .duplicate: "a run of bytes is doubled"
            case .truncate: "a run of bytes is cut short"
            }
        }
    }

    /// Which way bytes go.
    public enum Direction: Hashable, Sendable, CaseIterable {
        case toServer
        case toClient
    }

    enum Order: Sendable {
        case apply(Fault, until: Instant)
        case stop
    }

    /// Starts to listen on a port of 127.0.0.1 that the system chooses.
    ///
    /// - Parameters:
    ///   - seed: Decides how late bytes are.
    ///   - upstream: The server's port on 127.0.0.1 at this moment, asked for each connection; `nil` while there is none.
    /// - Throws: ``SystemError`` or `ZeroMQError` when sockets or threads run out.
    public init(seed: UInt64, upstream: @escaping @Sendable () -> UInt16?) throws {
        let listener = try LoopbackSocket.listening()
        let orders = try Mailbox<Order>()
        port = listener.port
        self.orders = orders
        thread = try BackgroundThread("chaos") {
            var loop = ChaosProxyLoop(listener.descriptor, orders: orders, seed: seed, upstream: upstream)
            loop.run()
        }
    }

    /// Brings a fault on everything that passes, for some time; ``Fault/duplicate`` and ``Fault/truncate`` strike once.
    public func apply(_ fault: Fault, for duration: Duration) {
        orders.post(.apply(fault, until: SystemClock.now + duration))
    }

    /// Closes every connection and ends the thread.
    public func stop() {
        orders.post(.stop)
        thread.join()
    }
}

/// TCP on this machine's loopback interface.
enum LoopbackSocket {
    static func listening() throws(SystemError) -> (descriptor: Int32, port: UInt16) {
        let descriptor = try open()
        do throws(SystemError) {
            try system("bind") { withAddress(port: 0) { bind(descriptor, $0, $1) } }
            try system("listen") { listen(descriptor, 512) }
            return (descriptor, try port(of: descriptor))
        } catch {
            close(descriptor)
            throw error
        }
    }

    static func connected(to port: UInt16) throws(SystemError) -> Int32 {
        let descriptor = try open()
        do throws(SystemError) {
            // Loopback answers at once, one way or the other.
            try system("connect") { withAddress(port: port) { connect(descriptor, $0, $1) } }
            makeNonBlocking(descriptor)
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    static func makeNonBlocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func open() throws(SystemError) -> Int32 {
        try system("socket") {
            socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        }
    }

    private static func port(of descriptor: Int32) throws(SystemError) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try system("getsockname") {
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func withAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32)
        -> Int32
    {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

import CZeroMQ
import Testing

/// A context of libzmq without our rules.
final class BareContext {
    let handle: UnsafeMutableRawPointer

    init() throws { handle = try #require(zmq_ctx_new()) }

    deinit { zmq_ctx_term(handle) }
}

/// A socket of libzmq without our rules, to show what they are for.
final class BareSocket {
    let handle: UnsafeMutableRawPointer
    private let context: BareContext

    /// - Parameters:
    ///   - kind: Such as `ZMQ_ROUTER`.
    ///   - context: Outlives the socket.
    ///   - options: Set in this order; what is not named has libzmq's own value, but for `ZMQ_LINGER`, which is 0.
    /// - Throws: Where libzmq refuses the socket or an option.
    init(_ kind: Int32, in context: BareContext, _ options: [(option: Int32, value: Int32)] = []) throws {
        self.context = context
        handle = try #require(zmq_socket(context.handle, kind))
        for (option, value) in [(ZMQ_LINGER, 0)] + options {
            var value = value
            try #require(zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size) == 0)
        }
    }

    deinit { zmq_close(handle) }

    /// Binds to a port of this machine, and returns the address.
    func bind() throws -> String {
        try #require(zmq_bind(handle, "tcp://127.0.0.1:*") == 0)
        var text = [CChar](repeating: 0, count: 256)
        var length = text.count
        try #require(zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &length) == 0)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func bind(to endpoint: String) throws { try #require(zmq_bind(handle, endpoint) == 0) }

    func connect(to endpoint: String) throws { try #require(zmq_connect(handle, endpoint) == 0) }

    func set(_ option: Int32, _ text: String) throws {
        try #require(zmq_setsockopt(handle, option, text, text.utf8.count) == 0)
    }

    /// Hands over one frame, without waiting.
    ///
    /// - Returns: Whether libzmq says that it took it.
    func send(_ frame: [UInt8], more: Bool = false) -> Bool {
        zmq_send(handle, frame, frame.count, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) != -1
    }

    /// Takes the next frame, without waiting; `nil` where there is none.
    func receive() -> [UInt8]? {
        var frame = [UInt8](repeating: 0, count: 1 << 10)
        let count = zmq_recv(handle, &frame, frame.count, ZMQ_DONTWAIT)
        return count < 0 ? nil : Array(frame.prefix(Int(count)))
    }

    /// Waits for the next frame.
    func next() throws -> [UInt8] { try eventually("a frame") { receive() } }
}

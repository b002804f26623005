internal import CZeroMQ

/// What all sockets of a process share: the threads that move bytes, and the `inproc` addresses.
///
/// Every socket keeps its context alive. The context ends when the last of them is gone; because no socket lingers,
/// ending never blocks.
public final class Context: Sendable {
    nonisolated(unsafe) let handle: UnsafeMutableRawPointer

    /// A context with one thread for input and output, which moves some gigabytes a second.
    ///
    /// - Throws: ``ZeroMQError`` when the process has no descriptors left.
    public init() throws(ZeroMQError) {
        guard let handle = zmq_ctx_new() else { throw ZeroMQError.latest(from: "zmq_ctx_new") }
        // Without this, contexts ask for more sockets than some systems allow and warn on standard error.
        _ = zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, 1023)
        self.handle = handle
    }

    deinit { _ = try? retrying("zmq_ctx_term") { zmq_ctx_term(handle) } }

    /// The version of libzmq in use, such as `4.3.4`.
    public static var libraryVersion: String {
        var (major, minor, patch) = (Int32(0), Int32(0), Int32(0))
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}

internal import CZeroMQ
internal import Glibc

/// A call into libzmq, or into the system on its behalf, that failed.
///
/// Thrown for what the world outside can cause: an address in use, a name that cannot be resolved, no descriptors
/// left. A full queue and an unreachable peer are everyday outcomes of sending and no errors; see ``SendOutcome``.
public struct ZeroMQError: Error, Hashable, CustomStringConvertible {
    /// The function that failed.
    public let function: String
    /// Its `errno`, in the numbering of libzmq, which extends that of the system.
    public let code: Int32
    /// The endpoint or option that it was about; `nil` where there is none.
    public let subject: String?

    public init(function: String, code: Int32, subject: String? = nil) {
        self.function = function
        self.code = code
        self.subject = subject
    }

    /// Somebody else listens on the address.
    public var isAddressInUse: Bool { code == EADDRINUSE }

    /// The machine has no such address or interface.
    public var isAddressUnknown: Bool { code == EADDRNOTAVAIL || code == ENODEV }

    public var description: String {
        let reason = zmq_strerror(code).map { String(cString: $0) } ?? "unknown error"
        return "\(function)\(subject.map { " \($0)" } ?? ""): \(reason) (errno \(code))"
    }

    static func latest(from function: String, subject: String? = nil) -> ZeroMQError {
        ZeroMQError(function: function, code: zmq_errno(), subject: subject)
    }
}

/// Calls libzmq until it succeeds or fails for another reason than a signal that came in between.
func retrying(
    _ function: String, subject: String? = nil, _ call: () -> Int32
) throws(ZeroMQError) -> Int32 {
    while true {
        let result = call()
        if result != -1 { return result }
        if zmq_errno() != EINTR { throw ZeroMQError.latest(from: function, subject: subject) }
    }
}

internal import Glibc

/// A system call that failed for a reason outside this program.
public struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The call that failed.
    public let function: String
    /// Its `errno`.
    public let code: Int32
    /// The file it was about; `nil` where there is none.
    public let path: String?

    public init(_ function: String, code: Int32, path: String? = nil) {
        self.function = function
        self.code = code
        self.path = path
    }

    public var description: String {
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return (path.map { "\($0): " } ?? "") + "\(reason) (\(function), errno \(code))"
    }
}

/// Calls the system until it succeeds or fails for another reason than a signal that came in between.
///
/// - Throws: ``SystemError`` when the call gives -1.
@discardableResult
func system<Number: SignedInteger>(
    _ function: String, path: String? = nil, _ call: () -> Number
) throws(SystemError) -> Number {
    while true {
        let result = call()
        if result != -1 { return result }
        if errno != EINTR { throw SystemError(function, code: errno, path: path) }
    }
}

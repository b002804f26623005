internal import ZeroMQ

/// Whether a coordinator on this machine could encrypt and keep strangers out.
public enum EncryptionCheck {
    /// Opens a door on this machine for a moment, and tries it.
    ///
    /// - Throws: ``KeyError`` where it cannot be locked, `ZeroMQError` where it cannot be opened.
    public static func run() throws {
        guard Context.hasCurve else { throw KeyError.noCurve }
        let context = try Context()
        let gate = try Gate(try KeyPair.random(), in: context) { _ in .notYet }
        defer { gate.close() }
        let router = try Socket(.router, in: context, options: SocketOptions(security: gate.security))
        try router.bind(to: ListenAddress.local.endpoint)
        try gate.proveClosed(at: try router.lastEndpoint())
    }
}

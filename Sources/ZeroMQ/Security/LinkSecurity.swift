internal import CZeroMQ

/// How the connections of a socket are protected.
public enum LinkSecurity: Hashable, Sendable {
    /// Not at all: for one machine, or a network where everybody is trusted.
    case plainText
    /// Encrypted; every peer proves that it owns a key, and the ``Authenticator`` of the context judges that key.
    case curveServer(KeyPair)
    /// Encrypted; the peer must own the secret half of `server`.
    case curveClient(KeyPair, server: PublicKey)

    /// The name under which the ``Authenticator`` is asked; without one libzmq would not ask at all.
    static let domain = "descent"
}

extension Context {
    /// Whether this libzmq can encrypt.
    public static var hasCurve: Bool { zmq_has("curve") == 1 }
}

extension SocketPointer {
    /// Sets the keys; before binding or connecting.
    ///
    /// - Throws: ``ZeroMQError`` where this libzmq cannot keep strangers out: there is no weaker protection to fall
    ///   back to.
    func apply(_ security: LinkSecurity) throws(ZeroMQError) {
        switch security {
        case .plainText: break
        case .curveServer(let keys):
            try set(ZMQ_CURVE_SERVER, to: 1, "ZMQ_CURVE_SERVER")
            try set(ZMQ_CURVE_SECRETKEY, to: keys.secretKey.text, "ZMQ_CURVE_SECRETKEY")
            try set(ZMQ_ZAP_DOMAIN, to: LinkSecurity.domain, "ZMQ_ZAP_DOMAIN")
            // Without it, a server whose authenticator is missing lets everybody in.
            try set(zapEnforceDomain, to: 1, "ZMQ_ZAP_ENFORCE_DOMAIN")
        case .curveClient(let keys, let server):
            try set(ZMQ_CURVE_SERVERKEY, to: server.text, "ZMQ_CURVE_SERVERKEY")
            try set(ZMQ_CURVE_PUBLICKEY, to: keys.publicKey.text, "ZMQ_CURVE_PUBLICKEY")
            try set(ZMQ_CURVE_SECRETKEY, to: keys.secretKey.text, "ZMQ_CURVE_SECRETKEY")
        }
    }

    private func set(_ option: Int32, to text: String, _ name: String) throws(ZeroMQError) {
        // Keys are told from their bytes by the zero at the end.
        let isKey = option != ZMQ_ZAP_DOMAIN
        _ = try retrying("zmq_setsockopt", subject: name) {
            zmq_setsockopt(handle, option, text, text.utf8.count + (isKey ? 1 : 0))
        }
    }
}

/// `ZMQ_ZAP_ENFORCE_DOMAIN`, which the header of 4.3.4 counts among its drafts and the library knows all the same.
private let zapEnforceDomain: Int32 = 93

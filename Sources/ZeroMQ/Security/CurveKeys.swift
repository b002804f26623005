internal import CZeroMQ
internal import Glibc

/// The half of a key pair that everybody may know: it names its owner.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// 40 characters in Z85, the notation of ZeroMQ.
    public let text: String

    /// A key from its notation; `nil` for anything that is none.
    public init?(_ text: String) {
        guard Z85.isKey(text) else { return nil }
        self.text = text
    }

    /// A key from its 32 bytes, as handshakes carry it; `nil` for any other number.
    public init?(bytes: [UInt8]) {
        guard let text = Z85.text(of: bytes) else { return nil }
        self.text = text
    }

    public var description: String { text }
}

/// The half of a key pair that only its owner may know.
///
/// It describes itself as nothing, so that no log, error or failing test can print it.
public struct SecretKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// 40 characters in Z85; for key files only.
    public let text: String

    /// A key from its notation; `nil` for anything that is none.
    public init?(_ text: String) {
        guard Z85.isKey(text) else { return nil }
        self.text = text
    }

    public var description: String { "(secret key)" }
    public var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}

/// Two keys on Curve25519 that belong together.
public struct KeyPair: Hashable, Sendable {
    public let publicKey: PublicKey
    public let secretKey: SecretKey

    /// Draws a new pair from the system's randomness.
    ///
    /// - Throws: ``ZeroMQError`` where libzmq was built without CURVE.
    public static func random() throws(ZeroMQError) -> KeyPair {
        var publicText = [CChar](repeating: 0, count: Z85.keyLength + 1)
        var secretText = publicText
        _ = try retrying("zmq_curve_keypair") { zmq_curve_keypair(&publicText, &secretText) }
        guard let publicKey = PublicKey(Z85.string(publicText)),
            let secretKey = SecretKey(Z85.string(secretText))
        else { throw ZeroMQError(function: "zmq_curve_keypair", code: EINVAL) }
        return KeyPair(publicKey: publicKey, secretKey: secretKey)
    }

    private init(publicKey: PublicKey, secretKey: SecretKey) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// The pair of a secret key: the public half follows from it.
    ///
    /// - Throws: ``ZeroMQError`` where libzmq was built without CURVE.
    public init(_ secretKey: SecretKey) throws(ZeroMQError) {
        var publicText = [CChar](repeating: 0, count: Z85.keyLength + 1)
        _ = try retrying("zmq_curve_public") { zmq_curve_public(&publicText, secretKey.text) }
        guard let publicKey = PublicKey(Z85.string(publicText)) else {
            throw ZeroMQError(function: "zmq_curve_public", code: EINVAL)
        }
        self.init(publicKey: publicKey, secretKey: secretKey)
    }
}

/// The printable notation of keys: five characters for four bytes (ZeroMQ RFC 32).
private enum Z85 {
    static let keyLength = 40
    private static let keyBytes = 32

    static func isKey(_ text: String) -> Bool {
        var bytes = [UInt8](repeating: 0, count: keyBytes)
        // The length first: libzmq writes as many bytes as the text asks for.
        return text.utf8.count == keyLength && !text.utf8.contains(0) && zmq_z85_decode(&bytes, text) != nil
    }

    static func text(of bytes: [UInt8]) -> String? {
        guard bytes.count == keyBytes else { return nil }
        var text = [CChar](repeating: 0, count: keyLength + 1)
        return zmq_z85_encode(&text, bytes, keyBytes) == nil ? nil : string(text)
    }

    static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

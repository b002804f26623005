internal import Foundation
internal import Messaging
public import ZeroMQ

/// All that a worker needs to be let in, in one file that can be carried to another machine.
///
/// JSON with the name of the key, the worker's own pair, and the public key of the coordinator: a worker trusts no
/// other, whatever address it is given.
public struct WorkerKey: Hashable, Sendable {
    /// What the coordinator calls the key; its workers are called `NAME.HOST-slotN`.
    public let name: String
    public let keys: KeyPair
    public let coordinator: PublicKey

    public init(name: String, keys: KeyPair, coordinator: PublicKey) {
        self.name = name
        self.keys = keys
        self.coordinator = coordinator
    }

    /// Reads a key file.
    ///
    /// - Throws: ``KeyError`` where it is missing, exposed or malformed.
    public init(contentsOf path: String) throws {
        let content = try KeyFile.read(path, kind: .worker)
        guard let name = content.name, WorkerName.isKeyName(name),
            let coordinator = content.coordinator.flatMap({ PublicKey($0) })
        else { throw KeyError.malformed(path: path, problem: "lacks the name of the key or its coordinator") }
        self.init(name: name, keys: try KeyFile.pair(of: content, path), coordinator: coordinator)
    }

    /// Writes the file, for its owner's eyes only.
    public func write(to path: String) throws(SystemError) {
        try KeyFile.write(
            KeyFile.Content(
                kind: .worker, name: name, publicKey: keys.publicKey.text, secret: keys.secretKey.text,
                coordinator: coordinator.text), to: path)
    }
}

/// The files that hold a secret key each.
enum KeyFile {
    struct Content: Codable {
        var format = 1
        let kind: Kind
        var name: String?
        let publicKey: String
        let secret: String
        var coordinator: String?

        enum CodingKeys: String, CodingKey {
            case format, kind, name, secret, coordinator
            case publicKey = "public"
        }
    }

    enum Kind: String, Codable {
        case coordinator
        case worker
    }

    static func read(_ path: String, kind: Kind) throws -> Content {
        let bytes = try PrivateFile.read(path)
        // What the decoder would say may quote what it read.
        guard let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)) else {
            throw KeyError.malformed(path: path, problem: "is no key file")
        }
        guard content.format == 1 else {
            throw KeyError.malformed(
                path: path, problem: "has format \(content.format), which is newer than this program")
        }
        guard content.kind == kind else {
            throw KeyError.malformed(
                path: path,
                problem: "is the key of a \(content.kind.rawValue), not of a \(kind.rawValue)")
        }
        return content
    }

    /// The pair of a file, both halves of which must belong together.
    static func pair(of content: Content, _ path: String) throws -> KeyPair {
        guard let secret = SecretKey(content.secret), let keys = try? KeyPair(secret),
            keys.publicKey.text == content.publicKey
        else { throw KeyError.malformed(path: path, problem: "holds two keys that are no pair") }
        return keys
    }

    static func write(_ content: Content, to path: String) throws(SystemError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // A handful of texts always encodes.
        guard let data = try? encoder.encode(content) else { return }
        try PrivateFile.write(String(decoding: data, as: UTF8.self) + "\n", to: path)
    }
}

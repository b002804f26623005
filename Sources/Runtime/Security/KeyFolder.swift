internal import Glibc
internal import Messaging
public import ZeroMQ

/// Where a coordinator keeps its keys: in a run directory, or in the user's configuration for all runs.
///
/// `coordinator.key` holds its own pair, `allowed` whom it lets in, and `workers/NAME.key` what each worker needs.
public struct KeyFolder: Hashable, Sendable, CustomStringConvertible {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// `$XDG_CONFIG_HOME/descent/keys`, or the same below `~/.config`.
    ///
    /// - Parameter environment: The value of a variable; `nil` where it is not set.
    /// - Returns: `nil` where the user has no home.
    public static func ofUser(environment: (String) -> String?) -> KeyFolder? {
        let configured = environment("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        let home = environment("HOME").flatMap { $0.hasPrefix("/") ? $0 + "/.config" : nil }
        return (configured ?? home).map { KeyFolder($0 + "/descent/keys") }
    }

    public var description: String { path }

    private var coordinatorFile: String { path + "/coordinator.key" }
    /// The allow list.
    public var allowed: String { path + "/allowed" }
    private var workers: String { path + "/workers" }

    /// The name of the key with which workers of the coordinator's own machine connect.
    public static let localName = "local"

    /// The file of a worker's key.
    public func worker(_ name: String) -> String { "\(workers)/\(name).key" }

    /// Whether a coordinator has its keys here.
    public var isInUse: Bool { PrivateFile.exists(coordinatorFile) }

    /// Makes the folder and the coordinator's pair, unless they are there.
    ///
    /// - Throws: ``KeyError`` where others can look into the folder or libzmq has no CURVE, ``SystemError`` where it
    ///   cannot be written.
    public func prepare() throws {
        guard Context.hasCurve else { throw KeyError.noCurve }
        try PrivateFile.createFolder(path)
        try PrivateFile.createFolder(workers)
        try locked {
            if !isInUse {
                let keys = try KeyPair.random()
                try KeyFile.write(
                    KeyFile.Content(
                        kind: .coordinator, publicKey: keys.publicKey.text, secret: keys.secretKey.text),
                    to: coordinatorFile)
            }
            if !PrivateFile.exists(allowed) { try PrivateFile.write(AllowList().text, to: allowed) }
        }
    }

    /// The coordinator's own pair.
    ///
    /// - Throws: ``KeyError`` where it is missing, exposed or malformed.
    public func coordinatorKeys() throws -> KeyPair {
        try PrivateFile.checkFolder(path)
        return try KeyFile.pair(of: try KeyFile.read(coordinatorFile, kind: .coordinator), coordinatorFile)
    }

    /// Whom the coordinator lets in.
    public func allowList() throws -> AllowList {
        try PrivateFile.checkFolder(path)
        let bytes = try PrivateFile.read(allowed)
        return try AllowList(parsing: String(decoding: bytes, as: UTF8.self), path: allowed)
    }

    /// Makes a key for a worker, and lets it in.
    ///
    /// - Returns: The file to carry to the worker's machine.
    /// - Throws: ``KeyError/nameTaken(_:folder:)`` where an allowed key has the name.
    public func makeWorker(_ name: String) throws -> String {
        guard WorkerName.isKeyName(name) else { throw KeyError.badName(name) }
        try prepare()
        return try locked {
            var list = try allowList()
            let keys = try KeyPair.random()
            guard list.allow(name, keys.publicKey) else {
                throw KeyError.nameTaken(name, folder: path)
            }
            let key = WorkerKey(name: name, keys: keys, coordinator: try coordinatorKeys().publicKey)
            // The key first: a name that is allowed and has no key could never be made again.
            try key.write(to: worker(name))
            try PrivateFile.write(list.text, to: allowed)
            return worker(name)
        }
    }

    /// The key file of this machine's own workers, made where it is not there.
    ///
    /// - Returns: `nil` where the user has revoked it and made no other.
    public func localWorker() throws -> String? {
        try prepare()
        let list = try allowList()
        if list[KeyFolder.localName] != nil { return worker(KeyFolder.localName) }
        if list.entries.contains(where: { $0.name == KeyFolder.localName }) { return nil }
        return try makeWorker(KeyFolder.localName)
    }

    /// Shuts a worker out for good; a running coordinator learns of it at once.
    ///
    /// - Throws: ``KeyError/unknownName(_:folder:)`` where no allowed key has the name.
    public func revoke(_ name: String) throws {
        try PrivateFile.checkFolder(path)
        try locked {
            var list = try allowList()
            guard list.revoke(name) else { throw KeyError.unknownName(name, folder: path) }
            try PrivateFile.write(list.text, to: allowed)
        }
    }

    /// Does something that no other process may do in the folder at the same time.
    private func locked<Value>(_ body: () throws -> Value) throws -> Value {
        let file = path + "/lock"
        let descriptor = try system("open", path: file) { open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        defer { Outbox.unlock(descriptor) }
        try system("flock", path: file) { flock(descriptor, LOCK_EX) }
        return try body()
    }
}

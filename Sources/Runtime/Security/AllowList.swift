internal import Messaging
public import ZeroMQ

/// Whose keys a coordinator lets in: the file `allowed` of a key folder.
///
/// One line a key, `NAME KEY allowed` or `NAME KEY revoked`; lines that begin with `#` are for people. A name has one
/// allowed key at most. Revoked keys stay, so that their owners are told.
public struct AllowList: Hashable, Sendable {
    /// In the order of the file.
    public private(set) var entries: [Entry] = []

    /// One key.
    public struct Entry: Hashable, Sendable {
        public let name: String
        public let key: PublicKey
        public fileprivate(set) var state: State

        public enum State: String, Hashable, Sendable, CaseIterable {
            case allowed
            case revoked
        }
    }

    public init() {}

    /// Reads a list.
    ///
    /// - Parameters:
    ///   - text: What the file holds.
    ///   - path: What to call it in errors.
    /// - Throws: ``KeyError/malformed(path:problem:)`` with the line.
    public init(parsing text: String, path: String) throws(KeyError) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) { continue }
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 3, WorkerName.isKeyName(String(words[0])),
                let key = PublicKey(String(words[1])), let state = Entry.State(rawValue: String(words[2]))
            else {
                throw .malformed(path: path, problem: "line \(index + 1): write NAME KEY allowed, or revoked")
            }
            let entry = Entry(name: String(words[0]), key: key, state: state)
            if let problem = add(entry) {
                throw .malformed(path: path, problem: "line \(index + 1): \(problem)")
            }
        }
    }

    /// Adds an entry, or says why it cannot stand beside the others.
    private mutating func add(_ entry: Entry) -> String? {
        if entries.contains(where: { $0.key == entry.key }) { return "the key stands there twice" }
        if entry.state == .allowed, self[entry.name] != nil { return "'\(entry.name)' has two allowed keys" }
        entries.append(entry)
        return nil
    }

    /// The allowed key of a name.
    public subscript(name: String) -> Entry? { entries.first { $0.name == name && $0.state == .allowed } }

    /// The list as its file holds it.
    public var text: String {
        let lines = entries.map { "\($0.name) \($0.key) \($0.state.rawValue)\n" }
        return
            "# Keys of workers: NAME KEY allowed, or revoked. A running coordinator reads changes at once.\n"
            + lines.joined()
    }

    /// Lets the owner of a key in.
    ///
    /// - Returns: False where the name or the key is there already.
    public mutating func allow(_ name: String, _ key: PublicKey) -> Bool {
        add(Entry(name: name, key: key, state: .allowed)) == nil
    }

    /// Shuts the owner of a name out for good.
    ///
    /// - Returns: False where no allowed key has the name.
    public mutating func revoke(_ name: String) -> Bool {
        guard let index = entries.firstIndex(where: { $0.name == name && $0.state == .allowed }) else {
            return false
        }
        entries[index].state = .revoked
        return true
    }
}

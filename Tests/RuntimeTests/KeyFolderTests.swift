import Foundation
import Runtime
import Testing
import ZeroMQ

@Suite("Key folder")
struct KeyFolderTests {
    private let temporary: TemporaryFolder
    private let folder: KeyFolder

    init() throws {
        temporary = try TemporaryFolder()
        folder = KeyFolder(temporary.path + "/keys")
    }

    private func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func change(_ path: String, to mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test("a key that was made is allowed, and its file holds all that a worker needs")
    func made() throws {
        let key = try WorkerKey(contentsOf: try folder.makeWorker("node7"))
        #expect(key.name == "node7")
        #expect(key.coordinator == (try folder.coordinatorKeys().publicKey))
        #expect(try folder.allowList()["node7"]?.key == key.keys.publicKey)
    }

    @Test("nobody but the owner can read anything in the folder, whatever the process's mask")
    func modes() throws {
        let previous = umask(0)
        defer { umask(previous) }
        _ = try folder.makeWorker("node7")
        for path in [folder.path, folder.path + "/workers"] { #expect(try mode(of: path) == 0o700) }
        let files = ["allowed", "coordinator.key", "workers/node7.key"].map { "\(folder.path)/\($0)" }
        for path in files { #expect(try mode(of: path) == 0o600) }
    }

    @Test(
        "a key file that others can read or change is refused",
        arguments: [0o640, 0o604, 0o620, 0o602, 0o644])
    func exposedFile(mode: Int) throws {
        let path = try folder.makeWorker("node7")
        try change(path, to: mode)
        let error = #expect(throws: KeyError.self) { _ = try WorkerKey(contentsOf: path) }
        #expect(error == .exposed(path: path, mode: UInt32(mode)))
        #expect(error?.exitCode == .configuration)
    }

    @Test(
        "a folder or a list that others can get at is refused", arguments: [0o755, 0o710, 0o701])
    func exposedFolder(mode: Int) throws {
        _ = try folder.makeWorker("node7")
        try change(folder.path, to: mode)
        let expected = KeyError.exposed(path: folder.path, mode: UInt32(mode))
        #expect(throws: expected) { _ = try folder.coordinatorKeys() }
        #expect(throws: expected) { _ = try folder.allowList() }
        #expect(throws: expected) { _ = try folder.makeWorker("node8") }
        try change(folder.path, to: 0o700)
        try change(folder.allowed, to: 0o666)
        #expect(throws: KeyError.exposed(path: folder.allowed, mode: 0o666)) { _ = try folder.allowList() }
    }

    @Test("the coordinator's pair stays the same however many keys are made")
    func samePair() throws {
        _ = try folder.makeWorker("node7")
        let keys = try folder.coordinatorKeys()
        _ = try folder.makeWorker("node8")
        try folder.prepare()
        #expect(try folder.coordinatorKeys() == keys)
    }

    @Test("a name is given once, and again when its key is revoked, which stays known")
    func names() throws {
        let first = try WorkerKey(contentsOf: try folder.makeWorker("node7"))
        #expect(throws: KeyError.nameTaken("node7", folder: folder.path)) {
            _ = try folder.makeWorker("node7")
        }
        try folder.revoke("node7")
        let second = try WorkerKey(contentsOf: try folder.makeWorker("node7"))
        let entries = try folder.allowList().entries
        #expect(entries.map(\.key) == [first.keys.publicKey, second.keys.publicKey])
        #expect(entries.map(\.state) == [.revoked, .allowed])
    }

    @Test("what is not allowed cannot be revoked")
    func revokeUnknown() throws {
        _ = try folder.makeWorker("node7")
        #expect(throws: KeyError.unknownName("bob", folder: folder.path)) { try folder.revoke("bob") }
    }

    @Test(
        "names that could leave the folder or break the list are refused",
        arguments: ["", "../a", "a b", "a.b"])
    func badNames(name: String) throws {
        #expect(throws: KeyError.badName(name)) { _ = try folder.makeWorker(name) }
    }

    @Test("this machine's own key is made once, and not again when the user has revoked it")
    func localKey() throws {
        let path = try #require(try folder.localWorker())
        #expect(try folder.localWorker() == path)
        #expect(try WorkerKey(contentsOf: path).name == KeyFolder.localName)
        try folder.revoke(KeyFolder.localName)
        #expect(try folder.localWorker() == nil)
    }

    @Test("keys made by many at once are all in the list")
    func concurrentMaking() async throws {
        try folder.prepare()
        let folder = folder
        try await withThrowingTaskGroup { group in
            for number in 0..<16 { group.addTask { _ = try folder.makeWorker("node\(number)") } }
            try await group.waitForAll()
        }
        #expect(Set(try folder.allowList().entries.map(\.name)) == Set((0..<16).map { "node\($0)" }))
    }

    @Test("a file that is no key says so without a word of what it holds")
    func malformed() throws {
        let path = try folder.makeWorker("node7")
        let good = try String(contentsOfFile: path, encoding: .utf8)
        let key = try WorkerKey(contentsOf: path)
        let other = try KeyPair.random().secretKey.text
        let broken = [
            "", "{}", "not JSON \(key.keys.secretKey.text)", String(good.dropLast(20)),
            good.replacingOccurrences(of: "\"format\" : 1", with: "\"format\" : 2"),
            good.replacingOccurrences(of: "\"worker\"", with: "\"coordinator\""),
            good.replacingOccurrences(of: key.keys.secretKey.text, with: other),
            good.replacingOccurrences(of: "node7", with: "../node7"),
        ]
        for text in broken {
            // Written in place: the file keeps its mode.
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try change(path, to: 0o600)
            let error = #expect(throws: KeyError.self) { _ = try WorkerKey(contentsOf: path) }
            #expect(error?.exitCode == .badData)
            let isTold = error?.description.contains(key.keys.secretKey.text) ?? true
            #expect(!isTold)
        }
        let coordinator = folder.path + "/coordinator.key"
        #expect(throws: KeyError.self) { _ = try WorkerKey(contentsOf: coordinator) }
        #expect(throws: KeyError.missing(path: "/nowhere/a.key")) {
            _ = try WorkerKey(contentsOf: "/nowhere/a.key")
        }
        #expect(throws: KeyError.malformed(path: "/dev/null", problem: "is no file")) {
            _ = try WorkerKey(contentsOf: "/dev/null")
        }
    }
}

@Suite("Allow list")
struct AllowListTests {
    private static let keys = (0..<3).map { _ in try? KeyPair.random().publicKey.text }.compactMap(\.self)

    @Test("a list reads as it was written")
    func roundTrip() throws {
        let text = "\(Self.keys[0])"
        let list = try AllowList(
            parsing: "# people\n\n  node7 \(text) allowed\nnode7\t\(Self.keys[1]) revoked\n", path: "a")
        #expect(list.entries.map(\.name) == ["node7", "node7"])
        #expect(list["node7"]?.key.text == text)
        #expect(try AllowList(parsing: list.text, path: "a") == list)
    }

    @Test("a line that makes no sense is refused with its number")
    func malformed() {
        let key = Self.keys[0]
        let bad = [
            "node7", "node7 \(key)", "node7 \(key) maybe", "node7 short allowed", "no.de \(key) allowed",
            "node7 \(key) allowed more", "a \(key) allowed\nb \(key) allowed",
            "a \(key) allowed\na \(Self.keys[1]) allowed",
        ]
        for text in bad {
            let error = #expect(throws: KeyError.self) {
                _ = try AllowList(parsing: "#\n" + text, path: "list")
            }
            let line = text.contains("\n") ? 3 : 2
            #expect(error?.description.hasPrefix("list: line \(line): ") == true)
        }
    }
}

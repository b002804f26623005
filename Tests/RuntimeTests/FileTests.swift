import Basics
import Foundation
import Messaging
import Runtime
import Sweeps
import Testing

@Suite("Files of a run")
struct FileTests {
    @Test("a file is replaced in whole, and no temporary file stays")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        for text in ["first", "second, which is longer", ""] {
            try AtomicFile.write(Array(text.utf8), to: path)
            #expect(try AtomicFile.read(path) == Array(text.utf8))
        }
        #expect(folder.names == ["file"])
    }

    @Test("a write that fails leaves the old file and nothing else")
    func failedWrite() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let error = #expect(throws: SystemError.self) { try AtomicFile.write([1], to: path) }
        #expect(error?.function == "rename")
        #expect(folder.names == ["file"])
        #expect(throws: SystemError("open", code: ENOENT, path: "/nowhere/file.\(getpid()).temporary")) {
            try AtomicFile.write([1], to: "/nowhere/file")
        }
    }

    @Test("what is not there reads as nothing, and removing it is no error")
    func missing() throws {
        let folder = try TemporaryFolder()
        #expect(try AtomicFile.read(folder.path + "/missing") == nil)
        try AtomicFile.remove(folder.path + "/missing")
    }

    @Test("large files are written whole")
    func large() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try AtomicFile.write(bytes, to: folder.path + "/large")
        let isEqual = try AtomicFile.read(folder.path + "/large") == bytes
        #expect(isEqual)
    }

    @Test("an endpoint file reads back what was written")
    func endpointRoundTrip() throws {
        let folder = try TemporaryFolder()
        let file = EndpointFile(
            endpoint: "tcp://127.0.0.1:40123", sweep: SweepID(0xDEAD_BEEF), incarnation: 7, host: "node7",
            processID: 4711)
        try file.write(to: folder.path + "/endpoint.json")
        #expect(EndpointFile(contentsOf: folder.path + "/endpoint.json") == file)
    }

    @Test(
        "an endpoint file that makes no sense reads as nothing",
        arguments: ["", "{", "[]", #"{"endpoint": 3}"#, #"{"endpoint":"tcp://h:1","sweep":"x"}"#])
    func damagedEndpoint(text: String) throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write(Array(text.utf8), to: folder.path + "/endpoint.json")
        #expect(EndpointFile(contentsOf: folder.path + "/endpoint.json") == nil)
    }

    @Test("a directory is the same with and without slashes at its end")
    func slashes() {
        #expect(RunDirectory("runs/a//") == RunDirectory("runs/a"))
        #expect(RunDirectory("/").path == "/")
        #expect(RunDirectory("runs/a").store == "runs/a/sweep.sqlite")
        #expect(RunDirectory.standard(forSweep: "quickstart").path == "runs/quickstart")
    }

    @Test("a directory that cannot be made is an error with the system's reason")
    func impossibleDirectory() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write([], to: folder.path + "/file")
        #expect(throws: SystemError.self) { try RunDirectory(folder.path + "/file/run").create() }
    }
}

@Suite("Listen address")
struct ListenAddressTests {
    @Test(
        "this machine's own addresses are accepted",
        arguments: ["tcp://127.0.0.1:0", "tcp://127.0.0.1:*", "tcp://[::1]:5555", "ipc:///tmp/a"])
    func local(text: String) throws {
        #expect(try ListenAddress(text).endpoint == text)
    }

    @Test(
        "addresses that others reach are refused without the flag",
        arguments: ["tcp://0.0.0.0:5555", "tcp://*:5555", "tcp://10.0.0.1:5555", "tcp://node7:5555"])
    func network(text: String) throws {
        let error = #expect(throws: RunError.self) { _ = try ListenAddress(text) }
        #expect(error == .plainText(endpoint: text))
        #expect(error?.exitCode == .configuration)
        #expect(try ListenAddress(text, allowsPlainTextNetwork: true).endpoint == text)
        let encrypted = try ListenAddress(text, isEncrypted: true)
        #expect(encrypted.endpoint == text)
        #expect(!encrypted.isLocal)
    }

    @Test(
        "a name that only looks like this machine's own number is another's",
        arguments: ["tcp://127.evil.example:1", "tcp://127.0.0.1.evil.example:1", "tcp://1270.0.1:1"])
    func disguised(text: String) {
        #expect(throws: RunError.plainText(endpoint: text)) { _ = try ListenAddress(text) }
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "node7", "tcp://", "tcp://:5555", "tcp://127.0.0.1", "tcp://127.0.0.1:65536", "udp://a:1",
        ])
    func malformed(text: String) {
        #expect(throws: RunError.malformedEndpoint(text)) {
            _ = try ListenAddress(text, allowsPlainTextNetwork: true)
        }
    }
}

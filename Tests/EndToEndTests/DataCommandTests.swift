import Foundation
import Testing

@Suite("The data command", .timeLimit(.minutes(10)))
struct DataCommandTests {
    private let scratch: Scratch
    /// Folders of our own in place of the user's.
    private let environment: [String: String]

    init() throws {
        scratch = try Scratch()
        environment = [
            "DESCENT_DATA": scratch.folder.appending(path: "data").path,
            "XDG_DATA_HOME": scratch.folder.appending(path: "home").path,
        ]
    }

    private func data(_ arguments: String...) throws -> BuiltCommand.Ending {
        try BuiltCommand.run(["data"] + arguments, in: scratch.folder, environment: environment)
    }

    /// Makes a folder with files in the scratch folder.
    private func write(_ files: [String: Data], to folder: String) throws {
        let folder = scratch.folder.appending(path: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, content) in files { try content.write(to: folder.appending(path: name)) }
    }

    @Test("list says of every data set whether it is here")
    func list() throws {
        try write(["cifar-100-binary.tar.gz": Data([1])], to: "data/cifar100")
        let ending = try data("list")
        #expect(ending.exitCode == 0, "\(ending.story)")
        #expect(ending.output.contains("none needed"))
        #expect(ending.output.contains("not here; descent data fetch cifar10"))
        #expect(ending.output.contains("data/cifar100"))
        let json = try data("list", "--json")
        #expect(json.output.contains("\"name\" : \"synthetic\""), "\(json.story)")
    }

    @Test("check tells missing files, damaged ones and unknown names by its exit code")
    func check() throws {
        let missing = try data("check", "cifar10")
        #expect(missing.exitCode == 66, "\(missing.story)")
        #expect(missing.errors.contains("descent data fetch cifar10"))
        try write(["cifar-10-binary.tar.gz": Data("no archive".utf8)], to: "data/cifar10")
        let damaged = try data("check", "cifar10")
        #expect(damaged.exitCode == 65, "\(damaged.story)")
        #expect(damaged.output.contains("damaged") && damaged.errors.contains("not a tar archive"))
        let unknown = try data("check", "cifar")
        #expect(unknown.exitCode == 65 && unknown.errors.contains("cifar10"), "\(unknown.story)")
        let embedded = try data("check", "digits")
        #expect(embedded.exitCode == 0 && embedded.output == "digits needs no files\n", "\(embedded.story)")
    }

    @Test(
        "fetch keeps nothing whose checksum is wrong, and says what it may fetch",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"),
            "skipped: curl is not installed"))
    func fetch() throws {
        try write(["cifar-10-binary.tar.gz": Data("something else".utf8)], to: "server")
        let server = scratch.folder.appending(path: "server").absoluteString
        let ending = try data("fetch", "cifar10", "--path", "fetched", "--from", server)
        #expect(ending.exitCode == 65, "\(ending.story)")
        #expect(ending.errors.contains("c32a1d4ab5d03f1284b67883e8d87530"))
        let left = try FileManager.default.contentsOfDirectory(
            atPath: scratch.folder.appending(path: "fetched").path)
        #expect(left.isEmpty)
        let unknown = try data("fetch", "digits")
        #expect(unknown.exitCode == 65 && unknown.errors.contains("mnist, fashion-mnist"), "\(unknown.story)")
    }

    @Test("a sweep on a truncated CIFAR file runs nothing and names file and sizes")
    func truncated() throws {
        var files: [String: Data] = ["test_batch.bin": Data(count: 30_729_999)]
        for index in 1...5 { files["data_batch_\(index).bin"] = Data(count: 30_730_000) }
        try write(files, to: "data/cifar10")
        let sweep = """
            dataset: {name: cifar10, train: 100, test: 10}
            model: {family: mlp, width: 2}
            optimizer: adam
            training: {epochs: 1}
            """
        try Data(sweep.utf8).write(to: scratch.folder.appending(path: "cifar.yaml"))
        let ending = try BuiltCommand.run(
            ["run", "cifar.yaml", "--workers", "1"], in: scratch.folder, environment: environment)
        #expect(ending.exitCode == 65, "\(ending.story)")
        #expect(
            ending.errors.contains("test_batch.bin: it is truncated: it holds 30729999 bytes of 30730000"))
        let made = FileManager.default.fileExists(atPath: scratch.folder.appending(path: "runs").path)
        #expect(!made)
    }
}

import Datasets
import Foundation
import Sweeps
import Testing

@Suite("MNIST's files")
struct IDXFileTests {
    /// Four small valid files in a folder of their own.
    final class Files {
        let folder = FileManager.default.temporaryDirectory.appending(path: "idx \(UUID().uuidString)")
        var contents: [String: [UInt8]]

        init() throws {
            let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 28, 0, 0, 0, 28]
            let pixels = (0..<5 * 784).map { UInt8($0 % 251) }
            let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 3, 9]
            contents = [
                "train-images-idx3-ubyte": images + pixels, "train-labels-idx1-ubyte": labels,
                "t10k-images-idx3-ubyte": images + pixels, "t10k-labels-idx1-ubyte": labels,
            ]
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func load() throws -> Dataset {
            for (name, bytes) in contents { try Data(bytes).write(to: folder.appending(path: name)) }
            return try Catalog.load(
                ["name": "mnist", "train": 4, "test": 3, "scaling": "unit", "noise": "none"],
                environment: ["dataset": ["path": .text(folder.path)]], seed: 1)
        }
    }

    @Test("valid files are read")
    func valid() throws {
        let dataset = try Files().load()
        #expect(dataset.train.count == 4)
        #expect(dataset.test.count == 3)
        #expect(dataset.train.shape == ImageShape(channels: 1, height: 28, width: 28))
    }

    /// What is done to a file, and what the complaint says.
    static let damages: [(file: String, says: String, damage: @Sendable (inout [UInt8]) -> Void)] = [
        ("train-images-idx3-ubyte", "truncated", { $0.removeLast() }),
        ("train-images-idx3-ubyte", "header", { $0.removeLast($0.count - 9) }),
        ("t10k-images-idx3-ubyte", "follow", { $0.append(0) }),
        ("train-images-idx3-ubyte", "magic", { $0[2] = 13 }),
        ("train-labels-idx1-ubyte", "magic", { $0[3] = 3 }),
        ("train-labels-idx1-ubyte", "outside the classes", { $0[8] = 10 }),
        (
            "t10k-labels-idx1-ubyte", "labels for",
            {
                $0[7] = 4
                $0.removeLast()
            }
        ),
        ("train-images-idx3-ubyte", "truncated", { for index in 4..<16 { $0[index] = 255 } }),
        (
            "train-images-idx3-ubyte", "gzip",
            {
                $0[0] = 0x1f
                $0[1] = 0x8b
            }
        ),
    ]

    @Test("a damaged file is refused with its name and the reason", arguments: 0..<9)
    func damaged(index: Int) throws {
        let (file, says, damage) = Self.damages[index]
        let files = try Files()
        if var bytes = files.contents[file] {
            damage(&bytes)
            files.contents[file] = bytes
        }
        let error = #expect(throws: DatasetError.self) { try files.load() }
        let text = error?.description ?? ""
        #expect(text.contains(file) && text.contains(says), "\(text)")
    }

    @Test("a missing file and a missing folder are named, with what to do")
    func missing() throws {
        let files = try Files()
        files.contents["t10k-labels-idx1-ubyte"] = nil
        let file = #expect(throws: DatasetError.self) { try files.load() }
        #expect(file?.description.contains("t10k-labels-idx1-ubyte") == true)
        let folder = #expect(throws: DatasetError.self) {
            try Catalog.load(
                ["name": "mnist", "scaling": "unit"], environment: ["dataset": ["path": "/no/such/folder"]],
                seed: 1)
        }
        #expect(folder?.description.contains("/no/such/folder") == true)
    }

    static let system = "/usr/share/datasets/fashion-mnist"

    @Test(
        "Fashion-MNIST of Debian's package is read from gzipped files",
        .enabled(
            if: FileManager.default.fileExists(atPath: system),
            "skipped: the package dataset-fashion-mnist is not installed"))
    func fashion() throws {
        let dataset = try Catalog.load(
            ["name": "fashion-mnist", "scaling": "unit", "train": ["first": 60_000]], environment: .null,
            seed: 1)
        #expect(dataset.train.count == 60_000)
        #expect(dataset.test.count == 10_000)
        for label in 0..<Int32(10) {
            #expect(dataset.train.labelsTrue.count { $0 == label } == 6000)
        }
        // The published mean of the training pixels is 0.2860.
        let mean = dataset.train.inputs.reduce(0.0) { $0 + Double($1) } / Double(dataset.train.inputs.count)
        #expect(abs(mean - 0.2860) < 1e-4)
    }
}

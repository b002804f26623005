import Datasets
import Foundation
import Sweeps
import Testing

@Suite("MNIST's files")
struct IDXFileTests {
    @Test("valid files are read, gzipped or not, to the same numbers")
    func valid() throws {
        let plain = try IDXFolder().load()
        #expect(plain.train.shape == ImageShape(channels: 1, height: 28, width: 28))
        #expect(plain.train.labelsTrue == [0, 1, 2, 3, 9])
        let expected: [Float] = (0..<5 * 784).map { pixel in Float(pixel % 251) / 255 }
        #expect(plain.train.inputs == expected)
        #expect(plain.test.count == 3)
        let files = try IDXFolder()
        files.pack(IDXFolder.trainImages)
        files.pack(IDXFolder.testLabels)
        let packed = try files.load()
        #expect(packed.train.inputs == plain.train.inputs)
        #expect(packed.test.labelsTrue == plain.test.labelsTrue)
    }

    /// What is done to a file, and what the complaint says.
    struct Damage: Sendable, CustomTestStringConvertible {
        let file: String
        let says: String
        let damage: @Sendable (inout [UInt8]) -> Void

        init(_ file: String, _ says: String, _ damage: @escaping @Sendable (inout [UInt8]) -> Void) {
            (self.file, self.says, self.damage) = (file, says, damage)
        }

        var testDescription: String { "\(file): \(says)" }
    }

    static let plainDamages = [
        Damage(IDXFolder.trainImages, "it is empty", { $0 = [] }),
        Damage(IDXFolder.trainImages, "it is truncated", { $0.removeLast() }),
        Damage(IDXFolder.trainImages, "inside its header", { $0.removeLast($0.count - 9) }),
        Damage(IDXFolder.testImages, "more bytes follow", { $0.append(0) }),
        Damage(IDXFolder.trainImages, "magic number is 0 0 13 3", { $0[2] = 13 }),
        Damage(IDXFolder.trainLabels, "magic number is 0 0 8 3", { $0[3] = 3 }),
        Damage(IDXFolder.trainLabels, "label 0 is 10, outside the classes", { $0[8] = 10 }),
        Damage(
            IDXFolder.testLabels, "4 labels for 5 images",
            {
                $0[7] = 4
                $0.removeLast()
            }),
        Damage(IDXFolder.testImages, "14×56, not 28×28", { ($0[11], $0[15]) = (14, 56) }),
        Damage(
            IDXFolder.testImages, "it holds no images", { $0 = Array($0[..<7]) + [0] + Array($0[8..<16]) }),
        Damage(IDXFolder.trainImages, "promises", { for index in 4..<16 { $0[index] = 255 } }),
        Damage(IDXFolder.trainImages, "gzip stream is damaged", { ($0[0], $0[1]) = (0x1f, 0x8b) }),
    ]

    @Test("a damaged file is refused with its name and the reason", arguments: plainDamages)
    func damaged(_ damage: Damage) throws {
        let files = try IDXFolder()
        var bytes = files.contents[damage.file] ?? []
        damage.damage(&bytes)
        files.contents[damage.file] = bytes
        try expectRefusal(of: files, naming: damage.file, saying: damage.says)
    }

    static let gzipDamages = [
        Damage(IDXFolder.trainImages, "gzip stream is truncated", { $0.removeLast() }),
        Damage(IDXFolder.trainImages, "gzip stream is truncated", { $0.removeLast($0.count - 12) }),
        Damage(IDXFolder.trainImages, "3 bytes follow after its gzip stream", { $0 += [1, 2, 3] }),
        Damage(IDXFolder.trainImages, "gzip stream is damaged", { $0[$0.count - 6] ^= 1 }),
        Damage(IDXFolder.trainImages, "gzip stream is damaged", { $0[$0.count / 2] ^= 255 }),
        // A hundred megabytes of zeros behind five images: no more than one of them is unpacked.
        Damage(
            IDXFolder.trainImages, "more bytes follow",
            {
                let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 28, 0, 0, 0, 28]
                $0 = gzip(header + [UInt8](repeating: 0, count: 100_000_000))
            }),
    ]

    @Test("a damaged gzip stream is refused with its name and the reason", arguments: gzipDamages)
    func damagedGzip(_ damage: Damage) throws {
        let files = try IDXFolder()
        files.pack(damage.file, damage.damage)
        try expectRefusal(of: files, naming: "\(damage.file).gz", saying: damage.says)
    }

    private func expectRefusal(of files: IDXFolder, naming file: String, saying reason: String) throws {
        let error = #expect(throws: DatasetError.self) { try files.load() }
        let text = error?.description ?? ""
        #expect(text.contains("\(files.folder.path)/\(file)") && text.contains(reason), "\(text)")
        guard case .damaged = error else {
            Issue.record("a damaged file is not a missing one: \(text)")
            return
        }
    }

    @Test("whatever bit of a packed file flips, the labels come out right or the file is refused")
    func everyBit() throws {
        let right = try IDXFolder().load().train.labelsTrue
        let packed = gzip(try IDXFolder().contents[IDXFolder.trainLabels] ?? [])
        var refusals = 0
        for bit in 0..<8 * packed.count {
            let files = try IDXFolder()
            files.pack(IDXFolder.trainLabels) { $0[bit / 8] ^= 1 << (bit % 8) }
            do {
                let labels = try files.load().train.labelsTrue
                #expect(labels == right, "bit \(bit)")
            } catch is DatasetError {
                refusals += 1
            }
        }
        // All but a gzip header's time, flags and system are behind the magic number or the checksum.
        #expect(refusals >= 8 * (packed.count - 10))
    }

    @Test("a missing file, a missing folder and a folder in a file's place are named, with what to do")
    func missing() throws {
        let files = try IDXFolder()
        files.contents[IDXFolder.testLabels] = nil
        try expectMissing(IDXFolder.testLabels) { try files.load() }
        try FileManager.default.createDirectory(
            at: files.folder.appending(path: IDXFolder.testLabels), withIntermediateDirectories: true)
        try expectMissing("\(IDXFolder.testLabels) cannot be read") { try files.load() }
        try expectMissing("/no/such/folder") {
            try Catalog.load(
                ["name": "mnist", "scaling": "unit"], environment: ["dataset": ["path": "/no/such/folder"]],
                seed: 1)
        }
    }

    private func expectMissing(_ says: String, _ load: () throws -> Dataset) throws {
        let error = #expect(throws: DatasetError.self) { try load() }
        guard case .missing(let text)? = error else {
            Issue.record("\(error?.description ?? "nothing") should be a missing input")
            return
        }
        #expect(text.contains(says), "\(text)")
    }

    static let system = "/usr/share/datasets/fashion-mnist"

    @Test(
        "Fashion-MNIST of Debian's package is read from gzipped files",
        .enabled(
            if: FileManager.default.fileExists(atPath: system),
            "skipped: the package dataset-fashion-mnist is not installed"))
    func fashion() throws {
        let dataset = try Catalog.load(
            ["name": "fashion-mnist", "scaling": "unit", "train": ["first": 60_000]],
            environment: ["dataset": ["path": .text(Self.system)]], seed: 1,
            cache: SharedImageCache(folder: nil))
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

import Basics
import Datasets
import Foundation
import Sweeps
import TestSupport
import Testing

@Suite("CIFAR's files")
struct CIFARFilesTests {
    private func pixels(_ images: RawImages, _ index: Int) -> [UInt8] {
        let count = images.shape.count
        return Array(UnsafeBufferPointer(start: images.pixels.pointer + index * count, count: count))
    }

    @Test("the images of all training files stand in the files' order, channel first")
    func files() throws {
        let cifar = try CIFARFolder()
        try cifar.writeFiles()
        let dataset = try cifar.read()
        #expect(dataset.train.shape == ImageShape(channels: 3, height: 32, width: 32))
        #expect(dataset.train.labels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        #expect(dataset.test?.labels == [0, 1, 2])
        for image in 0..<10 { #expect(pixels(dataset.train, image) == CIFARFolder.pixels(of: image)) }
        let test = try #require(dataset.test)
        #expect(pixels(test, 2) == CIFARFolder.pixels(of: 12))
    }

    @Test("CIFAR-100 gives the fine labels")
    func fine() throws {
        let cifar = try CIFARFolder(cifar100: true)
        try cifar.writeFiles()
        let dataset = try cifar.read()
        #expect(dataset.train.labels == [0, 1, 2, 3])
        #expect(dataset.test?.labels == [4, 5, 6])
        #expect(pixels(dataset.train, 3) == CIFARFolder.pixels(of: 3))
        #expect(dataset.train.classCount == 100)
    }

    @Test(
        "the archive's own folder, the packed archive and the plain one give what the files give",
        arguments: [0, 1, 2])
    func archive(form: Int) throws {
        let cifar = try CIFARFolder()
        switch form {
        case 0: try cifar.writeFiles(under: "cifar-10-batches-bin")
        case 1: try cifar.folder.write(gzip(cifar.archive()), to: "cifar-10-binary.tar.gz")
        default: try cifar.folder.write(cifar.archive(), to: "cifar-10-binary.tar.gz")
        }
        let dataset = try cifar.read()
        #expect(dataset.train.labels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        #expect(pixels(dataset.train, 9) == CIFARFolder.pixels(of: 9))
        #expect(dataset.test?.labels == [0, 1, 2])
    }

    private func expectDamaged(_ cifar: CIFARFolder, naming file: String, saying reason: String) throws {
        let error = #expect(throws: DatasetError.self) { try cifar.read() }
        let text = error?.description ?? ""
        #expect(text.contains(file) && text.contains(reason), "\(text)")
        guard case .damaged = error else {
            Issue.record("a damaged file is not a missing one: \(text)")
            return
        }
    }

    @Test(
        "a file cut off anywhere, also between two images, is refused by name",
        arguments: [1, 3073, 6000, 6146])
    func truncated(missing: Int) throws {
        var cifar = try CIFARFolder()
        cifar.contents["data_batch_3.bin"]?.removeLast(missing)
        try cifar.writeFiles()
        try expectDamaged(
            cifar, naming: "data_batch_3.bin", saying: "truncated: it holds \(6146 - missing) bytes of 6146")
    }

    @Test("a file that is too long is refused by name")
    func long() throws {
        var cifar = try CIFARFolder(cifar100: true)
        cifar.contents["test.bin"]?.append(0)
        try cifar.writeFiles()
        try expectDamaged(cifar, naming: "test.bin", saying: "longer than the 9222 bytes of 3 images")
    }

    @Test("a label outside the classes is refused with its image")
    func badLabels() throws {
        var cifar = try CIFARFolder()
        cifar.contents["test_batch.bin"]?[2 * 3073] = 10
        try cifar.writeFiles()
        try expectDamaged(
            cifar, naming: "test_batch.bin", saying: "label 10 of image 2 is outside the classes 0 to 9")
        var fine = try CIFARFolder(cifar100: true)
        fine.contents["train.bin"]?[3074] = 20
        try fine.writeFiles()
        try expectDamaged(
            fine, naming: "train.bin", saying: "label 20 of image 1 is outside the classes 0 to 19")
    }

    @Test("a missing file and a folder without any are missing input, with what to do")
    func missing() throws {
        var cifar = try CIFARFolder()
        #expect(throws: DatasetError.self) { try cifar.read() }
        cifar.contents["data_batch_4.bin"] = nil
        try cifar.writeFiles()
        let error = #expect(throws: DatasetError.self) { try cifar.read() }
        guard case .missing(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("data_batch_4.bin is missing"))
    }

    @Test(
        "an archive cut off at any block is refused, never read as a smaller one", arguments: [false, true])
    func archiveTruncated(packed: Bool) throws {
        let cifar = try CIFARFolder()
        let whole = packed ? gzip(cifar.archive()) : cifar.archive()
        // Nothing is missing without the two blocks that say that it ends and the padding of the last member, 6,146
        // bytes in blocks of 512.
        let last = packed ? whole.count - 1 : whole.count - 1024 - 510 - 1
        for count in stride(from: 1, through: last, by: packed ? 997 : 509) {
            try cifar.folder.write(Array(whole[..<count]), to: "cifar-10-binary.tar.gz")
            let error = #expect(throws: DatasetError.self, "\(count) bytes") { try cifar.read() }
            if case .damaged = error { continue }
            Issue.record("\(count) bytes: \(error?.description ?? "nothing")")
        }
    }

    @Test("an archive with a member of another size, or without one, is refused")
    func archiveMembers() throws {
        var cifar = try CIFARFolder()
        cifar.contents["data_batch_2.bin"]?.removeLast(3073)
        try cifar.folder.write(gzip(cifar.archive()), to: "cifar-10-binary.tar.gz")
        try expectDamaged(cifar, naming: "data_batch_2.bin", saying: "truncated: it holds 3073 bytes of 6146")
        cifar.contents["data_batch_2.bin"] = nil
        try cifar.folder.write(gzip(cifar.archive()), to: "cifar-10-binary.tar.gz")
        try expectDamaged(cifar, naming: "cifar-10-binary.tar.gz", saying: "it holds no data_batch_2.bin")
        try cifar.folder.write([UInt8](repeating: 65, count: 5000), to: "cifar-10-binary.tar.gz")
        try expectDamaged(cifar, naming: "cifar-10-binary.tar.gz", saying: "it is not a tar archive")
    }

    // MARK: The Python version

    @Test(
        "the Python version's files, folder and archive give what the binary version gives", arguments: 0..<3)
    func python(form: Int) throws {
        for isFine in [false, true] {
            let cifar = try CIFARFolder(cifar100: isFine)
            let folder = isFine ? "cifar-100-python" : "cifar-10-batches-py"
            switch form {
            case 0, 1:
                for (name, bytes) in cifar.pickles() {
                    try cifar.folder.write(bytes, to: form == 0 ? name : "\(folder)/\(name)")
                }
            default:
                try cifar.folder.write(gzip(cifar.archive(python: true)), to: cifar.format.python.archive)
            }
            let dataset = try cifar.read()
            let test = try #require(dataset.test)
            #expect(dataset.train.labels == (isFine ? [0, 1, 2, 3] : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
            #expect(test.labels == (isFine ? [4, 5, 6] : [0, 1, 2]))
            for image in 0..<dataset.train.count {
                #expect(pixels(dataset.train, image) == CIFARFolder.pixels(of: image))
            }
            #expect(pixels(test, 2) == CIFARFolder.pixels(of: isFine ? 6 : 12))
        }
    }

    /// The Python version with one file replaced.
    private func write(_ bytes: [UInt8], inPlaceOf name: String, _ cifar: CIFARFolder) throws {
        for (other, content) in cifar.pickles() {
            try cifar.folder.write(other == name ? bytes : content, to: other)
        }
    }

    @Test("a pickle cut off anywhere, or with something behind its end, is refused by name")
    func pickleTruncated() throws {
        let cifar = try CIFARFolder()
        let whole = try #require(cifar.pickles()["data_batch_2"])
        for count in Array(0..<400) + Array(stride(from: 400, to: whole.count, by: 97)) + [whole.count - 1] {
            try write(Array(whole[..<count]), inPlaceOf: "data_batch_2", cifar)
            try expectDamaged(cifar, naming: "data_batch_2", saying: "truncated")
        }
        try write(whole + [0], inPlaceOf: "data_batch_2", cifar)
        try expectDamaged(cifar, naming: "data_batch_2", saying: "goes on behind its end")
    }

    @Test(
        "no byte of a pickle, whatever it becomes, does anything but give images or a refusal",
        arguments: seeds(4))
    func pickleDamaged(seed: UInt64) throws {
        let cifar = try CIFARFolder(cifar100: true)
        let whole = try #require(cifar.pickles()["test"])
        // Pixels may be anything; what is around them is drawn.
        let around = Array(0..<200) + Array(whole.count - 60..<whole.count)
        var generator = SeededGenerator(seed: seed, stream: "damaged pickles")
        for _ in 0..<100 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[around[Int.random(in: around.indices, using: &generator)]] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            try write(bytes, inPlaceOf: "test", cifar)
            do {
                #expect(try cifar.read().test?.count == 3)
            } catch {
                #expect(error is DatasetError, "\(error), SEED=\(seed)")
            }
        }
    }

    @Test("a pickle that is none, or holds other numbers of images or labels, is refused with the reason")
    func pickleContents() throws {
        let cifar = try CIFARFolder()
        let whole = try #require(cifar.pickles()["test_batch"])
        let cases: [([UInt8], String)] = [
            (Array("PK".utf8), "no pickle of Python 2: operation 80 at byte 0"),
            ([0x80, 2, 0x5D, 0x2E], "its pickle is no dictionary"),
            ([0x80, 2, 0x7D, 0x2E], "no array 'data' of bytes"),
            ([0x80, 2, 0x7D, 0x61, 0x2E], "its pickle is damaged at byte 3"),
            (pickle(of: cifar.contents["data_batch_1.bin"] ?? [], labelCount: 1), "'data' is not 3 × 3072"),
            (
                whole.replacing(Array("labels".utf8), with: Array("lapels".utf8)),
                "no list 'labels' of 3 labels"
            ),
            (whole.replacing([0x4B, 2, 0x65], with: [0x4E, 0x65]), "something else than labels"),
            (whole.replacing([0x4B, 2, 0x65], with: [0x4B, 10, 0x65]), "label 10 of image 2 is outside"),
        ]
        for (bytes, reason) in cases {
            try write(bytes, inPlaceOf: "test_batch", cifar)
            try expectDamaged(cifar, naming: "test_batch", saying: reason)
        }
    }

    @Test("files of the published size load through the catalog, with the published mean and deviation")
    func publishedSize() throws {
        let folder = try TemporaryFolder("cifar")
        for name in CIFARFolder.names {
            try folder.write([], to: name)
            // Zeros that take no room on disk.
            try FileHandle(forWritingTo: URL(filePath: "\(folder.path)/\(name)")).truncate(
                atOffset: 30_730_000)
        }
        let section: Setting = ["name": "cifar10", "train": 100, "test": 50, "scaling": "standard"]
        let dataset = try Catalog.load(
            section, environment: ["dataset": ["path": .text(folder.path)]], seed: 1,
            cache: SharedImageCache(folder: nil))
        let facts = try #require(try Catalog.facts(of: section))
        #expect(facts.trainCount == 50_000 && facts.testCount == 10_000 && facts.classCount == 10)
        #expect(dataset.train.count == 100 && dataset.test.count == 50)
        let channels = dataset.scaling
        #expect(channels.count == 3)
        for (scaling, (mean, deviation)) in zip(
            channels, [(0.4914, 0.2023), (0.4822, 0.1994), (0.4465, 0.2010)])
        {
            #expect(abs(scaling.mean - mean) < 1e-15 && abs(scaling.deviation - deviation) < 1e-15)
        }
        #expect(dataset.train.input(0)[2048] == Float(-0.4465 / 0.2010))
        try FileHandle(forWritingTo: URL(filePath: "\(folder.path)/test_batch.bin")).truncate(
            atOffset: 30_729_999)
        let error = #expect(throws: DatasetError.self) {
            try Catalog.load(
                section, environment: ["dataset": ["path": .text(folder.path)]], seed: 1,
                cache: SharedImageCache(folder: nil))
        }
        #expect(error?.description.contains("30729999 bytes of 30730000") == true)
    }
}

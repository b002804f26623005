import Datasets
import Foundation
import Sweeps
import Testing

@Suite("Shared cache of decoded images")
struct SharedImageCacheTests {
    /// Small files that count how often they are read, and a cache that takes them however small.
    private final class Rig {
        let cifar: CIFARFolder
        let folder: TemporaryFolder
        let cache: SharedImageCache

        init() throws {
            cifar = try CIFARFolder()
            try cifar.writeFiles()
            folder = try TemporaryFolder("cache")
            cache = SharedImageCache(folder: folder.path, bytesMin: 0)
        }

        func load() throws -> RawDataset {
            try cache.dataset(CIFARFiles(cifar.format, in: cifar.folder.path))
        }

        var cached: String { folder.names.first { $0.hasSuffix(".images") } ?? "none" }
    }

    private func bytes(_ images: RawImages?) -> [UInt8] {
        guard let images else { return [] }
        return Array(UnsafeBufferPointer(start: images.pixels.pointer, count: images.pixels.count))
    }

    private func expectRight(_ dataset: RawDataset) {
        #expect(dataset.train.labels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        #expect(bytes(dataset.train) == (0..<10).flatMap(CIFARFolder.pixels))
        #expect(bytes(dataset.test) == (10..<13).flatMap(CIFARFolder.pixels))
        #expect(dataset.test?.labels == [0, 1, 2])
        #expect(dataset.train.shape.description == "3x32x32" && dataset.train.classCount == 10)
    }

    @Test("the first load writes one whole file, the second maps it without looking into the sources")
    func secondLoad() throws {
        let rig = try Rig()
        expectRight(try rig.load())
        #expect(rig.folder.names == [rig.cached, "cifar10.lock"])
        // The same size and the same times, but other bytes: whoever decoded again would see them.
        let path = "\(rig.cifar.folder.path)/data_batch_1.bin"
        var status = stat()
        stat(path, &status)
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        try handle.write(contentsOf: [9, 9, 9])
        try handle.close()
        var times = [status.st_atim, status.st_mtim]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
        expectRight(try rig.load())
    }

    @Test("a source that changes is decoded again")
    func changedSource() throws {
        let rig = try Rig()
        expectRight(try rig.load())
        var other = rig.cifar
        other.contents["data_batch_1.bin"]?[0] = 7
        try other.writeFiles()
        #expect(try rig.load().train.labels.first == 7)
    }

    @Test("whatever byte of the cached file is damaged, and wherever it is cut off, the data come out right")
    func damage() throws {
        let rig = try Rig()
        expectRight(try rig.load())
        let whole = try rig.folder.read(rig.cached)
        let name = rig.cached
        for offset in [0, 9, 20, 45, 60, 90, 110, 4096, 4100, 20_000, whole.count - 1] {
            var damaged = whole
            damaged[offset] ^= 1
            try rig.folder.write(damaged, to: name)
            expectRight(try rig.load())
            #expect(try rig.folder.read(name) == whole, "byte \(offset) was not mended")
        }
        for count in [0, 1, 100, 4095, 4096, 10_000, whole.count - 1] {
            try rig.folder.write(Array(whole[..<count]), to: name)
            expectRight(try rig.load())
            #expect(try rig.folder.read(name) == whole, "\(count) bytes were not mended")
        }
    }

    @Test("what a killed process left half-written is overwritten")
    func leftover() throws {
        let rig = try Rig()
        expectRight(try rig.load())
        let whole = try rig.folder.read(rig.cached)
        let name = rig.cached
        try FileManager.default.removeItem(atPath: "\(rig.folder.path)/\(name)")
        try rig.folder.write([UInt8](repeating: 1, count: whole.count + 1000), to: "\(name).part")
        expectRight(try rig.load())
        #expect(try rig.folder.read(name) == whole)
        #expect(rig.folder.names == [name, "cifar10.lock"])
    }

    @Test("where no folder can be made, the process decodes for itself")
    func unwritable() throws {
        let rig = try Rig()
        try rig.folder.write([1], to: "file")
        let cache = SharedImageCache(folder: "\(rig.folder.path)/file/folder", bytesMin: 0)
        expectRight(try cache.dataset(CIFARFiles(rig.cifar.format, in: rig.cifar.folder.path)))
        let none = SharedImageCache(folder: nil, bytesMin: 0)
        expectRight(try none.dataset(CIFARFiles(rig.cifar.format, in: rig.cifar.folder.path)))
    }

    @Test("of a data set that changes again and again the last three decoded files stay")
    func oldFiles() throws {
        let rig = try Rig()
        var other = rig.cifar
        var made: [String] = []
        for label in 0..<5 {
            other.contents["data_batch_1.bin"]?[0] = UInt8(label)
            try other.writeFiles()
            #expect(try rig.load().train.labels.first == UInt8(label))
            made += rig.folder.names.filter { $0.hasSuffix(".images") && !made.contains($0) }
        }
        #expect(made.count == 5)
        #expect(rig.folder.names == (made.suffix(3) + ["cifar10.lock"]).sorted())
    }

    @Test("small data sets leave no files behind")
    func small() throws {
        let rig = try Rig()
        let cache = SharedImageCache(folder: rig.folder.path)
        expectRight(try cache.dataset(CIFARFiles(rig.cifar.format, in: rig.cifar.folder.path)))
        #expect(rig.folder.names.isEmpty)
    }

    @Test("many threads at once get the same images from one file", .timeLimit(.minutes(10)))
    func concurrent() async throws {
        let rig = try Rig()
        let (cache, format, path) = (rig.cache, rig.cifar.format, rig.cifar.folder.path)
        let expected = (0..<10).flatMap(CIFARFolder.pixels)
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let train = try cache.dataset(CIFARFiles(format, in: path)).train
                    return Array(UnsafeBufferPointer(start: train.pixels.pointer, count: train.pixels.count))
                }
            }
            for try await pixels in group { #expect(pixels == expected) }
        }
        #expect(rig.folder.names == [rig.cached, "cifar10.lock"])
    }
}

import CZlib
import Datasets
import Foundation
import Sweeps

/// Four small valid files of MNIST's in a folder of their own, to be damaged.
final class IDXFolder {
    let folder = FileManager.default.temporaryDirectory.appending(path: "idx \(UUID().uuidString)")
    /// By file name; a name without an entry is not written.
    var contents: [String: [UInt8]]

    static let trainImages = "train-images-idx3-ubyte"
    static let trainLabels = "train-labels-idx1-ubyte"
    static let testImages = "t10k-images-idx3-ubyte"
    static let testLabels = "t10k-labels-idx1-ubyte"

    init() throws {
        let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 28, 0, 0, 0, 28]
        let pixels = (0..<5 * 784).map { UInt8($0 % 251) }
        let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 3, 9]
        contents = [
            Self.trainImages: images + pixels, Self.trainLabels: labels,
            Self.testImages: images + pixels, Self.testLabels: labels,
        ]
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write() throws {
        for (name, bytes) in contents { try Data(bytes).write(to: folder.appending(path: name)) }
    }

    /// All five training images in the order of the file, unless the files are refused.
    func load() throws -> Dataset {
        try write()
        return try Catalog.load(
            ["name": "mnist", "train": ["first": 5], "test": 3, "scaling": "unit", "noise": "none"],
            environment: ["dataset": ["path": .text(folder.path)]], seed: 1)
    }

    /// Puts the packed form of a file in the place of the plain one.
    func pack(_ name: String, _ damage: (inout [UInt8]) -> Void = { _ in }) {
        var packed = gzip(contents[name] ?? [])
        damage(&packed)
        contents[name] = nil
        contents["\(name).gz"] = packed
    }
}

/// The bytes as one gzip stream.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    // 15 bits of window, plus 16 for gzip's header and trailer.
    deflateInit2_(
        &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + 1000))
    input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            (stream.next_in, stream.avail_in) = (source.baseAddress, UInt32(source.count))
            (stream.next_out, stream.avail_out) = (target.baseAddress, UInt32(target.count))
            _ = deflate(&stream, Z_FINISH)
        }
    }
    return Array(output.prefix(Int(stream.total_out)))
}

import Datasets
import Foundation

/// Small valid files of CIFAR's binary version, as files or as an archive.
struct CIFARFolder {
    let folder: TemporaryFolder
    let format: CIFARFiles.Format
    /// By file name.
    var contents: [String: [UInt8]] = [:]

    static let names = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]

    /// CIFAR-10 with two images a training file and three to test on, or CIFAR-100 with four and three.
    init(cifar100: Bool = false) throws {
        folder = try TemporaryFolder("cifar")
        if cifar100 {
            format = .cifar100.holding(train: 4, test: 3)
            contents = [
                "train.bin": Self.records(4, from: 0, labels: 2),
                "test.bin": Self.records(3, from: 4, labels: 2),
            ]
        } else {
            format = .cifar10.holding(train: 2, test: 3)
            for (index, name) in Self.names.enumerated() {
                contents[name] = Self.records(index < 5 ? 2 : 3, from: 2 * index, labels: 1)
            }
        }
    }

    /// Records whose image i has label i (and coarse label i / 2) and pixels that no other image has.
    private static func records(_ count: Int, from first: Int, labels: Int) -> [UInt8] {
        var records: [UInt8] = []
        for image in first..<first + count {
            if labels == 2 { records.append(UInt8(image / 2)) }
            records.append(UInt8(image % 10))
            records += pixels(of: image)
        }
        return records
    }

    static func pixels(of image: Int) -> [UInt8] {
        (0..<3072).map { (pixel: Int) in UInt8(truncatingIfNeeded: pixel / 7 + pixel / 1024 * 50 + image * 11)
        }
    }

    func writeFiles(under subfolder: String = "") throws {
        for (name, bytes) in contents { try folder.write(bytes, to: "\(subfolder)/\(name)") }
    }

    /// The same images in the Python version, as Python 2 pickled them: by file name.
    func pickles() -> [String: [UInt8]] {
        var pickles: [String: [UInt8]] = [:]
        for (name, records) in contents {
            pickles[String(name.dropLast(4))] = pickle(of: records, labelCount: contents.count > 2 ? 1 : 2)
        }
        return pickles
    }

    /// The archive with its members in an order of its own, a folder and a text file among them, as the published one.
    func archive(python: Bool = false) -> [UInt8] {
        let contents = python ? pickles() : contents
        let top = (python ? format.python : format.binary).archive.replacing(".tar.gz", with: "")
        var bytes =
            tarMember("\(top)/", [], kind: "5") + tarMember("\(top)/readme.html", Array("read me".utf8))
        for name in contents.keys.sorted(by: >) { bytes += tarMember("\(top)/\(name)", contents[name] ?? []) }
        return bytes + [UInt8](repeating: 0, count: 1024)
    }

    func read() throws -> RawDataset { try CIFARFiles(format, in: folder.path).read() }
}

/// A file of CIFAR's Python version, from records of the binary one.
func pickle(of records: [UInt8], labelCount: Int) -> [UInt8] {
    let size = labelCount + 3072
    let count = records.count / size
    func short(_ text: String) -> [UInt8] { [0x55, UInt8(text.utf8.count)] + Array(text.utf8) }
    func bytes(_ count: Int, _ value: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var memory = 0
    func put() -> [UInt8] {
        defer { memory += 1 }
        return [0x71, UInt8(memory)]
    }
    func name(_ module: String, _ member: String) -> [UInt8] {
        Array("c\(module)\n\(member)\n".utf8) + put()
    }
    func list(_ items: [[UInt8]]) -> [UInt8] { [0x5D] + put() + [0x28] + items.flatMap { $0 } + [0x65] }
    var pickle: [UInt8] =
        [0x80, 2, 0x7D] + put() + [0x28] + short("batch_label") + put() + short("a batch") + put()
    let keys = labelCount == 1 ? ["labels"] : ["coarse_labels", "fine_labels"]
    for (place, key) in keys.enumerated() {
        pickle += short(key) + put() + list((0..<count).map { [0x4B, records[$0 * size + place]] })
    }
    pickle += short("data") + put() + name("numpy.core.multiarray", "_reconstruct") + name("numpy", "ndarray")
    pickle += [0x4B, 0, 0x85] + put() + short("b") + put() + [0x87] + put() + [0x52] + put()
    // The array's state: version, shape, type, order of columns, bytes.
    pickle += [0x28, 0x4B, 1, 0x4D] + bytes(2, count) + [0x4D] + bytes(2, 3072) + [0x86] + put()
    pickle +=
        name("numpy", "dtype") + short("u1") + put() + [0x4B, 0, 0x4B, 1, 0x87] + put() + [0x52] + put()
    pickle +=
        [0x28, 0x4B, 3] + short("|") + put() + [0x4E, 0x4E, 0x4E, 0x4A] + bytes(4, -1) + [0x4A] + bytes(4, -1)
    pickle += [0x4B, 0, 0x74] + put() + [0x62, 0x89]
    let pixels = (0..<count).flatMap { records[$0 * size + labelCount..<($0 + 1) * size] }
    pickle += [0x54] + bytes(4, pixels.count) + pixels + put() + [0x74] + put() + [0x62]
    return pickle + short("filenames") + put() + list((0..<count).map { short("\($0).png") }) + [0x75, 0x2E]
}

/// One member of a tar archive.
func tarMember(_ path: String, _ content: [UInt8], kind: Character = "0") -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
        header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
    }
    put(path, at: 0)
    put(octal(0o644, digits: 7), at: 100)
    put(octal(content.count, digits: 11), at: 124)
    put(String(kind), at: 156)
    put("ustar\u{0}00", at: 257)
    put("        ", at: 148)
    put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\u{0} ", at: 148)
    return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
}

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

    /// The archive with its members in an order of its own, a folder and a text file among them, as the published one.
    func archive() -> [UInt8] {
        let top = contents.count > 2 ? "cifar-10-batches-bin" : "cifar-100-binary"
        var bytes =
            tarMember("\(top)/", [], kind: "5") + tarMember("\(top)/readme.html", Array("read me".utf8))
        for name in contents.keys.sorted(by: >) { bytes += tarMember("\(top)/\(name)", contents[name] ?? []) }
        return bytes + [UInt8](repeating: 0, count: 1024)
    }

    func read() throws -> RawDataset { try CIFARFiles(format, in: folder.path).read() }
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

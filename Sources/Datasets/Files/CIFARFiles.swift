internal import Foundation
internal import Sweeps

/// CIFAR-10 and CIFAR-100 as published (Krizhevsky, 2009), in the binary or the Python version, as files or inside the
/// archive.
///
/// A record of the binary version is one or two labels, then 3,072 pixels: red, green and blue planes of 32 lines. The
/// Python version has the same in pickles, see ``CIFARPickle``.
package struct CIFARFiles: ImageFiles {
    /// What distinguishes the two data sets.
    package struct Format: Sendable {
        package let name: String
        let classCount: Int
        /// The labels of a record; the last one is the one that we take.
        let labels: [(key: String, limit: Int)]
        package let binary: Version
        package let python: Version
        /// Images of each training file, and of the test file.
        let trainImages: Int
        let testImages: Int

        package static let cifar10 = Format(
            name: "cifar10", classCount: 10, labels: [("labels", 10)],
            binary: Version(
                trainFiles: (1...5).map { "data_batch_\($0).bin" }, testFile: "test_batch.bin",
                folder: "cifar-10-batches-bin", archive: "cifar-10-binary.tar.gz"),
            python: Version(
                trainFiles: (1...5).map { "data_batch_\($0)" }, testFile: "test_batch",
                folder: "cifar-10-batches-py", archive: "cifar-10-python.tar.gz"),
            trainImages: 10_000, testImages: 10_000)
        package static let cifar100 = Format(
            name: "cifar100", classCount: 100, labels: [("coarse_labels", 20), ("fine_labels", 100)],
            binary: Version(
                trainFiles: ["train.bin"], testFile: "test.bin", folder: "cifar-100-binary",
                archive: "cifar-100-binary.tar.gz"),
            python: Version(
                trainFiles: ["train"], testFile: "test", folder: "cifar-100-python",
                archive: "cifar-100-python.tar.gz"),
            trainImages: 50_000, testImages: 10_000)

        /// The same format with files of so many images: for tests.
        package func holding(train: Int, test: Int) -> Format {
            Format(
                name: name, classCount: classCount, labels: labels, binary: binary, python: python,
                trainImages: train, testImages: test)
        }

        var trainCount: Int { trainImages * binary.trainFiles.count }
        var recordSize: Int { labels.count + CIFARFiles.shape.count }
    }

    /// One of the two forms in which a data set was published.
    package struct Version: Hashable, Sendable {
        let trainFiles: [String]
        let testFile: String
        /// The folder inside the archive.
        let folder: String
        package let archive: String

        /// Training files first.
        var files: [String] { trainFiles + [testFile] }
    }

    static let shape = ImageShape(channels: 3, height: 32, width: 32)

    package let paths: [String]
    private let format: Format
    private let version: Version

    package var name: String { format.name }

    /// Finds the files of a version in a folder, in the archive's folder inside it, or the archive itself.
    ///
    /// - Parameters:
    ///   - format: Which of the two.
    ///   - folder: Where to look.
    /// - Throws: ``DatasetError/missing(_:)`` naming what is not there.
    package init(_ format: Format, in folder: String) throws(DatasetError) {
        self.format = format
        for version in [format.binary, format.python] {
            if let paths = try Self.paths(of: version, format.name, in: folder) {
                (self.version, self.paths) = (version, paths)
                return
            }
        }
        throw .missing(
            "\(folder) has neither \(format.binary.files[0]) nor \(format.binary.archive); put the binary version "
                + "of \(format.name) there, or its Python version (\(format.python.folder)), "
                + "or run 'descent data fetch \(format.name) --path \(folder)'")
    }

    private static func paths(
        of version: Version, _ name: String, in folder: String
    ) throws(DatasetError) -> [String]? {
        for candidate in [folder, "\(folder)/\(version.folder)"] {
            let paths = version.files.map { "\(candidate)/\($0)" }
            let missing = paths.filter { !isFile($0) }
            if missing.isEmpty { return paths }
            if missing.count < paths.count {
                throw .missing("\(missing[0]) is missing beside the others; fetch all files of \(name)")
            }
        }
        let archive = "\(folder)/\(version.archive)"
        return isFile(archive) ? [archive] : nil
    }

    /// Whether something is there that is not a folder: 'train' and 'test' are names that folders have.
    private static func isFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && !isDirectory.boolValue
    }

    package func read() throws(DatasetError) -> RawDataset {
        var images = Images(format)
        if paths.count == 1, paths[0].hasSuffix(version.archive) {
            try readArchive(paths[0], into: &images)
        } else {
            for (index, path) in paths.enumerated() {
                let stream = try GzipStream(path: path)
                // One byte more than there should be tells a longer file.
                try add(try stream.read(sizeMax(of: index) + 1), of: index, path: path, to: &images)
            }
        }
        return images.dataset
    }

    private func readArchive(_ path: String, into images: inout Images) throws(DatasetError) {
        var archive = try TarStream(path: path)
        var wanted = Set(version.files)
        while !wanted.isEmpty, let member = try archive.next() {
            guard let file = wanted.remove(member.name), let index = version.files.firstIndex(of: file) else {
                continue
            }
            let name = "\(path) (\(member.path))"
            guard member.sizeBytes <= sizeMax(of: index) else {
                throw format.wrongSize(member.sizeBytes, of: imageCount(of: index), path: name)
            }
            try add(try archive.content(of: member), of: index, path: name, to: &images)
        }
        if let file = version.files.first(where: wanted.contains) {
            throw .damaged(file: path, problem: "it holds no \(file)")
        }
    }

    /// Takes what one file holds to its place.
    private func add(
        _ bytes: [UInt8], of index: Int, path: String, to images: inout Images
    ) throws(DatasetError) {
        let records =
            version == format.python
            ? try CIFARPickle(bytes, path: path).records(
                of: imageCount(of: index), labels: format.labels.map(\.key))
            : bytes
        try images.add(records, of: index, imageCount: imageCount(of: index), path: path)
    }

    private func imageCount(of index: Int) -> Int {
        index < version.trainFiles.count ? format.trainImages : format.testImages
    }

    /// Bytes that a file may have: pickles also hold some forty for the name of each image.
    private func sizeMax(of index: Int) -> Int {
        let records = imageCount(of: index) * format.recordSize
        return version == format.python ? 2 * records : records
    }
}

extension CIFARFiles.Format {
    fileprivate func wrongSize(_ count: Int, of images: Int, path: String) -> DatasetError {
        let expected = images * recordSize
        let problem =
            count < expected
            ? "it is truncated: it holds \(count) bytes of \(expected)"
            : "it is longer than the \(expected) bytes of \(images) images"
        return .damaged(file: path, problem: problem)
    }
}

/// Pixels and labels as they come in, file by file in any order.
private struct Images {
    private let format: CIFARFiles.Format
    private var train: (pixels: [UInt8], labels: [UInt8])
    private var test: (pixels: [UInt8], labels: [UInt8])

    init(_ format: CIFARFiles.Format) {
        self.format = format
        func zeros(_ count: Int) -> (pixels: [UInt8], labels: [UInt8]) {
            (
                [UInt8](repeating: 0, count: count * CIFARFiles.shape.count),
                [UInt8](repeating: 0, count: count)
            )
        }
        train = zeros(format.trainCount)
        test = zeros(format.testImages)
    }

    /// Takes the records of one file, the last of which is the test file, to their places.
    ///
    /// - Throws: ``DatasetError/damaged(file:problem:)`` for a wrong size or a label outside the classes.
    mutating func add(
        _ bytes: [UInt8], of index: Int, imageCount: Int, path: String
    ) throws(DatasetError) {
        guard bytes.count == imageCount * format.recordSize else {
            throw format.wrongSize(bytes.count, of: imageCount, path: path)
        }
        if index < format.binary.trainFiles.count {
            try Self.copy(bytes, format, path, to: &train, from: index * imageCount)
        } else {
            try Self.copy(bytes, format, path, to: &test, from: 0)
        }
    }

    private static func copy(
        _ bytes: [UInt8], _ format: CIFARFiles.Format, _ path: String,
        to part: inout (pixels: [UInt8], labels: [UInt8]), from first: Int
    ) throws(DatasetError) {
        let labelCount = format.labels.count
        let pixelCount = CIFARFiles.shape.count
        for record in 0..<bytes.count / format.recordSize {
            let start = record * format.recordSize
            for (place, limit) in format.labels.map(\.limit).enumerated() where bytes[start + place] >= limit
            {
                throw .damaged(
                    file: path,
                    problem:
                        "label \(bytes[start + place]) of image \(record) is outside the classes 0 to \(limit - 1)"
                )
            }
            part.labels[first + record] = bytes[start + labelCount - 1]
            let pixels = start + labelCount..<start + format.recordSize
            let target = (first + record) * pixelCount
            part.pixels.withUnsafeMutableBytes { block in
                bytes.withUnsafeBytes { source in
                    UnsafeMutableRawBufferPointer(rebasing: block[target..<target + pixelCount])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[pixels]))
                }
            }
        }
    }

    var dataset: RawDataset {
        func images(_ part: (pixels: [UInt8], labels: [UInt8])) -> RawImages {
            RawImages(
                shape: CIFARFiles.shape, classCount: format.classCount, pixelMax: 255,
                pixels: ImageBytes(part.pixels), labels: part.labels)
        }
        return RawDataset(train: images(train), test: images(test))
    }
}

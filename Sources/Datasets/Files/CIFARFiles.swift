internal import Foundation
internal import Sweeps

/// CIFAR-10 and CIFAR-100 in their published binary versions (Krizhevsky, 2009), as files or inside the archive.
///
/// A record is one or two labels, then 3,072 pixels: red, green and blue planes of 32 lines.
package struct CIFARFiles: ImageFiles {
    /// What distinguishes the two data sets.
    package struct Format: Sendable {
        package let name: String
        let classCount: Int
        /// Classes of each label of a record; the last label is the one that we take.
        let labelLimits: [Int]
        let trainFiles: [String]
        let testFile: String
        /// The folder inside the archive.
        let folder: String
        package let archive: String
        /// Images of each training file, and of the test file.
        let trainImages: Int
        let testImages: Int

        package static let cifar10 = Format(
            name: "cifar10", classCount: 10, labelLimits: [10],
            trainFiles: (1...5).map { "data_batch_\($0).bin" }, testFile: "test_batch.bin",
            folder: "cifar-10-batches-bin", archive: "cifar-10-binary.tar.gz", trainImages: 10_000,
            testImages: 10_000)
        package static let cifar100 = Format(
            name: "cifar100", classCount: 100, labelLimits: [20, 100], trainFiles: ["train.bin"],
            testFile: "test.bin", folder: "cifar-100-binary", archive: "cifar-100-binary.tar.gz",
            trainImages: 50_000, testImages: 10_000)

        /// The same format with files of so many images: for tests.
        package func holding(train: Int, test: Int) -> Format {
            Format(
                name: name, classCount: classCount, labelLimits: labelLimits, trainFiles: trainFiles,
                testFile: testFile, folder: folder, archive: archive, trainImages: train, testImages: test)
        }

        var files: [String] { trainFiles + [testFile] }
        var recordSize: Int { labelLimits.count + CIFARFiles.shape.count }

        func imageCount(of file: String) -> Int { file == testFile ? testImages : trainImages }
    }

    static let shape = ImageShape(channels: 3, height: 32, width: 32)

    package let paths: [String]
    private let format: Format

    package var name: String { format.name }

    /// Finds the files in a folder, in the archive's folder inside it, or the archive itself.
    ///
    /// - Parameters:
    ///   - format: Which of the two.
    ///   - folder: Where to look.
    /// - Throws: ``DatasetError/missing(_:)`` naming what is not there.
    package init(_ format: Format, in folder: String) throws(DatasetError) {
        self.format = format
        for candidate in [folder, "\(folder)/\(format.folder)"] {
            let paths = format.files.map { "\(candidate)/\($0)" }
            let missing = paths.filter { !FileManager.default.fileExists(atPath: $0) }
            if missing.isEmpty {
                self.paths = paths
                return
            }
            if missing.count < paths.count {
                throw .missing(
                    "\(missing[0]) is missing beside the others; fetch all files of \(format.name)")
            }
        }
        let archive = "\(folder)/\(format.archive)"
        guard FileManager.default.fileExists(atPath: archive) else {
            throw .missing(
                "\(folder) has neither \(format.files[0]) nor \(format.archive); put the binary version of "
                    + "\(format.name) there, or run 'descent data fetch \(format.name) --path \(folder)'")
        }
        paths = [archive]
    }

    package func read() throws(DatasetError) -> RawDataset {
        var images = Images(format)
        if paths.count == 1, paths[0].hasSuffix(format.archive) {
            try readArchive(paths[0], into: &images)
        } else {
            for (file, path) in zip(format.files, paths) {
                let expected = format.imageCount(of: file) * format.recordSize
                let stream = try GzipStream(path: path)
                // One byte more than there should be tells a longer file.
                try images.add(try stream.read(expected + 1), of: file, path: path)
            }
        }
        return images.dataset
    }

    private func readArchive(_ path: String, into images: inout Images) throws(DatasetError) {
        var archive = try TarStream(path: path)
        var wanted = format.files
        while !wanted.isEmpty, let member = try archive.next() {
            guard let index = wanted.firstIndex(of: member.name) else { continue }
            let file = wanted.remove(at: index)
            guard member.sizeBytes == format.imageCount(of: file) * format.recordSize else {
                throw format.wrongSize(member.sizeBytes, of: file, path: "\(path) (\(member.path))")
            }
            try images.add(try archive.content(of: member), of: file, path: "\(path) (\(member.path))")
        }
        if let file = wanted.first { throw .damaged(file: path, problem: "it holds no \(file)") }
    }
}

extension CIFARFiles.Format {
    fileprivate func wrongSize(_ count: Int, of file: String, path: String) -> DatasetError {
        let expected = imageCount(of: file) * recordSize
        let problem =
            count < expected
            ? "it is truncated: it holds \(count) bytes of \(expected)"
            : "it is longer than the \(expected) bytes of \(imageCount(of: file)) images"
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
        train = zeros(format.trainImages * format.trainFiles.count)
        test = zeros(format.testImages)
    }

    /// Takes the records of one file to their places.
    ///
    /// - Throws: ``DatasetError/damaged(file:problem:)`` for a wrong size or a label outside the classes.
    mutating func add(_ bytes: [UInt8], of file: String, path: String) throws(DatasetError) {
        let count = format.imageCount(of: file)
        guard bytes.count == count * format.recordSize else {
            throw format.wrongSize(bytes.count, of: file, path: path)
        }
        if let index = format.trainFiles.firstIndex(of: file) {
            try Self.copy(bytes, format, path, to: &train, from: index * count)
        } else {
            try Self.copy(bytes, format, path, to: &test, from: 0)
        }
    }

    private static func copy(
        _ bytes: [UInt8], _ format: CIFARFiles.Format, _ path: String,
        to part: inout (pixels: [UInt8], labels: [UInt8]), from first: Int
    ) throws(DatasetError) {
        let labelCount = format.labelLimits.count
        let pixelCount = CIFARFiles.shape.count
        for record in 0..<bytes.count / format.recordSize {
            let start = record * format.recordSize
            for (place, limit) in format.labelLimits.enumerated() where bytes[start + place] >= limit {
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

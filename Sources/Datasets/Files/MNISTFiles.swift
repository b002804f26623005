internal import Foundation
internal import Sweeps

/// MNIST and the data sets that share its four files.
package struct MNISTFiles: ImageFiles {
    package let name: String
    /// Images and labels to train on, then to test on.
    package let paths: [String]
    static let shape = ImageShape(channels: 1, height: 28, width: 28)
    static let classCount = 10
    static let parts = ["train", "t10k"]

    /// Finds the four files in a folder, gzipped or not.
    ///
    /// - Parameters:
    ///   - name: How sweep files name the data set.
    ///   - folder: Where to look.
    /// - Throws: ``DatasetError/missing(_:)`` naming the file.
    package init(name: String, in folder: String) throws(DatasetError) {
        self.name = name
        var paths: [String] = []
        for part in Self.parts {
            for kind in ["images-idx3", "labels-idx1"] {
                paths.append(try Self.find("\(part)-\(kind)-ubyte", of: name, in: folder))
            }
        }
        self.paths = paths
    }

    package func read() throws(DatasetError) -> RawDataset {
        RawDataset(
            train: try read(imagesPath: paths[0], labelsPath: paths[1]),
            test: try read(imagesPath: paths[2], labelsPath: paths[3]))
    }

    private func read(imagesPath: String, labelsPath: String) throws(DatasetError) -> RawImages {
        let images = try IDXFile(path: imagesPath, dimensionCount: 3).read()
        let labels = try IDXFile(path: labelsPath, dimensionCount: 1).read()
        guard images.sizes[1] == Self.shape.height, images.sizes[2] == Self.shape.width else {
            throw .damaged(
                file: imagesPath, problem: "its images are \(images.sizes[1])×\(images.sizes[2]), not 28×28")
        }
        guard images.sizes[0] > 0 else { throw .damaged(file: imagesPath, problem: "it holds no images") }
        guard images.sizes[0] == labels.sizes[0] else {
            throw .damaged(
                file: labelsPath,
                problem: "it has \(labels.sizes[0]) labels for \(images.sizes[0]) images in \(imagesPath)")
        }
        if let index = labels.bytes.firstIndex(where: { $0 >= UInt8(Self.classCount) }) {
            let position = index - labels.bytes.startIndex
            throw .damaged(
                file: labelsPath,
                problem: "label \(position) is \(labels.bytes[index]), outside the classes 0 to 9")
        }
        return RawImages(
            shape: Self.shape, classCount: Self.classCount, pixelMax: 255, pixels: ImageBytes(images.bytes),
            labels: Array(labels.bytes))
    }

    private static func find(_ file: String, of name: String, in folder: String) throws(DatasetError)
        -> String
    {
        for candidate in ["\(folder)/\(file)", "\(folder)/\(file).gz"]
        where FileManager.default.fileExists(atPath: candidate) {
            return candidate
        }
        throw .missing("\(folder) has neither \(file) nor \(file).gz; put the four files of \(name) there")
    }
}

internal import Foundation
internal import Sweeps

/// MNIST and the data sets that share its four files.
struct MNISTFiles: Sendable {
    /// How sweep files name it.
    let name: String
    static let shape = ImageShape(channels: 1, height: 28, width: 28)
    static let classCount = 10

    /// Reads the four files from a folder, gzipped or not.
    ///
    /// - Throws: ``DatasetError`` naming the file.
    func read(from folder: String) throws(DatasetError) -> RawDataset {
        RawDataset(train: try read(folder, part: "train"), test: try read(folder, part: "t10k"))
    }

    private func read(_ folder: String, part: String) throws(DatasetError) -> RawImages {
        let imagesPath = try find("\(part)-images-idx3-ubyte", in: folder)
        let labelsPath = try find("\(part)-labels-idx1-ubyte", in: folder)
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

    private func find(_ file: String, in folder: String) throws(DatasetError) -> String {
        for candidate in ["\(folder)/\(file)", "\(folder)/\(file).gz"]
        where FileManager.default.fileExists(atPath: candidate) {
            return candidate
        }
        throw .missing("\(folder) has neither \(file) nor \(file).gz; put the four files of \(name) there")
    }
}

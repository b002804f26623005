package import Sweeps

/// Images as their files hold them: bytes, in the order of the file.
package struct RawImages: Sendable {
    package let shape: ImageShape
    package let classCount: Int
    /// What a white pixel holds: 255, or 16 for the digits.
    package let pixelMax: Float
    /// [N × D], one image after the other.
    package let pixels: ImageBytes
    /// [N], each below `classCount`.
    package let labels: [UInt8]

    package init(shape: ImageShape, classCount: Int, pixelMax: Float, pixels: ImageBytes, labels: [UInt8]) {
        precondition(
            pixels.count == shape.count * labels.count, "\(pixels.count) bytes for \(labels.count) images")
        self.shape = shape
        self.classCount = classCount
        self.pixelMax = pixelMax
        self.pixels = pixels
        self.labels = labels
    }

    package var count: Int { labels.count }
}

/// The two parts of a data set; `test` is `nil` where its authors did not split it.
package struct RawDataset: Sendable {
    package let train: RawImages
    package let test: RawImages?

    package init(train: RawImages, test: RawImages?) {
        self.train = train
        self.test = test
    }
}

/// Files of a data set that were found, and how to read them.
package protocol ImageFiles: Sendable {
    /// The data set's name.
    var name: String { get }
    /// The files that decide the content, in a fixed order.
    var paths: [String] { get }
    /// - Throws: ``DatasetError`` naming the file.
    func read() throws(DatasetError) -> RawDataset
}

internal import Sweeps

/// Images as their files hold them: bytes, in the order of the file.
struct RawImages: Sendable {
    let shape: ImageShape
    let classCount: Int
    /// What a white pixel holds: 255, or 16 for the digits.
    let pixelMax: Float
    /// [N × D], one image after the other.
    let pixels: ImageBytes
    /// [N], each below `classCount`.
    let labels: [UInt8]

    var count: Int { labels.count }
}

/// The two parts of a data set; `test` is `nil` where its authors did not split it.
struct RawDataset: Sendable {
    let train: RawImages
    let test: RawImages?
}

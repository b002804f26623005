internal import Foundation
internal import Sweeps

/// The 1,797 handwritten digits of 8×8 pixels that every `descent` carries inside.
///
/// Source: *Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak (1998), UCI Machine Learning
/// Repository, CC BY 4.0; its test part, unchanged.
enum Digits {
    static let shape = ImageShape(channels: 1, height: 8, width: 8)
    static let classCount = 10
    static let count = 1797

    /// All images in the order of the source; its authors' split is not part of the file.
    static func read() -> RawDataset {
        let total = count * (shape.count + 1)
        guard let data = Data(base64Encoded: packed),
            let bytes = try? Zlib.inflate([UInt8](data), countMax: total), bytes.count == total
        else {
            preconditionFailure(
                "the embedded digits are damaged; write them again with scripts/embed_digits.py")
        }
        let split = count * shape.count
        return RawDataset(
            train: RawImages(
                shape: shape, classCount: classCount, pixelMax: 16, pixels: ImageBytes(bytes[..<split]),
                labels: Array(bytes[split...])),
            test: nil)
    }
}

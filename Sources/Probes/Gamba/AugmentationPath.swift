internal import LinearAlgebra
internal import Sweeps

/// Images on the way from a sample to ever stronger augmentations of it, along several paths.
///
/// Anchor 0 is the sample itself, on every path.
protocol AugmentationPath: Sendable {
    /// Anchors of a path, the sample among them.
    var anchorCount: Int { get }

    /// Whether an anchor behind the first can differ from the one before.
    func moves(to anchor: Int, path: Int) -> Bool

    /// Turns `image` [D], the anchor before, into an anchor of a point, in the units of images in [0, 1] but not clamped.
    func advance(_ image: UnsafeMutablePointer<Double>, to anchor: Int, path: Int, point: Int)
}

/// Gamba's path: the image without some of its singular values, channel by channel.
///
/// Strength k on path p erases k values that follow the p smallest; every anchor starts from the sample. The paper's
/// strengths 5, 10, 15, 20, 22, 25 are those of 32 values; images with fewer scale them,
/// rounded, at least 1 and at most 3 less than there are values.
struct SingularValuePath: AugmentationPath {
    private static let published = [5, 10, 15, 20, 22, 25]

    let strengths: [Int]
    private let shape: ImageShape
    /// [n × C].
    private let channels: [SingularValues?]

    var anchorCount: Int { strengths.count + 1 }

    /// - Parameters:
    ///   - images: [n × D], in [0, 1].
    ///   - shape: Of one image.
    init(_ images: [Double], shape: ImageShape) {
        self.shape = shape
        strengths = Self.strengths(for: shape)
        let plane = shape.height * shape.width
        channels = stride(from: 0, to: images.count, by: plane).map { start in
            SingularValues(
                of: Array(images[start..<start + plane]), rows: shape.height, columns: shape.width)
        }
    }

    /// How many singular values each anchor behind the first lacks.
    static func strengths(for shape: ImageShape) -> [Int] {
        let rank = min(shape.height, shape.width)
        return published.map { strength in
            let scaled = Int((Double(strength * rank) / 32).rounded())
            // Four paths, the standard number, always have room where there are four values.
            return max(1, min(scaled, rank - 3))
        }
    }

    /// The most paths that find enough values to erase: 8 for 32 × 32, as in the paper.
    static func pathsMax(for shape: ImageShape) -> Int {
        min(shape.height, shape.width) - (strengths(for: shape).max() ?? 0) + 1
    }

    func moves(to anchor: Int, path: Int) -> Bool { strengths[anchor - 1] > strength(before: anchor) }

    /// How many singular values the anchor before lacks.
    private func strength(before anchor: Int) -> Int { anchor > 1 ? strengths[anchor - 2] : 0 }

    func advance(_ image: UnsafeMutablePointer<Double>, to anchor: Int, path: Int, point: Int) {
        let plane = shape.height * shape.width
        for channel in 0..<shape.channels {
            guard let parts = channels[point * shape.channels + channel] else {
                (image + channel * plane).update(repeating: .nan, count: plane)
                continue
            }
            // What the anchor before lacks is lacking here as well.
            let end = parts.count - path
            for part in end - strengths[anchor - 1]..<end - strength(before: anchor) {
                parts.subtract(part, from: image + channel * plane)
            }
        }
    }
}

extension SingularValues {
    /// Takes one of the products away from a row-major matrix.
    fileprivate func subtract(_ part: Int, from matrix: UnsafeMutablePointer<Double>) {
        right.withUnsafeBufferPointer { right in
            for row in 0..<rows {
                let factor = scaledLeft[part * rows + row]
                let target = matrix + row * columns
                for column in 0..<columns { target[column] -= factor * right[part * columns + column] }
            }
        }
    }
}

/// Whole-pixel translations by 1, 2, 3 and 4 pixels, each path in a direction of its own; edges are repeated.
struct ShiftPath: AugmentationPath {
    static let shiftMax = 4

    private let shape: ImageShape
    /// [n × D].
    private let images: [Double]
    private let directions: [(x: Double, y: Double)]

    var anchorCount: Int { Self.shiftMax + 1 }

    /// - Parameters:
    ///   - images: [n × D], in [0, 1].
    ///   - shape: Of one image.
    ///   - directions: Unit vectors, one a path; x to the right, y downwards.
    init(_ images: [Double], shape: ImageShape, directions: [(x: Double, y: Double)]) {
        self.images = images
        self.shape = shape
        self.directions = directions
    }

    func moves(to anchor: Int, path: Int) -> Bool {
        offset(anchor, path: path) != offset(anchor - 1, path: path)
    }

    func advance(_ image: UnsafeMutablePointer<Double>, to anchor: Int, path: Int, point: Int) {
        let (right, down) = offset(anchor, path: path)
        let start = point * shape.count
        for channel in 0..<shape.channels {
            for row in 0..<shape.height {
                let source = min(max(row - down, 0), shape.height - 1)
                let line = (channel * shape.height + source) * shape.width
                let place = (channel * shape.height + row) * shape.width
                for column in 0..<shape.width {
                    let from = min(max(column - right, 0), shape.width - 1)
                    image[place + column] = images[start + line + from]
                }
            }
        }
    }

    /// How far an anchor lies to the right and downwards, in pixels.
    func offset(_ anchor: Int, path: Int) -> (right: Int, down: Int) {
        let direction = directions[path]
        return (
            Int((Double(anchor) * direction.x).rounded()), Int((Double(anchor) * direction.y).rounded())
        )
    }
}

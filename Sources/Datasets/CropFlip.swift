internal import Basics
public import LinearAlgebra
public import Sweeps

/// Random crops and mirrorings of training images: as if each were padded by 4 zero pixels on every side before scaling,
/// cut out again at a random place and, with probability 1/2, mirrored (He et al., 2015; Gamba and Nakkiran).
///
/// What happens to a sample is a function of seed, epoch and index alone: training can be taken up again at any epoch.
public struct CropFlip: Hashable, Sendable {
    /// Pixels of padding on each side.
    public static let padding = 4

    private let origin: UInt64

    /// - Parameter seed: The task's seed; the draws come from its stream `crop-flip`.
    public init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: "crop-flip")
        origin = generator.next()
    }

    /// Where an image is cut out of its padded self, and whether it is mirrored.
    public struct Window: Hashable, Sendable {
        /// The first line and column, in 0...8; 4 and 4 leave the image where it is.
        public let top: Int
        public let left: Int
        /// Left and right exchanged after the cut.
        public let isMirrored: Bool

        public init(top: Int, left: Int, isMirrored: Bool) {
            self.top = top
            self.left = left
            self.isMirrored = isMirrored
        }
    }

    /// The window of a sample in an epoch.
    ///
    /// A counter goes through SplitMix64's finaliser twice instead of a generator a sample: a step calls this once for
    /// every image. The bias of a place is below 2⁻²⁸.
    ///
    /// - Parameters:
    ///   - index: Of the sample in its training set.
    ///   - epoch: Counted from 0.
    /// - Returns: Each of the 162 windows with the same probability.
    public func window(of index: Int, epoch: Int) -> Window {
        let epochWord = CropFlip.mix(origin &+ UInt64(bitPattern: Int64(epoch)) &* 0x9e37_79b9_7f4a_7c15)
        let word = CropFlip.mix(epochWord &+ UInt64(bitPattern: Int64(index)) &* 0x9e37_79b9_7f4a_7c15)
        let places = UInt64(2 * CropFlip.padding + 1)
        return Window(
            top: Int(((word & 0xffff_ffff) &* places) >> 32),
            left: Int((((word >> 32) & 0x7fff_ffff) &* places) >> 31),
            isMirrored: word >> 63 == 1)
    }

    /// Why images of this shape cannot be augmented, as the end of a sentence that starts with the key; `nil` where they can.
    public static func problem(with shape: ImageShape) -> String? {
        guard min(shape.height, shape.width) <= padding else { return nil }
        return "crop-flip shifts images by up to \(padding) pixels, which would push images of "
            + "\(shape.height)×\(shape.width) out of their frame; take none"
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// The memory in which a batch is augmented before it is scaled; made once, so that steps allocate nothing.
public final class AugmentedBatch {
    fileprivate let augmentation: CropFlip
    fileprivate let bytes: Buffer<UInt8>
    fileprivate let numbers: Buffer<Float>
    /// 0, 1 … B − 1.
    fileprivate let places: Buffer<Int>

    /// - Parameters:
    ///   - augmentation: What is done to the images.
    ///   - samples: Where they come from.
    ///   - batchMax: Samples that are gathered at once, at most.
    /// - Precondition: ``CropFlip/problem(with:)`` has none with the samples' shape.
    public init(_ augmentation: CropFlip, of samples: Samples, batchMax: Int) {
        precondition(CropFlip.problem(with: samples.shape) == nil, "\(samples.shape) cannot be cropped")
        self.augmentation = augmentation
        var isNumbers = false
        if case .numbers = samples.pixels { isNumbers = true }
        bytes = Buffer(count: isNumbers ? 0 : batchMax * samples.shape.count)
        numbers = Buffer(count: isNumbers ? batchMax * samples.shape.count : 0)
        places = Buffer(count: batchMax)
        for place in 0..<batchMax { places.pointer[place] = place }
    }
}

extension Samples {
    /// Brings samples side by side as ``gather(_:into:)`` does, each cropped and mirrored for this epoch.
    ///
    /// - Parameters:
    ///   - indices: Which samples.
    ///   - batch: The augmentation and its memory, made for these samples.
    ///   - epoch: Counted from 0.
    ///   - input: [D × B].
    /// - Precondition: As that of ``gather(_:into:)``, and no more samples than the memory is for.
    public func gather<Scalar: Real>(
        _ indices: UnsafeBufferPointer<Int>, augmented batch: AugmentedBatch, epoch: Int,
        into input: Matrix<Scalar>
    ) {
        precondition(
            input.rows == shape.count && input.columns == indices.count
                && indices.count <= batch.places.count,
            "\(indices.count) samples of \(shape) into [\(input.rows) × \(input.columns)]")
        let places = UnsafePointer(batch.places.pointer)
        switch pixels {
        case .bytes(let bytes, _, let scales, _):
            cut(bytes, indices, batch, epoch)
            Scalar.gather(
                bytes: batch.bytes.pointer, rows: places, places, scales: scales, into: input)
        case .numbers(let numbers):
            numbers.withUnsafeBufferPointer { numbers in
                guard let numbers = numbers.baseAddress else { return }
                for (place, index) in indices.enumerated() {
                    let window = batch.augmentation.window(of: index, epoch: epoch)
                    let target = batch.numbers.pointer + place * shape.count
                    cutWindow(numbers + index * shape.count, shape, window, into: target) { channel in
                        Float(-scaling[channel].mean / scaling[channel].deviation)
                    }
                }
            }
            Scalar.gather(batch.numbers.pointer, rows: places, into: input)
        }
    }

    /// Brings samples into blocks of images as ``gather(_:into:)`` does, each cropped and mirrored for this epoch.
    ///
    /// - Returns: Whether they are bytes.
    public func gather<Scalar: Real>(
        _ indices: UnsafeBufferPointer<Int>, augmented batch: AugmentedBatch, epoch: Int,
        into images: ImageBatch<Scalar>
    ) -> Bool {
        guard case .bytes(let bytes, _, let scales, _) = pixels else { return false }
        cut(bytes, indices, batch, epoch)
        let places = UnsafeBufferPointer(start: batch.places.pointer, count: indices.count)
        images.gather(
            bytes: batch.bytes.pointer, rows: UnsafePointer(batch.places.pointer), places, scales: scales)
        return true
    }

    /// Fills the batch's bytes with windows of the samples.
    private func cut(
        _ bytes: ImageBytes, _ indices: UnsafeBufferPointer<Int>, _ batch: AugmentedBatch, _ epoch: Int
    ) {
        guard case .bytes(_, let rows, _, _) = pixels else { return }
        for (place, index) in indices.enumerated() {
            let window = batch.augmentation.window(of: index, epoch: epoch)
            let target = batch.bytes.pointer + place * shape.count
            // A zero pixel before scaling is a zero byte.
            cutWindow(bytes.pointer + rows[index] * shape.count, shape, window, into: target) { _ in 0 }
        }
    }
}

/// Cuts a window of the image's own size out of the padded image.
///
/// - Parameters:
///   - image: [C × H × W].
///   - shape: Its sizes.
///   - window: Where to cut, in the padded image.
///   - target: [C × H × W], another block.
///   - zero: What a channel is padded with.
@inline(__always)
private func cutWindow<Pixel: BitwiseCopyable>(
    _ image: UnsafePointer<Pixel>, _ shape: ImageShape, _ window: CropFlip.Window,
    into target: UnsafeMutablePointer<Pixel>, zero: (Int) -> Pixel
) {
    let (down, right) = (window.top - CropFlip.padding, window.left - CropFlip.padding)
    let width = shape.width
    let inside = max(0, -right)..<min(width, width - right)
    for channel in 0..<shape.channels {
        let zero = zero(channel)
        for line in 0..<shape.height {
            let out = target + (channel * shape.height + line) * width
            let sourceLine = line + down
            guard sourceLine >= 0, sourceLine < shape.height else {
                out.update(repeating: zero, count: width)
                continue
            }
            let source = image + (channel * shape.height + sourceLine) * width + right
            if window.isMirrored {
                let last = out + (width - 1)
                for column in 0..<inside.lowerBound { (last - column).pointee = zero }
                for column in inside { (last - column).pointee = source[column] }
                for column in inside.upperBound..<width { (last - column).pointee = zero }
            } else {
                for column in 0..<inside.lowerBound { out[column] = zero }
                (out + inside.lowerBound).update(from: source + inside.lowerBound, count: inside.count)
                for column in inside.upperBound..<width { out[column] = zero }
            }
        }
    }
}

internal import LinearAlgebra
public import Sweeps

/// A set of images with their labels, ready for any network.
///
/// Pixels stay bytes, shared by all tasks of a process, and are scaled while a batch is gathered.
/// Index, true label, assigned label and "is noisy" are kept for every sample: every probe of Kubo and of Gamba
/// needs the split. Letters: N samples, D inputs, B samples of a batch.
public struct Samples: Sendable {
    public let shape: ImageShape
    /// The class that each image shows, in 0..<classCount.
    public let labelsTrue: [Int32]
    /// The class that training is told; differs from the true one at noisy samples only.
    public let labelsAssigned: [Int32]
    /// How pixels are scaled, channel by channel.
    public let scaling: [ChannelScaling]
    let pixels: Pixels
    /// [N × D] of bytes scaled once and for all, where that is little memory; empty otherwise.
    let prescaled: [Float]

    /// What ``prescaled`` may take, in bytes.
    ///
    /// So much stays in the second cache, where numbers are gathered faster than bytes are scaled. Beyond it bytes win, with
    /// a quarter of the traffic.
    private static let prescaledBytesMax = 1 << 19

    /// What the samples' pixels are kept as.
    enum Pixels: Sendable {
        /// Sample i is image `rows[i]` of `bytes` [images × D], scaled by `scales` channel by channel;
        /// `pixelMax` is white.
        case bytes(ImageBytes, rows: [Int], scales: ByteScales, pixelMax: Float)
        /// [N × D], scaled already.
        case numbers([Float])
    }

    /// Samples that are numbers already.
    ///
    /// - Parameters:
    ///   - shape: Of one image.
    ///   - inputs: [N × D] row-major, one image a row, channel by channel and line by line, scaled.
    ///   - labelsTrue: What the images show.
    ///   - labelsAssigned: What training is told.
    ///   - scaling: How the inputs were made of pixels in [0, 1]; `nil` where they are these pixels.
    /// - Precondition: `inputs` holds as many images as there are labels of either kind.
    public init(
        shape: ImageShape, inputs: [Float], labelsTrue: [Int32], labelsAssigned: [Int32],
        scaling: [ChannelScaling]? = nil
    ) {
        precondition(
            inputs.count == shape.count * labelsTrue.count,
            "\(inputs.count) values for \(labelsTrue.count) images")
        self.init(
            shape: shape, pixels: .numbers(inputs), labelsTrue, labelsAssigned,
            scaling ?? [ChannelScaling](repeating: .none, count: shape.channels))
    }

    /// Samples that are images of bytes.
    ///
    /// - Parameters:
    ///   - shape: Of one image.
    ///   - bytes: [N × D] row-major, one image a row, channel by channel and line by line; 255 is white.
    ///   - scaling: How they become numbers, channel by channel.
    ///   - labelsTrue: What the images show.
    ///   - labelsAssigned: What training is told.
    /// - Precondition: `bytes` holds as many images as there are labels of either kind.
    public init(
        shape: ImageShape, bytes: [UInt8], scaling: [ChannelScaling], labelsTrue: [Int32],
        labelsAssigned: [Int32]
    ) {
        precondition(
            bytes.count == shape.count * labelsTrue.count,
            "\(bytes.count) bytes for \(labelsTrue.count) images")
        let scales = ByteScales(
            gains: scaling.map { 1 / (255 * $0.deviation) }, shifts: scaling.map { -$0.mean / $0.deviation })
        self.init(
            shape: shape,
            pixels: .bytes(
                ImageBytes(bytes), rows: Array(labelsTrue.indices), scales: scales, pixelMax: 255),
            labelsTrue, labelsAssigned, scaling)
    }

    /// Some images of a data set.
    ///
    /// - Parameters:
    ///   - images: The data set.
    ///   - rows: Which image each sample is.
    ///   - maps: How bytes become numbers, channel by channel.
    ///   - labelsAssigned: What training is told, a label for each of `rows`.
    init(_ images: RawImages, rows: [Int], maps: [Scaling.Map], labelsAssigned: [Int32]) {
        let inRange = rows.allSatisfy { $0 >= 0 && $0 < images.count }
        precondition(inRange, "a row outside the \(images.count) images")
        let scales = ByteScales(gains: maps.map(\.gain), shifts: maps.map(\.shift))
        self.init(
            shape: images.shape,
            pixels: .bytes(images.pixels, rows: rows, scales: scales, pixelMax: images.pixelMax),
            rows.map { Int32(images.labels[$0]) }, labelsAssigned,
            maps.map { $0.scaling(pixelMax: Double(images.pixelMax)) })
    }

    private init(
        shape: ImageShape, pixels: Pixels, _ labelsTrue: [Int32], _ labelsAssigned: [Int32],
        _ scaling: [ChannelScaling]
    ) {
        precondition(labelsTrue.count == labelsAssigned.count, "every sample needs both labels")
        precondition(scaling.count == shape.channels, "\(scaling.count) scalings for \(shape)")
        self.shape = shape
        self.pixels = pixels
        self.labelsTrue = labelsTrue
        self.labelsAssigned = labelsAssigned
        self.scaling = scaling
        let isSmall = 4 * shape.count * labelsTrue.count <= Self.prescaledBytesMax
        prescaled = isSmall ? pixels.scaled(shape) : []
    }

    /// How many images there are (N).
    public var count: Int { labelsTrue.count }

    /// Whether the sample's assigned label is wrong.
    public func isNoisy(_ index: Int) -> Bool { labelsTrue[index] != labelsAssigned[index] }

    /// The indices of the samples with a right (`false`) or a wrong (`true`) assigned label, ascending.
    public func indices(noisy: Bool) -> [Int] { (0..<count).filter { isNoisy($0) == noisy } }
}

public import Sweeps

/// A set of images with their labels, scaled and ready for any network.
///
/// Index, true label, assigned label and "is noisy" are kept for every sample: every probe of Kubo and of Gamba
/// needs the split.
public struct Samples: Sendable {
    public let shape: ImageShape
    /// [N × D] row-major, one image a row, channel by channel and line by line.
    public let inputs: [Float]
    /// The class that each image shows, in 0..<classCount.
    public let labelsTrue: [Int32]
    /// The class that training is told; differs from the true one at noisy samples only.
    public let labelsAssigned: [Int32]

    /// - Precondition: `inputs` holds as many images as there are labels of either kind.
    public init(shape: ImageShape, inputs: [Float], labelsTrue: [Int32], labelsAssigned: [Int32]) {
        precondition(
            inputs.count == shape.count * labelsTrue.count,
            "\(inputs.count) values for \(labelsTrue.count) images")
        precondition(labelsTrue.count == labelsAssigned.count, "every sample needs both labels")
        self.shape = shape
        self.inputs = inputs
        self.labelsTrue = labelsTrue
        self.labelsAssigned = labelsAssigned
    }

    /// How many images there are (N).
    public var count: Int { labelsTrue.count }

    /// Whether the sample's assigned label is wrong.
    public func isNoisy(_ index: Int) -> Bool { labelsTrue[index] != labelsAssigned[index] }

    /// The indices of the samples with a right (`false`) or a wrong (`true`) assigned label, ascending.
    public func indices(noisy: Bool) -> [Int] { (0..<count).filter { isNoisy($0) == noisy } }
}

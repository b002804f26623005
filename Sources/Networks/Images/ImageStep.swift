import LinearAlgebra

/// One operation of a network on images: reads one tensor, writes another, both numbered.
enum ImageStep: Sendable {
    case convolution(ConvolutionStep)
    case normalization(NormalizationStep)
    case pool(PoolStep)

    /// The tensor that it reads.
    var source: Int {
        switch self {
        case .convolution(let step): step.source
        case .normalization(let step): step.source
        case .pool(let step): step.source
        }
    }

    /// The tensor that it writes.
    var target: Int {
        switch self {
        case .convolution(let step): step.target
        case .normalization(let step): step.target
        case .pool(let step): step.target
        }
    }

    /// The tensor that it adds to what it makes, as skip connections do.
    var addend: Int? {
        switch self {
        case .convolution(let step): step.addend
        case .normalization(let step): step.addend
        case .pool: nil
        }
    }

    /// The hidden layer whose ReLU is its end.
    var hidden: Int? {
        switch self {
        case .convolution(let step): step.hidden
        case .normalization(let step): step.hidden
        case .pool: nil
        }
    }
}

/// target ← ReLU?(source ∗ weights + bias + addend).
struct ConvolutionStep: Sendable {
    let source: Int
    let target: Int
    let addend: Int?
    /// The hidden layer that a ReLU at its end makes; `nil` without one.
    let hidden: Int?
    let convolution: Convolution
    let weightOffset: Int
    let biasOffset: Int?
    /// Places of its packed weights, forward and backward, among those of all steps.
    let packedOffset: Int
}

/// target ← ReLU?(normalised source + addend); without an index it normalises nothing.
struct NormalizationStep: Sendable {
    let source: Int
    let target: Int
    let addend: Int?
    let hidden: Int?
    /// Which of the network's normalisations it is.
    let index: Int?
}

/// target ← the greatest or the mean of each window of the source.
struct PoolStep: Sendable {
    enum Kind: Hashable, Sendable {
        /// Windows that do not overlap; what is left over at the end of a row or column is dropped.
        case greatest(height: Int, width: Int)
        /// All places of a channel.
        case mean
    }
    let source: Int
    let target: Int
    let kind: Kind
}

/// Places of one batch normalisation's parameters in their block.
struct NormalizationOffsets: Sendable {
    let channels: Int
    let weight: Int
    let bias: Int
    /// Known once all trainable parameters have their places.
    var runningMean = 0
    var runningVariance = 0
}

/// How a step's gradients join those of others.
struct GradientFlow: Sendable {
    /// Whether the source's gradient holds something already: another step's share.
    var accumulates = false
    /// The hidden layer whose ReLU made the source, where this step is the last to add to its gradient and therefore
    /// takes away what the ReLU let not pass.
    var masks: Int?
}

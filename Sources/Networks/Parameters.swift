public import LinearAlgebra

/// One named tensor inside the block of all parameters.
public struct ParameterWindow: Hashable, Sendable {
    /// PyTorch's name: `layers.0.weight`.
    public let name: String
    /// PyTorch's shape: [out, in] for a linear layer's weight.
    public let shape: [Int]
    /// Elements before it in the block.
    public let offset: Int

    public init(name: String, shape: [Int], offset: Int) {
        self.name = name
        self.shape = shape
        self.offset = offset
    }

    public var count: Int { shape.reduce(1, *) }
}

/// Where each tensor stands in the one block that holds them all.
///
/// Windows follow each other without gaps, so that optimiser, norm and checkpoint are one loop over one block. What
/// training fits comes first; the running statistics of batch normalisation, which no gradient reaches, come last.
public struct ParameterLayout: Hashable, Sendable {
    public private(set) var windows: [ParameterWindow] = []
    public private(set) var count = 0
    /// Elements at the front of the block that training fits (P).
    public private(set) var trainableCount = 0

    public init() {}

    /// Appends a tensor and returns its window.
    ///
    /// - Precondition: No trainable tensor follows one that is not.
    @discardableResult
    public mutating func append(_ name: String, shape: [Int], isTrainable: Bool = true) -> ParameterWindow {
        precondition(!isTrainable || trainableCount == count, "'\(name)' follows what is not trained")
        let window = ParameterWindow(name: name, shape: shape, offset: count)
        windows.append(window)
        count += window.count
        if isTrainable { trainableCount = count }
        return window
    }

    /// The part that training fits: the layout of gradients and of an optimiser's state.
    public var trainable: ParameterLayout {
        var layout = ParameterLayout()
        for window in windows where window.offset < trainableCount {
            layout.append(window.name, shape: window.shape)
        }
        return layout
    }
}

/// The parameters of a network, or their gradients, or an optimiser's state for them: one block.
public final class ParameterBlock<Scalar: Real>: Sendable {
    public let layout: ParameterLayout
    public let buffer: Buffer<Scalar>

    /// A block of zeros.
    public init(_ layout: ParameterLayout) {
        self.layout = layout
        buffer = Buffer(count: layout.count)
    }

    public var count: Int { buffer.count }

    /// The window as a matrix of its first dimension × the rest: [out × in] for weights, [out × 1] for biases.
    public func matrix(_ window: ParameterWindow) -> Matrix<Scalar> {
        let rows = window.shape.first ?? 1
        let columns = rows == 0 ? 0 : window.count / rows
        return Matrix(buffer.pointer + window.offset, rows: rows, columns: columns)
    }
}

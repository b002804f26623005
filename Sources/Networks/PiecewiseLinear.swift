public import LinearAlgebra

/// A network that is affine, in evaluation, on each piece of its input space, and can say where pieces end.
///
/// Pieces end where a hidden pre-activation changes its sign, and where another unit of a group becomes the greatest.
public protocol PiecewiseLinear<Scalar>: Network {
    /// Whether there is any kink: activations other than the identity.
    var hasKinks: Bool { get }

    /// Units of a hidden layer of which only the greatest goes on: the windows of max-pooling after its activation.
    func maximumGroups(of layer: Int) -> [[Int]]

    /// The same network in double precision: its parameters have the same places.
    func inDoublePrecision() -> any PiecewiseLinear<Double>
}

extension PiecewiseLinear {
    /// The same network with the same numbers, widened.
    package func inDoublePrecision(
        _ parameters: ParameterBlock<Scalar>
    ) -> (any PiecewiseLinear<Double>, ParameterBlock<Double>) {
        let network = inDoublePrecision()
        let block = ParameterBlock<Double>(network.layout)
        for index in 0..<block.count {
            block.buffer.pointer[index] = Double(parameters.buffer.pointer[index])
        }
        return (network, block)
    }
}

extension MLP: PiecewiseLinear {
    public var hasKinks: Bool { activation != .identity }

    public func maximumGroups(of layer: Int) -> [[Int]] { [] }

    public func inDoublePrecision() -> any PiecewiseLinear<Double> {
        MLP<Double>(
            inputShape: inputShape, widths: hiddenLayers.map(\.unitCount), classCount: classCount,
            activation: activation, isNormalized: hasBatchNorm, isResidual: isResidual,
            hasBiases: layout.windows.contains { $0.name == "layers.0.bias" })
    }
}

extension ImageNetwork: PiecewiseLinear {
    public var hasKinks: Bool { !hiddenLayers.isEmpty }

    /// Pools that follow each other are one pool of larger windows.
    public func maximumGroups(of layer: Int) -> [[Int]] {
        guard let end = steps.firstIndex(where: { $0.hidden == layer }) else { return [] }
        let shape = tensors[steps[end].target]
        var (height, width) = (1, 1)
        for step in steps[(end + 1)...] {
            guard case .pool(let pool) = step, case .greatest(let rows, let columns) = pool.kind else {
                break
            }
            (height, width) = (height * rows, width * columns)
        }
        if height * width == 1 { return [] }
        let windows = (0..<shape.height / height).flatMap { row in
            (0..<shape.width / width).map { (top: row * height, left: $0 * width) }
        }
        return (0..<shape.channels).flatMap { channel in
            windows.map { window in
                (0..<height * width).map { place in
                    let (row, column) = (window.top + place / width, window.left + place % width)
                    return (channel * shape.height + row) * shape.width + column
                }
            }
        }
    }

    public func inDoublePrecision() -> any PiecewiseLinear<Double> { ImageNetwork<Double>(like: self) }
}

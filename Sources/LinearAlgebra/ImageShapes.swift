package import CKernels

/// The shape of images in blocks of 16 examples: [C][H + 2][W + 2][16], with a border of zeros one pixel wide.
///
/// With the examples innermost every number of channels fills whole vectors: weights are broadcast, examples are lanes.
public struct ImageBlock: Hashable, Sendable {
    /// Examples of a block.
    public static let lanes = Int(DESCENT_BLOCK)

    public let channels: Int
    public let height: Int
    public let width: Int

    public init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Numbers of one example (U).
    public var unitCount: Int { channels * height * width }
    /// Numbers of one block, with borders.
    public var count: Int { channels * plane }
    /// Numbers from one channel to the next.
    var plane: Int { (height + 2) * row }
    /// Numbers from one row to the next.
    var row: Int { (width + 2) * Self.lanes }

    /// Blocks that hold `examples`.
    public static func blocks(for examples: Int) -> Int { (examples + lanes - 1) / lanes }

    /// Examples in block `index` of a batch.
    public static func lanes(of batch: Int, inBlock index: Int) -> Int { min(lanes, batch - index * lanes) }

    /// The same shape as the C kernels take it.
    package var code: descent_image { descent_image(channels: channels, height: height, width: width) }
}

/// A convolution of images with square filters of 3 × 3 (border 1) or 1 × 1 (no border), and its gradients, as the
/// products that the kernels compute.
public struct Convolution: Sendable {
    public let input: ImageBlock
    public let output: ImageBlock
    /// Height and width of a filter: 1 or 3.
    public let size: Int
    /// Pixels between neighbouring places: 1 or 2.
    public let stride: Int
    /// Whether its products are Winograd's F(4 × 4, 3 × 3) (Lavin and Gray, 2016).
    ///
    /// That halves the time of wide layers. Its rounding errors are some ten times those of plain sums, 5e-6 of the
    /// outputs' root mean square in single precision at 512 inputs.
    public let usesWinograd: Bool
    package let forward: ConvolutionProduct
    /// The gradient of the input: one product for each residue of row and column modulo the stride.
    package let backward: [ConvolutionProduct]

    /// - Precondition: `size` is 1 or 3, `stride` is 1 or 2.
    public init(_ input: ImageBlock, outputs: Int, size: Int, stride: Int) {
        precondition(size == 1 || size == 3, "filters of size \(size)")
        precondition(stride == 1 || stride == 2, "convolutions with stride \(stride)")
        let output = ImageBlock(
            channels: outputs, height: (input.height - 1) / stride + 1, width: (input.width - 1) / stride + 1)
        self.input = input
        self.output = output
        self.size = size
        self.stride = stride
        // Below 512 pairs of channels the transforms cost more than they save, and so do tiles of 4 × 4 that are half empty.
        let tiles = ((output.height + 3) / 4) * ((output.width + 3) / 4)
        let usesWinograd =
            size == 3 && stride == 1 && input.channels * outputs >= 512 && min(input.channels, outputs) >= 8
            && output.height * output.width >= 8 * tiles
        self.usesWinograd = usesWinograd
        forward = ConvolutionProduct(
            from: input, to: output, size: size, stride: stride, usesWinograd: usesWinograd)
        backward = (0..<stride * stride).map { residue in
            ConvolutionProduct(
                backTo: input, from: output, size: size, stride: stride, rowResidue: residue / stride,
                columnResidue: residue % stride, usesWinograd: usesWinograd)
        }
    }

    /// Elements of [outputs × inputs × size × size].
    public var weightCount: Int { output.channels * input.channels * size * size }

    /// Elements of its packed weights, forward or backward.
    public var packedCount: Int {
        max(forward.packedCount, backward.reduce(0) { $0 + $1.packedCount })
    }

    /// Elements of the space that its products work in.
    package var scratchCount: Int {
        guard usesWinograd else { return 0 }
        let (inputs, outputs) = (input.channels, output.channels)
        let (tiles, apart) = (Int(DESCENT_WINOGRAD_TILES) * ImageBlock.lanes, Int(DESCENT_WINOGRAD_APART))
        func whole(_ count: Int, _ unit: Int) -> Int { (count + unit - 1) / unit * unit }
        let back = outputs * tiles + whole(inputs, 8) * tiles + 2 * apart
        let part = whole(min(outputs, Self.gradientOutputs), 8)
        let weights = inputs * tiles + part * tiles + part * whole(inputs, 16) + 3 * apart
        return 36 * max(back, weights)
    }

    /// Outputs whose weights' gradients Winograd's products work out at a time: four times their weights in space.
    ///
    /// Those of 512 outputs with 256 inputs would be 19 MB, and cross the caches for every block of examples.
    static let gradientOutputs = 128

    /// Floating-point operations for one example: 2 for each multiply-add, those on the border included.
    public var operations: Double { 2 * Double(weightCount) * Double(output.height * output.width) }
}

/// One product with its places in input, output and weights.
package struct ConvolutionProduct: Sendable {
    package private(set) var code: descent_convolution
    /// Elements before the first input and the first output of a block.
    package let inputStart: Int
    package let outputStart: Int
    /// Elements between the weights of neighbouring outputs and inputs.
    package let outputStride: Int
    package let inputStride: Int
    /// The weight of each tap in a filter.
    package let places: [Int]

    package let usesWinograd: Bool

    package var packedCount: Int {
        guard usesWinograd else { return Int(code.outputs * code.inputs * code.taps) }
        return 36 * (Int((code.outputs + 7) / 8 * 8 * code.inputs) + Int(DESCENT_WINOGRAD_APART))
    }

    fileprivate init(
        from input: ImageBlock, to output: ImageBlock, size: Int, stride: Int, usesWinograd: Bool
    ) {
        self.usesWinograd = usesWinograd
        // 1 × 1 filters look at the pixel itself, which stands one row and one column inside the border.
        let start = size == 3 ? 0 : 1
        let offsets = (0..<size * size).map { tap in
            (tap / size + start) * input.row + (tap % size + start) * ImageBlock.lanes
        }
        code = Self.code(
            input, output, rows: output.height, columns: output.width, inputStep: stride, outputStep: 1,
            offsets: offsets)
        (inputStart, outputStart) = (0, output.row + ImageBlock.lanes)
        outputStride = input.channels * size * size
        inputStride = size * size
        places = Array(0..<size * size)
    }

    /// Input pixel y gets what tap k of output (y + border − k) / stride passed on, where that is whole.
    fileprivate init(
        backTo input: ImageBlock, from output: ImageBlock, size: Int, stride: Int, rowResidue: Int,
        columnResidue: Int, usesWinograd: Bool
    ) {
        self.usesWinograd = usesWinograd
        let border = size / 2
        var offsets: [Int] = []
        var places: [Int] = []
        // Backwards, so that they come in reading order at the places they read.
        for tap in (0..<size * size).reversed() {
            let row = rowResidue + border - tap / size
            let column = columnResidue + border - tap % size
            if row % stride != 0 || column % stride != 0 { continue }
            offsets.append((row / stride + 1) * output.row + (column / stride + 1) * ImageBlock.lanes)
            places.append(tap)
        }
        code = Self.code(
            output, input, rows: (input.height - rowResidue + stride - 1) / stride,
            columns: (input.width - columnResidue + stride - 1) / stride, inputStep: 1, outputStep: stride,
            offsets: offsets)
        inputStart = 0
        outputStart = (rowResidue + 1) * input.row + (columnResidue + 1) * ImageBlock.lanes
        outputStride = size * size
        inputStride = input.channels * size * size
        self.places = places
    }

    /// The same product for some of its outputs.
    func some(outputs: Range<Int>) -> ConvolutionProduct {
        var product = self
        product.code.outputs = outputs.count
        return product
    }

    private static func code(
        _ from: ImageBlock, _ to: ImageBlock, rows: Int, columns: Int, inputStep: Int, outputStep: Int,
        offsets: [Int]
    ) -> descent_convolution {
        var code = descent_convolution()
        (code.inputs, code.outputs, code.rows, code.columns) = (from.channels, to.channels, rows, columns)
        (code.input_plane, code.input_row) = (from.plane, inputStep * from.row)
        code.input_column = inputStep * ImageBlock.lanes
        (code.output_plane, code.output_row) = (to.plane, outputStep * to.row)
        code.output_column = outputStep * ImageBlock.lanes
        code.taps = offsets.count
        withUnsafeMutableBytes(of: &code.offsets) { bytes in
            let places = bytes.assumingMemoryBound(to: Int.self)
            for (index, offset) in offsets.enumerated() { places[index] = offset }
        }
        return code
    }
}

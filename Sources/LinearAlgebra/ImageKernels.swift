internal import CKernels

/// The precisions that have kernels on blocks of images.
public protocol ImageArithmetic: BitwiseCopyable, Sendable {
    /// Those of the instruction set that this process uses.
    static var images: ImageKernels<Self> { get }
}

/// What happens to the sums of a convolution before they are stored; see `image_table.h`.
public struct ConvolutionEpilogue<Scalar: BitwiseCopyable> {
    public var bias: UnsafePointer<Scalar>?
    /// A block of the output's shape that is added.
    public var addend: UnsafePointer<Scalar>?
    /// A block of the output's shape: where it is not positive, the output is zero.
    public var mask: UnsafePointer<Scalar>?
    /// Whether negative outputs become zero.
    public var rectifies: Bool

    public init(
        bias: UnsafePointer<Scalar>? = nil, addend: UnsafePointer<Scalar>? = nil,
        mask: UnsafePointer<Scalar>? = nil, rectifies: Bool = false
    ) {
        self.bias = bias
        self.addend = addend
        self.mask = mask
        self.rectifies = rectifies
    }
}

/// The kernels on one block of 16 images in one instruction set and precision; see `image_table.h` for what each does.
///
/// Bits of convolutions depend on whether the instruction set fuses multiplications and additions: AVX2 and AVX-512
/// agree, portable vectors differ. The numeric profile records it.
public struct ImageKernels<Scalar: BitwiseCopyable>: Sendable {
    public typealias Input = UnsafePointer<Scalar>
    public typealias Output = UnsafeMutablePointer<Scalar>
    public typealias Sums = UnsafeMutablePointer<Double>

    /// Shape, image.
    public let clearBorder: @Sendable (ImageBlock, Output) -> Void
    /// Shape, bytes, rows, indices, examples, gains, shifts, image.
    package let gather:
        @Sendable (
            ImageBlock, UnsafePointer<UInt8>, UnsafePointer<Int>, UnsafePointer<Int>, Int,
            UnsafePointer<Double>, UnsafePointer<Double>, Output
        ) -> Void
    /// Shape, columns, their stride, examples, image.
    public let pack: @Sendable (ImageBlock, Input, Int, Int, Output) -> Void
    /// Shape, image, columns, their stride, examples.
    public let unpack: @Sendable (ImageBlock, Input, Output, Int, Int) -> Void
    /// Product, weights, packed.
    let packWeights: @Sendable (ConvolutionProduct, Input, Output) -> Void
    let convolve: @Sendable (ConvolutionProduct, Input, Input, ConvolutionEpilogue<Scalar>, Output) -> Void
    let weightGradient: @Sendable (ConvolutionProduct, Input, Input, Output) -> Void
    let winogradPack: @Sendable (ConvolutionProduct, Input, Output) -> Void
    /// Product, input, packed, epilogue, scratch, output.
    let winogradConvolve:
        @Sendable (ConvolutionProduct, Input, Input, ConvolutionEpilogue<Scalar>, Output, Output) -> Void
    /// Product, input, output gradient, scratch, gradient.
    let winogradWeightGradient: @Sendable (ConvolutionProduct, Input, Input, Output, Output) -> Void
    /// Shape, x, examples, sums [C].
    public let channelSums: @Sendable (ImageBlock, Input, Int, Sums) -> Void
    /// Shape, x, centres, examples, sums [C].
    public let channelSquares: @Sendable (ImageBlock, Input, Input, Int, Sums) -> Void
    /// Shape, g, x, centres, examples, sums [C].
    public let channelProducts: @Sendable (ImageBlock, Input, Input, Input, Int, Sums) -> Void
    /// Shape, x, centres or `nil`, scales, shifts, addend, whether it rectifies, y.
    public let normalize: @Sendable (ImageBlock, Input, Input?, Input, Input, Input?, Bool, Output) -> Void
    /// Shape, g, x, centres or `nil`, scales, slopes, shifts, examples, addend, mask, dx.
    public let normalizeBackward:
        @Sendable (
            ImageBlock, Input, Input, Input?, Input, Input, Input, Int, Input?, Input?, Output
        ) -> Void
    /// Shape, x, height and width of a window, y.
    public let maxPool: @Sendable (ImageBlock, Input, Int, Int, Output) -> Void
    /// Shape, x, y, dy, height and width of a window, only at positive x, dx.
    public let maxPoolBackward: @Sendable (ImageBlock, Input, Input, Input, Int, Int, Bool, Output) -> Void
    /// Shape, x, y.
    public let averagePool: @Sendable (ImageBlock, Input, Output) -> Void
    /// Shape, dy, mask, dx.
    public let averagePoolBackward: @Sendable (ImageBlock, Input, Input?, Output) -> Void
}

extension ImageKernels {
    /// `packed` ← the weights [outputs × inputs × size × size] of products in their order of use.
    ///
    /// At least ``Convolution/packedCount`` numbers; the other pointers named `scratch` are to
    /// ``Convolution/scratchCount``.
    package func pack(weights: Input, for products: [ConvolutionProduct], into packed: Output) {
        var to = packed
        for product in products {
            if product.usesWinograd {
                winogradPack(product, weights, to)
            } else {
                packWeights(product, weights, to)
            }
            to += product.packedCount
        }
    }

    /// One block of outputs of a convolution.
    package func convolve(
        _ convolution: Convolution, _ x: Input, packed: Input, scratch: Output,
        epilogue: ConvolutionEpilogue<Scalar>, into y: Output
    ) {
        run(convolution.forward, x, packed, scratch, epilogue, y)
    }

    /// One block of the gradient of a convolution's input, from that of its output.
    package func convolveBackward(
        _ convolution: Convolution, _ dy: Input, packed: Input, scratch: Output,
        epilogue: ConvolutionEpilogue<Scalar>, into dx: Output
    ) {
        var weights = packed
        for product in convolution.backward {
            run(product, dy, weights, scratch, epilogue, dx)
            weights += product.packedCount
        }
    }

    /// `gradient` += what one block adds to the gradient of a convolution's weights.
    package func addWeightGradient(
        _ convolution: Convolution, _ x: Input, _ dy: Input, scratch: Output, to gradient: Output
    ) {
        let product = convolution.forward
        if product.usesWinograd {
            let outputs = Int(product.code.outputs)
            for first in stride(from: 0, to: outputs, by: Convolution.gradientOutputs) {
                let part = product.some(outputs: first..<min(first + Convolution.gradientOutputs, outputs))
                winogradWeightGradient(
                    part, x, dy + product.outputStart + first * Int(product.code.output_plane), scratch,
                    gradient + first * product.outputStride)
            }
        } else {
            weightGradient(product, x, dy + product.outputStart, gradient)
        }
    }

    /// Places everything that has the outputs' places at the first of them.
    private func run(
        _ product: ConvolutionProduct, _ input: Input, _ packed: Input, _ scratch: Output,
        _ epilogue: ConvolutionEpilogue<Scalar>, _ output: Output
    ) {
        var placed = epilogue
        placed.addend = epilogue.addend.map { $0 + product.outputStart }
        placed.mask = epilogue.mask.map { $0 + product.outputStart }
        let first = output + product.outputStart
        if product.usesWinograd {
            winogradConvolve(product, input, packed, placed, scratch, first)
        } else {
            convolve(product, input, packed, placed, first)
        }
    }
}

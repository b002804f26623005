import Basics
import LinearAlgebra

/// Images of whole batches in double precision with the plainest loops: what the kernels are compared with.
struct ImageReference {
    let channels: Int
    let height: Int
    let width: Int
    let batch: Int
    var values: [Double]

    init(_ channels: Int, _ height: Int, _ width: Int, batch: Int, seed: UInt64? = nil) {
        (self.channels, self.height, self.width, self.batch) = (channels, height, width, batch)
        let count = channels * height * width * batch
        guard let seed else {
            values = Array(repeating: 0, count: count)
            return
        }
        var generator = SeededGenerator(seed: seed, stream: "reference images")
        // Rounded, so that both precisions read the same numbers.
        values = (0..<count).map { _ in Double(Float(generator.uniform(-1, 1))) }
    }

    var shape: ImageBlock { ImageBlock(channels: channels, height: height, width: width) }

    private func place(_ n: Int, _ c: Int, _ y: Int, _ x: Int) -> Int {
        ((c * height + y) * width + x) * batch + n
    }

    /// Zero outside the image.
    subscript(n: Int, c: Int, y: Int, x: Int) -> Double {
        get {
            (0..<height).contains(y) && (0..<width).contains(x) ? values[place(n, c, y, x)] : 0
        }
        set { values[place(n, c, y, x)] = newValue }
    }

    /// Calls `body` with every example, channel, row and column.
    func visit(_ body: (Int, Int, Int, Int) -> Void) {
        for c in 0..<channels {
            for y in 0..<height {
                for x in 0..<width {
                    for n in 0..<batch { body(n, c, y, x) }
                }
            }
        }
    }

    /// The images in blocks.
    func blocks<Scalar: ImageArithmetic & BinaryFloatingPoint & ExpressibleByIntegerLiteral>(
        _ kernels: ImageKernels<Scalar>
    ) -> Buffer<Scalar> {
        let buffer = Buffer<Scalar>(count: shape.count * ImageBlock.blocks(for: batch))
        let columns = values.map { Scalar($0) }
        columns.withUnsafeBufferPointer { columns in
            guard let start = columns.baseAddress else { return }
            for block in 0..<ImageBlock.blocks(for: batch) {
                kernels.pack(
                    shape, start + block * ImageBlock.lanes, batch,
                    ImageBlock.lanes(of: batch, inBlock: block), buffer.pointer + block * shape.count)
            }
        }
        return buffer
    }

    /// The largest distance of blocks from these images.
    func largestDifference<Scalar: ImageArithmetic & BinaryFloatingPoint>(
        from buffer: Buffer<Scalar>, _ kernels: ImageKernels<Scalar>
    ) -> Double {
        var found = Array(repeating: Scalar(0), count: values.count)
        found.withUnsafeMutableBufferPointer { columns in
            guard let start = columns.baseAddress else { return }
            for block in 0..<ImageBlock.blocks(for: batch) {
                kernels.unpack(
                    shape, buffer.pointer + block * shape.count, start + block * ImageBlock.lanes, batch,
                    ImageBlock.lanes(of: batch, inBlock: block))
            }
        }
        var largest = 0.0
        for (a, b) in zip(found, values) where !(abs(Double(a) - b) <= largest) {
            largest = abs(Double(a) - b)
        }
        return largest
    }
}

/// A convolution and its gradients in double precision.
struct ConvolutionReference {
    let input: ImageReference
    let outputGradient: ImageReference
    let weights: [Double]
    let size: Int
    let stride: Int
    private(set) var output: ImageReference
    private(set) var inputGradient: ImageReference
    private(set) var weightGradient: [Double]

    init(_ convolution: Convolution, batch: Int) {
        let (from, to) = (convolution.input, convolution.output)
        (size, stride) = (convolution.size, convolution.stride)
        input = ImageReference(from.channels, from.height, from.width, batch: batch, seed: 1)
        outputGradient = ImageReference(to.channels, to.height, to.width, batch: batch, seed: 2)
        weights = ImageReference(convolution.weightCount, 1, 1, batch: 1, seed: 3).values
        output = ImageReference(to.channels, to.height, to.width, batch: batch)
        inputGradient = ImageReference(from.channels, from.height, from.width, batch: batch)
        weightGradient = Array(repeating: 0, count: weights.count)
        for o in 0..<to.channels {
            for i in 0..<from.channels {
                for tap in 0..<size * size { addTap(o, i, tap) }
            }
        }
    }

    private mutating func addTap(_ o: Int, _ i: Int, _ tap: Int) {
        let index = (o * input.channels + i) * size * size + tap
        for y in 0..<output.height {
            for x in 0..<output.width {
                let (row, column) = (
                    y * stride + tap / size - size / 2, x * stride + tap % size - size / 2
                )
                guard (0..<input.height).contains(row), (0..<input.width).contains(column) else { continue }
                for n in 0..<input.batch {
                    let (value, gradient) = (input[n, i, row, column], outputGradient[n, o, y, x])
                    output[n, o, y, x] += weights[index] * value
                    inputGradient[n, i, row, column] += weights[index] * gradient
                    weightGradient[index] += gradient * value
                }
            }
        }
    }
}

import Basics
import LinearAlgebra
import Testing

/// Kernels on images in each instruction set against the plainest loops in double precision.
@Suite("Convolution kernels")
struct ConvolutionKernelTests {
    /// One convolution with its batch.
    struct Case: Sendable, CustomTestStringConvertible {
        let inputs: Int
        let outputs: Int
        let height: Int
        let width: Int
        let batch: Int
        var size = 3
        var stride = 1

        var testDescription: String {
            "\(inputs) → \(outputs), \(height) × \(width), batch \(batch), size \(size), stride \(stride)"
        }

        var convolution: Convolution {
            Convolution(
                ImageBlock(channels: inputs, height: height, width: width), outputs: outputs, size: size,
                stride: stride)
        }
    }

    /// All pairs of odd channel counts on small images, then every image size and batch.
    static let cases: [Case] =
        [1, 3, 5, 17].flatMap { inputs in
            [1, 2, 3, 5, 17].flatMap { outputs in
                [(3, 1), (3, 2), (1, 2), (1, 1)].map { size, stride in
                    Case(
                        inputs: inputs, outputs: outputs, height: 5, width: 7, batch: 7, size: size,
                        stride: stride)
                }
            }
        }
        + [(8, 16), (28, 7), (32, 1), (8, 100), (8, 128), (4, 16), (2, 17), (1, 5)].flatMap { side, batch in
            [1, 2].map {
                Case(inputs: 3, outputs: 5, height: side, width: side, batch: batch, stride: $0)
            }
        }

    /// Wide enough for Winograd's transforms: tiles that fill the image and that do not, one tile and many.
    static let wideCases: [Case] = [1, 7, 17].flatMap { batch -> [Case] in
        [
            Case(inputs: 16, outputs: 32, height: 4, width: 4, batch: batch),
            Case(inputs: 32, outputs: 17, height: 8, width: 9, batch: batch),
            Case(inputs: 33, outputs: 19, height: 7, width: 3, batch: batch),
            Case(inputs: 17, outputs: 33, height: 3, width: 6, batch: batch),
            Case(inputs: 65, outputs: 8, height: 28, width: 28, batch: batch),
            Case(inputs: 8, outputs: 64, height: 13, width: 16, batch: batch),
            // More outputs than are worked out at a time.
            Case(inputs: 9, outputs: 131, height: 8, width: 8, batch: batch),
        ]
    }

    @Test(
        "outputs and both gradients agree with the plainest loops, in every instruction set",
        arguments: cases + wideCases)
    func convolutions(_ subject: Case) {
        let reference = ConvolutionReference(subject.convolution, batch: subject.batch)
        for instructionSet in InstructionSet.available {
            check(reference, subject, ImageKernels<Float>(instructionSet), "\(instructionSet)")
            check(reference, subject, ImageKernels<Double>(instructionSet), "\(instructionSet), double")
        }
    }

    @Test("Winograd's products serve wide layers with stride 1 on images that tiles of 4 × 4 fill")
    func winogradCases() {
        let uses = Self.cases.map(\.convolution.usesWinograd)
        #expect(!uses.contains(true))
        let wide = Self.wideCases.map(\.convolution.usesWinograd)
        #expect(!wide.contains(false))
        for (side, size, stride) in [(5, 3, 1), (2, 3, 1), (8, 1, 1), (8, 3, 2)] {
            let image = ImageBlock(channels: 64, height: side, width: side)
            #expect(!Convolution(image, outputs: 64, size: size, stride: stride).usesWinograd)
        }
    }

    private func check<Scalar: Real>(
        _ reference: ConvolutionReference, _ subject: Case, _ kernels: ImageKernels<Scalar>, _ title: String
    ) {
        let convolution = subject.convolution
        let weights = reference.weights.map { Scalar($0) }
        let packed = Buffer<Scalar>(count: 2 * convolution.packedCount)
        let (forward, backward) = (packed.pointer, packed.pointer + convolution.packedCount)
        let scratch = Buffer<Scalar>(count: convolution.scratchCount)
        kernels.pack(weights: weights, for: [convolution.forward], into: forward)
        kernels.pack(weights: weights, for: convolution.backward, into: backward)
        let (x, dy) = (reference.input.blocks(kernels), reference.outputGradient.blocks(kernels))
        let blocks = ImageBlock.blocks(for: subject.batch)
        let y = Buffer<Scalar>(count: blocks * convolution.output.count)
        let dx = Buffer<Scalar>(count: blocks * convolution.input.count)
        let gradient = Buffer<Scalar>(count: convolution.weightCount)
        for block in 0..<blocks {
            let (from, to) = (block * convolution.input.count, block * convolution.output.count)
            kernels.convolve(
                convolution, x.pointer + from, packed: forward, scratch: scratch.pointer,
                epilogue: ConvolutionEpilogue(),
                into: y.pointer + to)
            kernels.convolveBackward(
                convolution, dy.pointer + to, packed: backward, scratch: scratch.pointer,
                epilogue: ConvolutionEpilogue(),
                into: dx.pointer + from)
            kernels.addWeightGradient(
                convolution, x.pointer + from, dy.pointer + to, scratch: scratch.pointer,
                to: gradient.pointer)
        }
        // Sums of n products of numbers below 1, each of which errs by half an ulp of the sum so far, in any order;
        // Winograd's transforms have factors of up to 8 on either side and cost one digit more.
        let ulp = roundingError(Scalar.self) * (convolution.usesWinograd ? 10 : 1)
        let terms = Double(max(subject.inputs, subject.outputs) * subject.size * subject.size)
        let tolerance = 2 * terms * terms.squareRoot() * ulp
        #expect(reference.output.largestDifference(from: y, kernels) <= tolerance, "output, \(title)")
        #expect(reference.inputGradient.largestDifference(from: dx, kernels) <= tolerance, "dx, \(title)")
        let places = Double(convolution.output.height * convolution.output.width * subject.batch)
        let largest = zip(gradient.array, reference.weightGradient).reduce(0) {
            max($0, abs(Double($1.0) - $1.1))
        }
        #expect(largest <= 2 * places * places.squareRoot() * ulp, "weights, \(title)")
    }

    @Test("AVX2 and AVX-512 give the same bits")
    func sameBits() {
        guard InstructionSet.avx512.isAvailable else { return }
        for subject in Self.cases + Self.wideCases {
            let (a, b) = (forwardBits(subject, .avx2), forwardBits(subject, .avx512))
            let isSame = a == b
            #expect(isSame, "\(subject.testDescription)")
        }
    }

    /// One block of outputs and the gradient of the weights, where the outputs stand for their own gradient.
    private func forwardBits(_ subject: Case, _ instructionSet: InstructionSet) -> [Float] {
        let kernels = ImageKernels<Float>(instructionSet)
        let convolution = subject.convolution
        let x = ImageReference(subject.inputs, subject.height, subject.width, batch: 16, seed: 4).blocks(
            kernels)
        let weights = ImageReference(convolution.weightCount, 1, 1, batch: 1, seed: 5).values.map(Float.init)
        let packed = Buffer<Float>(count: convolution.packedCount)
        let scratch = Buffer<Float>(count: convolution.scratchCount)
        let y = Buffer<Float>(count: convolution.output.count)
        let gradient = Buffer<Float>(count: convolution.weightCount)
        kernels.pack(weights: weights, for: [convolution.forward], into: packed.pointer)
        kernels.convolve(
            convolution, x.pointer, packed: packed.pointer, scratch: scratch.pointer,
            epilogue: ConvolutionEpilogue(rectifies: true),
            into: y.pointer)
        kernels.addWeightGradient(
            convolution, x.pointer, y.pointer, scratch: scratch.pointer, to: gradient.pointer)
        return y.array + gradient.array
    }

    @Test("lanes without an example change no sum over a batch", arguments: InstructionSet.available)
    func paddingLanes(_ instructionSet: InstructionSet) {
        let kernels = ImageKernels<Float>(instructionSet)
        let image = ImageReference(3, 4, 5, batch: 7, seed: 8)
        let x = image.blocks(kernels)
        let centre: [Float] = [0.5, -0.25, 0]
        func sums() -> [Double] {
            var sums = Array(repeating: 0.0, count: 9)
            sums.withUnsafeMutableBufferPointer { sums in
                guard let start = sums.baseAddress else { return }
                kernels.channelSums(image.shape, x.pointer, 7, start)
                kernels.channelSquares(image.shape, x.pointer, centre, 7, start + 3)
                kernels.channelProducts(image.shape, x.pointer, x.pointer, centre, 7, start + 6)
            }
            return sums
        }
        let before = sums()
        for place in 0..<x.count where place % 16 >= 7 { x.pointer[place] = 1e6 }
        #expect(sums() == before)
        var expected = Array(repeating: 0.0, count: 9)
        image.visit { n, c, y, x in
            let (value, shifted) = (image[n, c, y, x], image[n, c, y, x] - Double(centre[c]))
            expected[c] += value
            expected[3 + c] += shifted * shifted
            expected[6 + c] += value * shifted
        }
        // 140 terms below 2 in single precision.
        let largest = zip(before, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(largest <= 140 * 2 * roundingError(Float.self))
    }
}

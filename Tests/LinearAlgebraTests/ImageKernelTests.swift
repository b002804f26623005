import Basics
import LinearAlgebra
import Testing

/// What lies between convolutions, on one block of images, against the plainest loops in double precision.
@Suite("Image kernels")
struct ImageKernelTests {
    /// A shape with as many examples as a block may hold, in one instruction set.
    struct Case: Sendable, CustomTestStringConvertible {
        let shape: ImageBlock
        let lanes: Int
        let instructionSet: InstructionSet

        var testDescription: String {
            "\(shape.channels) × \(shape.height) × \(shape.width), \(lanes) examples, \(instructionSet)"
        }

        func images(_ seed: UInt64) -> ImageReference {
            ImageReference(shape.channels, shape.height, shape.width, batch: lanes, seed: seed)
        }
    }

    static let cases: [Case] = InstructionSet.available.flatMap { instructionSet in
        [(1, 5, 7), (3, 8, 8), (17, 4, 6), (5, 1, 1), (2, 28, 28), (3, 32, 32)].flatMap { c, h, w in
            [1, 7, 16].map {
                Case(
                    shape: ImageBlock(channels: c, height: h, width: w), lanes: $0,
                    instructionSet: instructionSet)
            }
        }
    }

    @Test("columns come back as they were packed, inside a border that is cleared alone", arguments: cases)
    func border(of subject: Case) {
        checkBorder(subject, ImageKernels<Float>(subject.instructionSet))
        checkBorder(subject, ImageKernels<Double>(subject.instructionSet))
    }

    private func checkBorder<Scalar: Real>(_ subject: Case, _ kernels: ImageKernels<Scalar>) {
        let images = subject.images(1)
        let shape = subject.shape
        let block = Buffer<Scalar>(count: shape.count)
        block.assign(Array(repeating: 7, count: shape.count))
        kernels.clearBorder(shape, block.pointer)
        let inside = Double(shape.unitCount * ImageBlock.lanes)
        #expect(block.array.reduce(0) { $0 + Double($1) } == 7 * inside)
        let columns = images.values.map { Scalar($0) }
        columns.withUnsafeBufferPointer { columns in
            guard let start = columns.baseAddress else { return }
            kernels.pack(shape, start, subject.lanes, subject.lanes, block.pointer)
        }
        let total = block.array.reduce(0) { $0 + abs(Double($1)) }
        let expected = images.values.reduce(0) { $0 + abs($1) }
        #expect(
            abs(total - expected) < 1e-9 * max(1, expected), "zeros beyond the examples and on the border")
        #expect(images.largestDifference(from: block, kernels) == 0)
    }

    @Test("bytes come into a block as they would into columns", arguments: cases)
    func bytes(of subject: Case) {
        checkBytes(subject, ImageKernels<Float>(subject.instructionSet))
        checkBytes(subject, ImageKernels<Double>(subject.instructionSet))
    }

    private func checkBytes<Scalar: Real>(_ subject: Case, _ kernels: ImageKernels<Scalar>) {
        let shape = subject.shape
        var generator = SeededGenerator(seed: 8, stream: "bytes")
        let bytes = (0..<20 * shape.unitCount).map { _ in UInt8(generator.index(below: 256)) }
        let rows = (0..<20).map { ($0 * 7) % 20 }
        let indices = (0..<subject.lanes).map { ($0 * 3 + 1) % 20 }
        let scales = ByteScales(
            gains: numbers(shape.channels, seed: 1), shifts: numbers(shape.channels, seed: 2))
        let block = Buffer<Scalar>(count: shape.count)
        kernels.gather(
            shape, bytes, rows, indices, subject.lanes, scales.gains, scales.shifts, block.pointer)
        var expected = ImageReference(shape.channels, shape.height, shape.width, batch: subject.lanes)
        expected.visit { n, c, y, x in
            let place = rows[indices[n]] * shape.unitCount + (c * shape.height + y) * shape.width + x
            expected[n, c, y, x] = Double(scales.scaled(bytes[place], plane: c))
        }
        #expect(expected.largestDifference(from: block, kernels) == 0)
        let border = block.array.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
        #expect(border >= (shape.count - shape.unitCount * ImageBlock.lanes), "the border stays zero")
    }

    @Test("sums, squares and products of channels count the examples and nothing else", arguments: cases)
    func sums(of subject: Case) {
        checkSums(subject, ImageKernels<Float>(subject.instructionSet))
        checkSums(subject, ImageKernels<Double>(subject.instructionSet))
    }

    private func checkSums<Scalar: Real>(_ subject: Case, _ kernels: ImageKernels<Scalar>) {
        let (x, g) = (subject.images(1), subject.images(2))
        let channels = subject.shape.channels
        let (a, b) = (filled(x, kernels), filled(g, kernels))
        let centres = numbers(channels, seed: 3)
        let centre = Buffer<Scalar>(count: channels)
        centre.assign(centres.map { Scalar($0) })
        let found = Buffer<Double>(count: 3 * channels)
        found.assign(Array(repeating: 0.5, count: 3 * channels))
        kernels.channelSums(x.shape, a.pointer, x.batch, found.pointer)
        kernels.channelSquares(x.shape, a.pointer, centre.pointer, x.batch, found.pointer + channels)
        kernels.channelProducts(
            x.shape, b.pointer, a.pointer, centre.pointer, x.batch, found.pointer + 2 * channels)
        var expected = Array(repeating: 0.5, count: 3 * channels)
        var sizes = Array(repeating: 0.5, count: 3 * channels)
        x.visit { n, c, row, column in
            let (value, slope) = (x[n, c, row, column], g[n, c, row, column])
            let distance = value - centres[c]
            for (sum, term) in [value, distance * distance, slope * distance].enumerated() {
                expected[sum * channels + c] += term
                sizes[sum * channels + c] += abs(term)
            }
        }
        // The roundings of so many additions, either way, walk at random; each is at most that of the whole sum.
        let additions = Double(x.batch * x.height * x.width)
        let rounding = 2 * Double(Scalar.ulpOfOne) * additions.squareRoot()
        for index in expected.indices {
            let difference = abs(found.pointer[index] - expected[index])
            #expect(difference <= rounding * sizes[index], "sum \(index)")
        }
    }

    @Test("normalisation and its gradient are what they say, with and without each part", arguments: cases)
    func normalization(of subject: Case) {
        for isNormal in [true, false] {
            for hasMore in [true, false] {
                checkNormalization(
                    subject, ImageKernels<Float>(subject.instructionSet), isNormal, hasMore, 1e-5)
                checkNormalization(
                    subject, ImageKernels<Double>(subject.instructionSet), isNormal, hasMore, 1e-13)
            }
        }
    }

    private func checkNormalization<Scalar: Real>(
        _ subject: Case, _ kernels: ImageKernels<Scalar>, _ isNormal: Bool, _ hasMore: Bool,
        _ tolerance: Double
    ) {
        let (x, g, more) = (subject.images(1), subject.images(2), subject.images(4))
        let channels = subject.shape.channels
        let (a, b, addend) = (filled(x, kernels), filled(g, kernels), filled(more, kernels))
        let coefficients = (0..<4).map { numbers(channels, seed: 10 + UInt64($0)) }
        let all = Buffer<Scalar>(count: 4 * channels)
        all.assign(coefficients.joined().map { Scalar($0) })
        let places = (0..<4).map { UnsafePointer(all.pointer + $0 * channels) }
        let added = hasMore ? UnsafePointer(addend.pointer) : nil
        let y = Buffer<Scalar>(count: x.shape.count)
        kernels.normalize(
            x.shape, a.pointer, isNormal ? places[0] : nil, places[1], places[2], added, hasMore, y.pointer)
        let dx = Buffer<Scalar>(count: x.shape.count)
        kernels.normalizeBackward(
            x.shape, b.pointer, a.pointer, isNormal ? places[0] : nil, places[1], places[3], places[2],
            x.batch, added, hasMore ? UnsafePointer(a.pointer) : nil, dx.pointer)
        var (forward, backward) = (x, g)
        x.visit { n, c, row, column in
            let value = x[n, c, row, column]
            let (middle, scale) = (coefficients[0][c], coefficients[1][c])
            let (shift, slope) = (coefficients[2][c], coefficients[3][c])
            var result = isNormal ? (value - middle) * scale + shift : value
            var gradient = g[n, c, row, column]
            if isNormal { gradient = scale * gradient + slope * (value - middle) + shift }
            if hasMore {
                result = max(0, result + more[n, c, row, column])
                gradient = value > 0 ? gradient + more[n, c, row, column] : 0
            }
            forward[n, c, row, column] = result
            backward[n, c, row, column] = gradient
        }
        #expect(forward.largestDifference(from: y, kernels) <= tolerance)
        #expect(backward.largestDifference(from: dx, kernels) <= tolerance)
    }

    @Test(
        "pools pass on the greatest or the mean, and gradients go back to where it came from",
        arguments: cases)
    func pools(of subject: Case) {
        checkPools(subject, ImageKernels<Float>(subject.instructionSet), 1e-6)
        checkPools(subject, ImageKernels<Double>(subject.instructionSet), 1e-13)
    }

    private func checkPools<Scalar: Real>(
        _ subject: Case, _ kernels: ImageKernels<Scalar>, _ tolerance: Double
    ) {
        let shape = subject.shape
        for (height, width) in [(2, 2), (3, 2), (shape.height, shape.width)]
        where height <= shape.height && width <= shape.width {
            for onlyPositive in [false, true] {
                checkGreatest(subject, kernels, height, width, onlyPositive)
            }
        }
        let x = subject.images(1)
        let slope = ImageReference(shape.channels, 1, 1, batch: x.batch, seed: 6)
        var (mean, back) = (ImageReference(shape.channels, 1, 1, batch: x.batch), x)
        let places = Double(shape.height * shape.width)
        x.visit { n, c, row, column in
            mean[n, c, 0, 0] += x[n, c, row, column] / places
            back[n, c, row, column] = x[n, c, row, column] > 0 ? slope[n, c, 0, 0] / places : 0
        }
        let (a, dy) = (filled(x, kernels), filled(slope, kernels))
        let (y, dx) = (Buffer<Scalar>(count: mean.shape.count), Buffer<Scalar>(count: shape.count))
        kernels.averagePool(shape, a.pointer, y.pointer)
        kernels.averagePoolBackward(shape, dy.pointer, a.pointer, dx.pointer)
        #expect(mean.largestDifference(from: y, kernels) <= tolerance)
        #expect(back.largestDifference(from: dx, kernels) <= tolerance)
    }

    private func checkGreatest<Scalar: Real>(
        _ subject: Case, _ kernels: ImageKernels<Scalar>, _ height: Int, _ width: Int, _ onlyPositive: Bool
    ) {
        let shape = subject.shape
        // Quarters, so that windows hold equal numbers.
        var x = subject.images(1)
        x.values = x.values.map { ($0 * 4).rounded() / 4 }
        var y = ImageReference(
            shape.channels, shape.height / height, shape.width / width, batch: x.batch, seed: 5)
        let slope = y
        var back = ImageReference(shape.channels, shape.height, shape.width, batch: x.batch)
        y.visit { n, c, row, column in
            var (best, place) = (-Double.infinity, (0, 0))
            for j in row * height..<(row + 1) * height {
                for i in column * width..<(column + 1) * width where x[n, c, j, i] > best {
                    (best, place) = (x[n, c, j, i], (j, i))
                }
            }
            y[n, c, row, column] = best
            back[n, c, place.0, place.1] = onlyPositive && best <= 0 ? 0 : slope[n, c, row, column]
        }
        let (a, dy) = (filled(x, kernels), filled(slope, kernels))
        let (pooled, dx) = (Buffer<Scalar>(count: y.shape.count), Buffer<Scalar>(count: shape.count))
        dx.assign(Array(repeating: 9, count: shape.count))
        kernels.maxPool(shape, a.pointer, height, width, pooled.pointer)
        kernels.maxPoolBackward(
            shape, a.pointer, pooled.pointer, dy.pointer, height, width, onlyPositive, dx.pointer)
        #expect(y.largestDifference(from: pooled, kernels) == 0, "\(height) × \(width)")
        #expect(back.largestDifference(from: dx, kernels) == 0, "\(height) × \(width), \(onlyPositive)")
    }

    /// Images in one block, whose other lanes hold what no sum may count.
    private func filled<Scalar: Real>(_ images: ImageReference, _ kernels: ImageKernels<Scalar>) -> Buffer<
        Scalar
    > {
        let block = images.blocks(kernels)
        for index in 0..<block.count where index % ImageBlock.lanes >= images.batch {
            block.pointer[index] = 55
        }
        return block
    }

    private func numbers(_ count: Int, seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed, stream: "coefficients")
        return (0..<count).map { _ in Double(Float(generator.uniform(-1, 1))) }
    }
}

public import LinearAlgebra
internal import Sweeps

extension Samples {
    /// Brings samples side by side, scaled, as networks want their inputs.
    ///
    /// Column b of `input` [D × B] ← sample `indices[b]`. Allocates nothing.
    ///
    /// - Precondition: The indices are in 0..<N, and `input` has the shape that they need.
    public func gather<Scalar: Real>(
        _ indices: UnsafeBufferPointer<Int>, into input: Matrix<Scalar>
    ) {
        precondition(
            input.rows == shape.count && input.columns == indices.count,
            "\(indices.count) samples of \(shape) into [\(input.rows) × \(input.columns)]")
        guard let first = indices.baseAddress else { return }
        assert(indices.allSatisfy { $0 >= 0 && $0 < count }, "an index outside the \(count) samples")
        switch pixels {
        case .bytes where !prescaled.isEmpty:
            prescaled.withUnsafeBufferPointer { numbers in
                guard let numbers = numbers.baseAddress else { return }
                Scalar.gather(numbers, rows: first, into: input)
            }
        case .bytes(let bytes, let rows, let scales, _):
            rows.withUnsafeBufferPointer { rows in
                guard let rows = rows.baseAddress else { return }
                Scalar.gather(bytes: bytes.pointer, rows: rows, first, scales: scales, into: input)
            }
        case .numbers(let numbers):
            numbers.withUnsafeBufferPointer { numbers in
                guard let numbers = numbers.baseAddress else { return }
                Scalar.gather(numbers, rows: first, into: input)
            }
        }
    }

    /// Brings samples into blocks of images, scaled, where they are bytes.
    ///
    /// - Returns: Whether they are.
    /// - Precondition: As that of the other `gather`.
    public func gather<Scalar: Real>(
        _ indices: UnsafeBufferPointer<Int>, into images: ImageBatch<Scalar>
    ) -> Bool {
        guard case .bytes(let bytes, let rows, let scales, _) = pixels else { return false }
        rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            images.gather(bytes: bytes.pointer, rows: rows, indices, scales: scales)
        }
        return true
    }

    /// Brings samples side by side, for callers whose indices are an array.
    ///
    /// - Precondition: As that of the other `gather`.
    public func gather<Scalar: Real>(_ indices: [Int], into input: Matrix<Scalar>) {
        indices.withUnsafeBufferPointer { gather($0, into: input) }
    }

    /// One sample, scaled: [D].
    ///
    /// For pictures and tests; batches are gathered.
    public func input(_ index: Int) -> [Float] { pixels.scaled(index, shape) }

    /// All samples, scaled: [N × D].
    ///
    /// A copy four times the size of the bytes, for small sets and tests.
    public var inputs: [Float] { pixels.scaled(shape) }

    /// One sample as it was before scaling, in [0, 1] where it is an image of bytes: [D].
    ///
    /// What networks see of a pixel x of channel c is (x − `scaling[c].mean`) / `scaling[c].deviation`.
    public func unitImage(_ index: Int) -> [Float] {
        let plane = shape.height * shape.width
        if case .bytes(let bytes, let rows, _, let pixelMax) = pixels {
            let image = UnsafeBufferPointer(
                start: bytes.pointer + rows[index] * shape.count, count: shape.count)
            return image.map { Float($0) / pixelMax }
        }
        return input(index).enumerated().map { position, value in
            let scaling = scaling[position / plane]
            return Float(Double(value) * scaling.deviation + scaling.mean)
        }
    }
}

extension Samples.Pixels {
    /// One image, scaled: [D].
    fileprivate func scaled(_ index: Int, _ shape: ImageShape) -> [Float] {
        switch self {
        case .numbers(let numbers): return Array(numbers[index * shape.count..<(index + 1) * shape.count])
        case .bytes(let bytes, let rows, let scales, _):
            let plane = shape.height * shape.width
            let image = bytes.pointer + rows[index] * shape.count
            return (0..<shape.count).map { scales.scaled(image[$0], plane: $0 / plane) }
        }
    }

    /// All images, scaled: [N × D].
    func scaled(_ shape: ImageShape) -> [Float] {
        switch self {
        case .numbers(let numbers): numbers
        case .bytes(_, let rows, _, _): rows.indices.flatMap { scaled($0, shape) }
        }
    }
}

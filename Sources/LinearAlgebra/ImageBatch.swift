/// Where networks on images read a batch: blocks of 16 examples, [⌈B/16⌉][C][H + 2][W + 2][16].
///
/// A window that owns nothing, like ``Matrix``; borders are zero from the beginning.
public struct ImageBatch<Scalar: Real>: @unchecked Sendable {
    private let pointer: UnsafeMutablePointer<Scalar>
    public let shape: ImageBlock

    public init(_ pointer: UnsafeMutablePointer<Scalar>, shape: ImageBlock) {
        (self.pointer, self.shape) = (pointer, shape)
    }

    /// The first number of a block.
    public func block(_ index: Int) -> UnsafeMutablePointer<Scalar> { pointer + index * shape.count }

    /// Example b ← image `rows[indices[b]]` of `bytes` [N × D], scaled to the bits that columns would get.
    ///
    /// - Precondition: There is room, and the caller has checked that the rows are in 0..<N.
    public func gather(
        bytes: UnsafePointer<UInt8>, rows: UnsafePointer<Int>, _ indices: UnsafeBufferPointer<Int>,
        scales: ByteScales
    ) {
        precondition(scales.count == shape.channels, "\(scales.count) scales for \(shape.channels) channels")
        guard let first = indices.baseAddress else { return }
        scales.gains.withUnsafeBufferPointer { gains in
            scales.shifts.withUnsafeBufferPointer { shifts in
                guard let gains = gains.baseAddress, let shifts = shifts.baseAddress else { return }
                for index in 0..<ImageBlock.blocks(for: indices.count) {
                    Scalar.images.gather(
                        shape, bytes, rows, first + index * ImageBlock.lanes,
                        ImageBlock.lanes(of: indices.count, inBlock: index), gains, shifts, block(index))
                }
            }
        }
    }
}

/// The bytes of images, one after the other: [N × D].
///
/// Whoever takes some of the images holds this block and their rows, never a copy: tasks of a process share it, and
/// where it is mapped from a file so do the processes of a node.
package final class ImageBytes: @unchecked Sendable {
    /// The first byte; the block never changes.
    package let pointer: UnsafePointer<UInt8>
    package let count: Int
    private let release: @Sendable () -> Void

    /// A copy of `bytes`.
    package convenience init(_ bytes: some Collection<UInt8>) {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1, alignment: 64)
        block.copyBytes(from: bytes)
        nonisolated(unsafe) let owned = block
        self.init(UnsafeRawBufferPointer(block), count: bytes.count) { owned.deallocate() }
    }

    /// The first `count` bytes of a block that somebody else allocated or mapped.
    ///
    /// - Parameters:
    ///   - block: Not empty; never written again.
    ///   - count: How many of its bytes are images.
    ///   - release: Gives the block back.
    init(_ block: UnsafeRawBufferPointer, count: Int, release: @escaping @Sendable () -> Void) {
        guard let first = block.baseAddress, count <= block.count else {
            preconditionFailure("\(count) bytes in a block of \(block.count)")
        }
        pointer = first.assumingMemoryBound(to: UInt8.self)
        self.count = count
        self.release = release
    }

    deinit { release() }
}

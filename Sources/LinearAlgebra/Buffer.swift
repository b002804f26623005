/// Owns one aligned block of numbers; everything inside a training step is a window into such blocks.
///
/// The block starts at a multiple of 64 bytes (a cache line and the widest vector) and holds zeros at first.
public final class Buffer<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>: @unchecked Sendable {
    /// The first element.
    ///
    /// A `let`, so that loops pay no exclusivity check.
    public let pointer: UnsafeMutablePointer<Element>
    public let count: Int

    /// Allocates `count` zeros.
    public init(count: Int) {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        // The zero of every number is zero bytes; bytes, because copying unspecialised elements one by one takes ten times as long.
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        pointer = raw.bindMemory(to: Element.self, capacity: count)
        self.count = count
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    /// The elements as an array: for tests, files and messages, never for loops.
    public var array: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// Copies `elements` to the start of the block.
    ///
    /// - Precondition: they fit.
    public func assign(_ elements: some Collection<Element>) {
        precondition(elements.count <= count, "\(elements.count) elements for a block of \(count)")
        for (index, element) in elements.enumerated() { pointer[index] = element }
    }
}

/// Reads what a ``ByteWriter`` wrote; `nil` where the bytes end too early or make no sense.
///
/// Bytes come from networks and disks, so nothing here traps and nothing is allocated before its length is known
/// to be there. What is small is inlined into other modules: generic calls across them cost more than the reading.
public struct ByteReader: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline var offset = 0

    @inlinable
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes are left.
    @inlinable public var remainingCount: Int { bytes.count - offset }

    /// True once every byte has been read.
    @inlinable public var isAtEnd: Bool { remainingCount == 0 }

    @inlinable
    public mutating func read(count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= remainingCount else { return nil }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    @inlinable
    public mutating func read<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard size <= remainingCount else { return nil }
        defer { offset += size }
        return bytes.withUnsafeBytes {
            Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
    }

    @inlinable
    public mutating func readDouble() -> Double? { read(UInt64.self).map(Double.init(bitPattern:)) }

    @inlinable
    public mutating func readText() -> String? {
        guard let count = read(UInt32.self), let slice = read(count: Int(count)) else { return nil }
        return String(validating: slice, as: UTF8.self)
    }
}

/// Reads what a ``ByteWriter`` wrote; `nil` where the bytes end too early or make no sense.
///
/// Bytes come from networks and disks, so nothing here traps and nothing is allocated before its length is known
/// to be there.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    private var offset = 0

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes are left.
    public var remainingCount: Int { bytes.count - offset }

    /// True once every byte has been read.
    public var isAtEnd: Bool { remainingCount == 0 }

    public mutating func read(count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= remainingCount else { return nil }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    public mutating func read<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        guard let slice = read(count: MemoryLayout<Value>.size) else { return nil }
        return slice.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(as: Value.self)) }
    }

    public mutating func readDouble() -> Double? { read(UInt64.self).map(Double.init(bitPattern:)) }

    public mutating func readText() -> String? {
        guard let count = read(UInt32.self), let slice = read(count: Int(count)) else { return nil }
        return String(validating: slice, as: UTF8.self)
    }
}

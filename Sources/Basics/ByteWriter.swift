/// Appends numbers and texts to a growing array of bytes, little-endian: the one binary notation of the project.
///
/// Inlined into other modules: generic calls across them cost more than the writing.
public struct ByteWriter: Sendable {
    @usableFromInline var written: [UInt8] = []

    @inlinable
    public init() {}

    /// What has been written so far.
    @inlinable public var bytes: [UInt8] { written }

    @inlinable
    public mutating func append(_ more: some Sequence<UInt8>) { written.append(contentsOf: more) }

    @inlinable
    public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { written.append(contentsOf: $0) }
    }

    /// Appends the 64 bits of `value`, so that NaN payloads and signed zeros survive.
    @inlinable
    public mutating func append(_ value: Double) { append(value.bitPattern) }

    /// Appends the length in bytes (32 bits) and then the UTF-8 of `text`.
    @inlinable
    public mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        written.append(contentsOf: text.utf8)
    }
}

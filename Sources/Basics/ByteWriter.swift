/// Appends numbers and texts to a growing array of bytes, little-endian: the one binary notation of the project.
public struct ByteWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends the 64 bits of `value`, so that NaN payloads and signed zeros survive.
    public mutating func append(_ value: Double) { append(value.bitPattern) }

    /// Appends the length in bytes (32 bits) and then the UTF-8 of `text`.
    public mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

public import Basics

/// Which sweep a message speaks of: a worker of one sweep is never mistaken for a worker of another.
public struct SweepID: Hashable, Sendable, CustomStringConvertible {
    public let value: UInt64

    public init(_ value: UInt64) { self.value = value }

    /// The first eight bytes of a hash, such as that of the resolved specification.
    public init(_ hash: ContentHash) { value = hash.leadingBits }

    /// What a worker says that has not been told yet.
    public static let unknown = SweepID(0)

    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

import Basics

/// The name of a task, made from what it computes: the same parameters are the same task, in every sweep, run
/// directory and cluster.
///
/// Eight bytes, so that a million of them are eight megabytes.
public struct TaskID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first eight bytes of the hash, the first of them most significant.
    private let bits: UInt64

    /// Raised when the same configuration starts to give other bits (another initialisation, another order of sums).
    public static let numericVersion = 1

    /// The first 16 digits of a hash over the resolved scientific configuration and ``numericVersion``.
    public init(of configuration: Setting) { self.init(ofCanonicalText: configuration.canonicalText) }

    /// The id of a configuration's training alone: the same for tasks that differ in nothing but what they measure.
    public init(ofTrainingIn configuration: Setting) {
        var training = configuration
        training["measure"] = nil
        self.init(of: training)
    }

    /// The id of the configuration that has this canonical text.
    init(ofCanonicalText text: String) {
        self.init(TaskID.prefix(ofCanonicalText: ""), text)
    }

    /// The id of the configuration whose canonical text begins with `prefix` and goes on with `rest`.
    init(_ prefix: ContentHash.Prefix, _ rest: String) {
        bits = ContentHash(of: prefix, rest).leadingBits
    }

    /// What the ids of all configurations have in common whose canonical text begins with `text`.
    static func prefix(ofCanonicalText text: String) -> ContentHash.Prefix {
        ContentHash.Prefix("descent numeric version \(numericVersion)\n" + text)
    }

    /// An id read back from its text; `nil` unless it is 16 lower-case hexadecimal digits.
    public init?(_ text: String) {
        guard text.utf8.count == 16 else { return nil }
        var bits: UInt64 = 0
        for byte in text.utf8 {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            bits = bits << 4 | UInt64(digit)
        }
        self.bits = bits
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Sixteen lower-case hexadecimal digits.
    public var text: String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for place in 0..<16 { buffer[place] = TaskID.digits[Int(bits >> UInt64(60 - 4 * place) & 15)] }
            return 16
        }
    }

    public static func < (a: TaskID, b: TaskID) -> Bool { a.bits < b.bits }

    public var description: String { text }
}

import Basics

/// The name of a task, made from what it computes: the same parameters are the same task, in every sweep, run
/// directory and cluster.
public struct TaskID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Sixteen lower-case hexadecimal digits.
    public let text: String

    /// Raised when the same configuration starts to give other bits (another initialisation, another order of sums).
    public static let numericVersion = 1

    /// The first 16 digits of a hash over the resolved scientific configuration and ``numericVersion``.
    public init(of configuration: Setting) {
        let hash = ContentHash(
            of: "descent numeric version \(TaskID.numericVersion)\n" + configuration.canonicalText)
        text = String(hash.hexadecimal.prefix(16))
    }

    /// An id read back from its text; `nil` unless it is 16 lower-case hexadecimal digits.
    public init?(_ text: String) {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ ("0123456789abcdef".utf8).contains($0) }) else {
            return nil
        }
        self.text = text
    }

    public static func < (a: TaskID, b: TaskID) -> Bool { a.text < b.text }

    public var description: String { text }
}

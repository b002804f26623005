public import Basics
public import Sweeps

/// How an attempt ended: what travels in RESULT or FAIL and lies in the worker's outbox until it is acknowledged.
public enum AttemptReport: Hashable, Sendable {
    case result(ResultReport)
    case failure(FailureReport)

    public var assignment: Assignment {
        switch self {
        case .result(let report): report.assignment
        case .failure(let report): report.assignment
        }
    }

    /// The hash of the result; `nil` for a failure.
    public var contentHash: ContentHash? {
        if case .result(let report) = self { report.contentHash } else { nil }
    }
}

/// A complete result: all that a task measured, as canonical bytes.
public struct ResultReport: Hashable, Sendable {
    public let assignment: Assignment
    /// The hash of ``bytes``; checked when the message is decoded, so that whoever holds a report may rely on it.
    public let contentHash: ContentHash
    /// The canonical encoding of a `TaskResult`.
    public let bytes: [UInt8]
    /// How long training and probing took on the worker.
    public let elapsed: Duration

    public init(assignment: Assignment, contentHash: ContentHash, bytes: [UInt8], elapsed: Duration) {
        self.assignment = assignment
        self.contentHash = contentHash
        self.bytes = bytes
        self.elapsed = elapsed
    }
}

/// Why an attempt ended without a result.
public struct FailureReport: Hashable, Sendable {
    public let assignment: Assignment
    public let failureClass: FailureClass
    /// One sentence for people, with the last output where a process died.
    public let message: String

    /// A report with the last ``messageBytesMax`` bytes of `message`: the end of an output says why it ended.
    public init(assignment: Assignment, failureClass: FailureClass, message: String) {
        self.assignment = assignment
        self.failureClass = failureClass
        self.message =
            message.utf8.count <= FailureReport.messageBytesMax
            ? message
            : String(decoding: message.utf8.suffix(FailureReport.messageBytesMax - 8), as: UTF8.self)
    }

    /// Longest message, in bytes of UTF-8.
    public static let messageBytesMax = 8 << 10
}

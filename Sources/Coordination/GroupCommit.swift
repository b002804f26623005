public import Basics

/// Gathers writes into batches for one commit each, and keeps their order through failures.
///
/// A commit that reaches the disk takes milliseconds whether it holds one row or hundreds. The thread that owns the
/// store adds every write the coordinator asks for, commits when ``isDue(at:)`` says so, and tells the outcome:
///
///     commit.add(write, sequence: sequence, at: now)
///     if commit.isDue(at: now) {
///         let batch = commit.takeBatch()
///         do { try store.write(batch); answer(.stored(through: commit.succeeded())) }
///         catch { commit.failed(); answer(.storeFailed("…")) }
///     }
///
/// After a failure everything from the first write of the failed batch on is dropped until the coordinator asks for
/// it again, so that a later write can never become durable before an earlier one.
public struct GroupCommit: Sendable {
    /// So many writes do not wait for more: enough to hide the cost of the disk.
    public static let writesWanted = 256
    /// Most writes in one commit, where many came while the last one was under way.
    public static let writesMax = 2048
    /// Longest wait of a write for company.
    public static let delayMax = Duration.milliseconds(5)

    /// The sequence number of the first write that is not durable, which is the first of a batch under way.
    public private(set) var expected: UInt64 = 1
    private var waiting: [StoreWrite] = []
    private var committing: [StoreWrite] = []
    private var oldest: Instant?

    public init() {}

    /// Takes a write in; one that is out of sequence is dropped, for it will be asked for again.
    public mutating func add(_ write: StoreWrite, sequence: UInt64, at now: Instant) {
        guard sequence == expected + UInt64(committing.count + waiting.count) else { return }
        if waiting.isEmpty { oldest = now }
        waiting.append(write)
    }

    /// When a commit is due; `nil` while nothing waits or a commit is under way.
    public var deadline: Instant? { committing.isEmpty ? oldest.map { $0 + GroupCommit.delayMax } : nil }

    /// True when the oldest write has waited long enough, or many wait.
    public func isDue(at now: Instant) -> Bool {
        guard let deadline else { return false }
        return deadline <= now || waiting.count >= GroupCommit.writesWanted
    }

    /// The writes to commit now, in order; answer with ``succeeded()`` or ``failed()``.
    ///
    /// - Precondition: No commit is under way.
    public mutating func takeBatch() -> [StoreWrite] {
        precondition(committing.isEmpty, "a commit of \(committing.count) writes is under way")
        committing = Array(waiting.prefix(GroupCommit.writesMax))
        waiting.removeFirst(committing.count)
        if waiting.isEmpty { oldest = nil }
        return committing
    }

    /// The batch is durable.
    ///
    /// - Returns: The sequence number through which everything is durable.
    public mutating func succeeded() -> UInt64 {
        expected += UInt64(committing.count)
        committing = []
        return expected - 1
    }

    /// The batch is not durable, nor is anything that came after it.
    public mutating func failed() {
        committing = []
        waiting = []
        oldest = nil
    }
}

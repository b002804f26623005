public import Messaging

/// Decides who may speak in which session, before the ``Coordinator`` hears a word.
///
/// A session belongs to the key whose first frame opened it. A key named `lab` speaks for the workers `lab.…` and for
/// nobody else, so that a lease, which belongs to a worker, belongs to a key. Whoever breaks the protocol again and
/// again is not listened to any more, which costs one look into a table a message.
///
/// Like the coordinator it does no I/O; proving keys is the transport's part.
public struct Doorkeeper: Sendable {
    private var records: [SessionID: Record] = [:]
    /// Sessions in the order of their first frames.
    private var order = Fifo<SessionID>()
    private let violationsMax: Int
    private let sessionsMax: Int

    private struct Record {
        /// `nil` in plain text.
        let key: String?
        var violationCount = 0
        var isBanned = false
    }

    /// What to do with a frame or a message.
    public enum Verdict: Hashable, Sendable {
        case pass
        /// Do as if it had not come.
        case drop
        /// Tell the session once, and drop this and everything that follows.
        case ban(Refusal)
    }

    /// - Parameters:
    ///   - violationsMax: Unreadable messages of a session after which nothing of it is read any more.
    ///   - sessionsMax: Sessions to remember; the oldest are forgotten first, and may begin anew.
    public init(violationsMax: Int = 16, sessionsMax: Int = 1 << 14) {
        precondition(sessionsMax > 0, "a doorkeeper remembers at least one session")
        self.violationsMax = violationsMax
        self.sessionsMax = sessionsMax
    }

    /// Judges frames before they are decoded.
    ///
    /// - Parameters:
    ///   - session: Where they came from.
    ///   - key: The key that their sender has proved to own; `nil` in plain text.
    /// - Returns: Never ``Verdict/ban(_:)``: a stranger in somebody's session must not end it.
    public mutating func judgeFrames(from session: SessionID, key: String?) -> Verdict {
        let record = records[session] ?? remember(session, key: key)
        return record.isBanned || record.key != key ? .drop : .pass
    }

    /// Judges a message that was decoded.
    ///
    /// - Parameters:
    ///   - message: What was said.
    ///   - session: Where it came from.
    ///   - keyName: What the key's owner is called; `nil` in plain text.
    /// - Returns: A ban where a worker claims to be another's.
    public mutating func judge(
        _ message: WorkerMessage, from session: SessionID, keyName: String?
    ) -> Verdict {
        guard let keyName, case .hello(let hello) = message else { return .pass }
        let worker = hello.worker.name
        if WorkerName.key(of: worker) == keyName { return .pass }
        records[session]?.isBanned = true
        let text =
            "the key '\(keyName)' cannot speak for the worker '\(worker)', only for '\(keyName).…': "
            + "start the worker with its own key"
        return .ban(Refusal(.key, text))
    }

    /// Counts a message that could not be read.
    ///
    /// - Returns: Whether the coordinator shall hear of it; not once there were too many.
    public mutating func noteViolation(from session: SessionID) -> Verdict {
        guard var record = records[session], !record.isBanned else { return .drop }
        record.violationCount += 1
        record.isBanned = record.violationCount > violationsMax
        records[session] = record
        return .pass
    }

    /// Ends everything that was opened with keys that are not allowed any more.
    ///
    /// - Parameter isAllowed: Whether a key still is.
    /// - Returns: The sessions that have thereby ended, oldest first.
    /// - Complexity: Linear in the sessions remembered.
    public mutating func ban(unless isAllowed: (String) -> Bool) -> [SessionID] {
        var ended: [SessionID] = []
        for session in order.all {
            guard let record = records[session], !record.isBanned, let key = record.key, !isAllowed(key)
            else { continue }
            records[session]?.isBanned = true
            ended.append(session)
        }
        return ended
    }

    private mutating func remember(_ session: SessionID, key: String?) -> Record {
        if order.count == sessionsMax, let oldest = order.popFirst() { records[oldest] = nil }
        let record = Record(key: key)
        records[session] = record
        order.append(session)
        return record
    }
}

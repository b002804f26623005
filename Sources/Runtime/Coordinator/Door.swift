internal import Coordination
internal import Messaging
internal import ZeroMQ

/// Turns what arrives at the coordinator's socket into events, and keeps back what nobody may say.
struct Door {
    private var keeper: Doorkeeper
    /// `nil` in plain text.
    private let allowed: AllowListWatch?
    private var revisionSeen = 0

    init(_ allowed: AllowListWatch?, limits: Coordinator.Limits) {
        self.allowed = allowed
        keeper = Doorkeeper(violationsMax: limits.unreadableMax)
    }

    /// The event that a message is; `nil` for one that is dropped.
    mutating func event(for message: ReceivedMessage) -> Coordinator.Event? {
        // Our workers name their sessions; whoever does not is none of them.
        guard let session = message.frames.first.flatMap({ SessionID(bytes: $0) }) else { return nil }
        var keyName: String?
        if let allowed {
            guard let entry = message.userID.flatMap({ allowed.entry(of: $0) }), entry.state == .allowed
            else {
                return nil
            }
            keyName = entry.name
        }
        let key = allowed == nil ? nil : message.userID
        guard keeper.judgeFrames(from: session, key: key) == .pass else { return nil }
        let frames = Array(message.frames.dropFirst())
        do throws(WireError) {
            guard message.droppedFrameCount == 0 else {
                throw .frameCount(frames.count + message.droppedFrameCount)
            }
            let envelope = try WorkerEnvelope(frames: frames)
            switch keeper.judge(envelope.message, from: session, keyName: keyName) {
            case .pass: return .received(envelope, from: session)
            case .drop: return nil
            case .ban(let refusal): return .sessionBanned(session, refusal)
            }
        } catch {
            return keeper.noteViolation(from: session) == .pass
                ? .receivedUnreadable(error, from: session) : nil
        }
    }

    /// What follows from changes of the allow list since this was last asked.
    mutating func revocations() -> (events: [Coordinator.Event], problem: String?) {
        guard let allowed else { return ([], nil) }
        allowed.refresh()
        let revision = allowed.revision
        guard revision != revisionSeen else { return ([], nil) }
        revisionSeen = revision
        let sessions = keeper.ban { allowed.entry(of: $0)?.state == .allowed }
        let refusal = Refusal(.key, "the worker's key is no longer allowed here: ask for a new one")
        return (sessions.map { .sessionBanned($0, refusal) }, allowed.problem)
    }
}

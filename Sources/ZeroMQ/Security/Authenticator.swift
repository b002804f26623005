internal import CZeroMQ

/// Judges the keys of everybody who connects to a CURVE server of its context (ZAP, ZeroMQ RFC 27).
///
/// It must exist before the server is bound, and be served in a thread of its own: handshakes wait for its answers.
/// A context has room for one.
public struct Authenticator: ~Copyable {
    private let socket: Socket

    /// What becomes of a peer.
    public enum Verdict: Hashable, Sendable {
        /// Let in; its messages carry the text of its key as ``ReceivedMessage/userID``.
        case accept
        /// Not now: the peer hears nothing until its handshake has taken too long, and knocks again.
        case notYet
        /// Never: libzmq tells the peer, whose socket falls silent for good.
        case revoked
        /// The question could not be judged, which is no yes.
        case error

        fileprivate var status: (code: String, text: String) {
            switch self {
            case .accept: ("200", "welcome")
            case .notYet: ("300", "not yet")
            case .revoked: ("400", "revoked")
            case .error: ("500", "cannot judge")
            }
        }
    }

    /// Takes the place of the context's authenticator.
    ///
    /// - Throws: ``ZeroMQError`` where it is taken.
    public init(in context: Context) throws(ZeroMQError) {
        let socket = try Socket(.reply, in: context)
        try socket.bind(to: "inproc://zeromq.zap.01")
        self.socket = socket
    }

    /// Answers until `stop` is signalled.
    ///
    /// - Parameters:
    ///   - stop: Ends the serving.
    ///   - judge: Asked for each handshake whose sender has proved that it owns the key.
    /// - Throws: ``ZeroMQError`` when the socket is broken; nobody is let in from then on.
    public borrowing func serve(
        until stop: WakeSignal, judge: (PublicKey) -> Verdict
    ) throws(ZeroMQError) {
        var poller = Poller()
        _ = poller.watch(socket)
        let stopped = poller.watch(descriptor: stop.descriptor)
        while true {
            if try poller.wait(for: .seconds(3600)).contains(stopped) { return }
            while let question = try socket.receive(frameCountMax: 8) {
                _ = try socket.send(Authenticator.answer(question, judge))
            }
        }
    }

    /// The answer to: version, request, domain, address, routing id, mechanism, key.
    private static func answer(
        _ question: ReceivedMessage, _ judge: (PublicKey) -> Verdict
    ) -> [[UInt8]] {
        let frames = question.frames
        var verdict = Verdict.error
        var user: [UInt8] = []
        if frames.count == 7, question.droppedFrameCount == 0, frames[0] == Array("1.0".utf8),
            frames[2] == Array(LinkSecurity.domain.utf8), frames[5] == Array("CURVE".utf8),
            let key = PublicKey(bytes: frames[6])
        {
            verdict = judge(key)
            if verdict == .accept { user = Array(key.text.utf8) }
        }
        let (code, text) = verdict.status
        let request = frames.count > 1 ? frames[1] : []
        return [Array("1.0".utf8), request, Array(code.utf8), Array(text.utf8), user, []]
    }
}

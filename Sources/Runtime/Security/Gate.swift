internal import Synchronization
package import ZeroMQ

/// The door of an encrypted coordinator: a thread that judges the key of everybody who knocks.
///
/// It must stand before the coordinator's socket is bound, and prove that it keeps strangers out before anybody is
/// served.
package final class Gate: Sendable {
    private let keys: KeyPair
    private let stop: WakeSignal
    private let thread: BackgroundThread
    private let canary: Canary

    /// A key that belongs to nobody, and what was thought of it.
    private final class Canary: Sendable {
        let key: Mutex<PublicKey?> = Mutex(nil)
        let verdict: Mutex<Authenticator.Verdict?> = Mutex(nil)
    }

    /// How long a handshake may take on the most loaded of machines.
    private static let patience = Duration.seconds(30)

    /// - Parameters:
    ///   - keys: The coordinator's own pair.
    ///   - context: Of the coordinator's socket.
    ///   - judge: Asked on the gate's thread.
    ///   - refused: Told on the same thread whom it kept out, and how.
    /// - Throws: `ZeroMQError` where the context has a gate already, ``SystemError`` where threads run out.
    package init(
        _ keys: KeyPair, in context: Context,
        judge: @escaping @Sendable (PublicKey) -> Authenticator.Verdict,
        refused: @escaping @Sendable (PublicKey, Authenticator.Verdict) -> Void = { _, _ in }
    ) throws {
        let (stop, canary) = (try WakeSignal(), Canary())
        let started = try Mailbox<Result<Void, any Error>>()
        thread = try BackgroundThread("gate") {
            do {
                // A socket belongs to the thread that makes it.
                let authenticator = try Authenticator(in: context)
                started.post(.success(()))
                try authenticator.serve(until: stop) { key in
                    let verdict = judge(key)
                    guard canary.key.withLock({ $0 }) == key else {
                        if verdict != .accept { refused(key, verdict) }
                        return verdict
                    }
                    canary.verdict.withLock { $0 = verdict }
                    // Any other no would be heard only when the handshake has taken too long.
                    return verdict == .accept ? .accept : .revoked
                }
            } catch {
                // Nobody is let in any more.
                started.post(.failure(error))
            }
        }
        (self.keys, self.stop, self.canary) = (keys, stop, canary)
        try started.waitForFirst().get()
    }

    deinit { close() }

    /// Ends the judging, and waits for the thread; nobody is let in any more.
    package func close() {
        stop.signal()
        thread.join()
    }

    /// How the coordinator's socket must be set up.
    package var security: LinkSecurity { .curveServer(keys) }

    /// Sends two strangers, one with a key that belongs to nobody and one without any, who must both be turned away.
    ///
    /// - Throws: ``KeyError/openDoor(endpoint:stranger:)`` where one of them is not, or does not hear of it.
    package func proveClosed(at endpoint: String) throws {
        let stranger = try KeyPair.random()
        canary.key.withLock { $0 = stranger.publicKey }
        let answer = try Knock.at(
            endpoint, .curveClient(stranger, server: keys.publicKey), patience: Gate.patience)
        // It counts only if the gate itself said no: a handshake can also fail for want of everything else.
        let verdict = canary.verdict.withLock { $0 }
        guard let answer, answer != .succeeded, let verdict, verdict != .accept else {
            throw KeyError.openDoor(endpoint: endpoint, stranger: "a stranger with a random key")
        }
        guard let answer = try Knock.at(endpoint, .plainText, patience: Gate.patience), answer != .succeeded
        else { throw KeyError.openDoor(endpoint: endpoint, stranger: "a stranger without a key") }
    }
}

extension Gate {
    /// A gate that asks the allow list of a key folder.
    ///
    /// - Parameters:
    ///   - keys: The coordinator's own pair.
    ///   - allowed: Whom to let in.
    ///   - context: Of the coordinator's socket.
    ///   - say: Told once of each stranger, one sentence for people.
    /// - Throws: What the other initialiser throws.
    convenience init(
        _ keys: KeyPair, _ allowed: AllowListWatch, in context: Context,
        say: @escaping @Sendable (String) -> Void
    ) throws {
        let strangers = Strangers()
        try self.init(
            keys, in: context,
            judge: { key in
                allowed.refresh()
                switch allowed.entry(of: key.text)?.state {
                case .allowed: return .accept
                case .revoked: return .revoked
                case nil: return .notYet
                }
            },
            refused: { key, _ in
                guard strangers.isNew(key) else { return }
                let name = allowed.entry(of: key.text).map { "the revoked key '\($0.name)'" }
                say("a worker came with \(name ?? "the key \(key), which is not allowed"); it is kept out")
            })
    }

    /// Remembers whom it has been told about, up to a bound: anybody can make keys.
    private final class Strangers: Sendable {
        private let known = Mutex<Set<PublicKey>>([])
        private static let countMax = 32

        func isNew(_ key: PublicKey) -> Bool {
            known.withLock { $0.count < Strangers.countMax && $0.insert(key).inserted }
        }
    }
}

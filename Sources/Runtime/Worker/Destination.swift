internal import Messaging
internal import ZeroMQ

/// Where a worker connects to, and with which keys.
struct Destination: Hashable, Sendable, CustomStringConvertible {
    let endpoint: String
    let security: LinkSecurity
    /// What the key is called; `nil` in plain text.
    private let keyName: String?

    init(_ endpoint: String, key: WorkerKey?) {
        self.endpoint = endpoint
        security = key.map { .curveClient($0.keys, server: $0.coordinator) } ?? .plainText
        keyName = key?.name
    }

    var description: String { endpoint + (keyName.map { ", encrypted, with the key '\($0)'" } ?? "") }

    /// What is known of a coordinator's whereabouts.
    enum Search: Hashable, Sendable {
        /// No coordinator has said yet where it is.
        case unknown
        case found(Destination)
        /// It and this worker do not fit together.
        case refused(Refusal)
    }

    /// Looks for the coordinator now.
    ///
    /// - Parameters:
    ///   - address: Where to look.
    ///   - key: The worker's key; `nil` where it has none.
    ///   - isKeyRequired: Whether a coordinator in plain text is refused although there is a key. Whoever gave the key
    ///     wants it used.
    /// - Returns: What `endpoint.json` says, weighed against the key. The address in it may be anybody's, for the key
    ///   decides whom the worker trusts.
    static func find(_ address: WorkerAddress, key: WorkerKey?, isKeyRequired: Bool) -> Search {
        switch address {
        case .endpoint(let endpoint): return .found(Destination(endpoint, key: key))
        case .run(let directory):
            guard let file = EndpointFile(contentsOf: directory.endpoint) else { return .unknown }
            switch (file.curveKey, key) {
            case (nil, .some) where isKeyRequired:
                return refuse(
                    "\(directory): its coordinator speaks plain text, and this worker was given a key; leave out "
                        + "--key, or start the coordinator with --encrypt")
            case (nil, _): return .found(Destination(file.endpoint(from: Host.name), key: nil))
            case (.some, nil):
                return refuse(
                    "\(directory): its coordinator encrypts, and this worker has no key; give --key FILE, which "
                        + "'descent keys make NAME' makes")
            case (.some(let curveKey), .some(let key)) where curveKey != key.coordinator:
                return refuse(
                    "\(directory): its coordinator has another key than the one that the key '\(key.name)' was made "
                        + "for; give the --key FILE of this coordinator")
            case (.some, .some(let key)): return .found(Destination(file.endpoint(from: Host.name), key: key))
            }
        }
    }

    private static func refuse(_ text: String) -> Search { .refused(Refusal(.key, text)) }

    /// What an event of a handshake means to a worker.
    enum Meaning: Hashable, Sendable {
        case fine
        /// It may still come right; one sentence for people.
        case trouble(String)
        case hopeless(Refusal)
    }

    /// - Returns: `nil` for what every connection goes through.
    func judge(_ event: HandshakeMonitor.Event) -> Meaning? {
        switch (event, keyName) {
        case (.succeeded, _): return .fine
        case (.disconnected, _), (.unreachable, _): return nil
        case (.denied(status: 400), .some(let name)):
            return .hopeless(
                Refusal(
                    .key,
                    "\(endpoint): the key '\(name)' is revoked; ask whoever runs the coordinator for a new one"
                ))
        case (.otherMechanism, .some):
            return .trouble(
                "\(endpoint): speaks plain text, and this worker only talks encrypted; trying again")
        case (_, .some(let name)):
            return .trouble(
                "\(endpoint): does not let the key '\(name)' in: it is not allowed yet, or the coordinator is another; "
                    + "trying again")
        case (_, nil):
            return .trouble(
                "\(endpoint): closes the connection: it encrypts and this worker has no key (--key FILE), or it is "
                    + "no coordinator; trying again")
        }
    }
}

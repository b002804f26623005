internal import Messaging

extension WorkerKey {
    /// The key for workers that can read the files of their coordinator's user, where one fits.
    ///
    /// - Parameters:
    ///   - run: The run to work for, which may have no coordinator yet.
    ///   - userFolder: Where the user keeps keys for all runs; `nil` for a user without a home.
    /// - Returns: `nil` where the coordinator speaks plain text, or no key here is for it.
    /// - Throws: ``KeyError`` where the key is exposed or malformed.
    public static func local(for run: RunDirectory, userFolder: KeyFolder?) throws -> WorkerKey? {
        let file = EndpointFile(contentsOf: run.endpoint)
        if let file, file.curveKey == nil { return nil }
        for folder in [run.keys] + [userFolder].compactMap(\.self) {
            let path = folder.worker(KeyFolder.localName)
            guard folder.isInUse, PrivateFile.exists(path) else { continue }
            let key = try WorkerKey(contentsOf: path)
            if file == nil || file?.curveKey == key.coordinator { return key }
        }
        return nil
    }
}

extension WorkerAddress {
    /// Knocks once at the coordinator's door, so that a person learns at once what workers would find out.
    ///
    /// - Parameters:
    ///   - key: The workers' key; `nil` where they have none.
    ///   - isKeyRequired: Whether a coordinator in plain text is refused although there is a key.
    ///   - patience: How long to wait for an answer.
    /// - Returns: What keeps workers from joining now, one sentence; `nil` where nothing does, or nobody is there yet.
    /// - Throws: ``RunError/workersRefused(_:)`` where waiting is no use, `ZeroMQError` where the address is malformed.
    public func complaintAtDoor(
        key: WorkerKey?, isKeyRequired: Bool, patience: Duration = .seconds(5)
    ) throws -> String? {
        switch Destination.find(self, key: key, isKeyRequired: isKeyRequired) {
        case .unknown: return nil
        case .refused(let refusal): throw RunError.workersRefused(refusal.message)
        case .found(let destination):
            let answer = try Knock.at(destination.endpoint, destination.security, patience: patience)
            switch answer.flatMap({ destination.judge($0) }) {
            case .trouble(let text): return text
            case .hopeless(let refusal): throw RunError.workersRefused(refusal.message)
            case .fine, nil: return nil
            }
        }
    }
}

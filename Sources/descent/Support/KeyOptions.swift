import ArgumentParser
import Foundation
import Runtime

/// Whether a run is encrypted, and with whose keys.
struct EncryptionOptions: ParsableArguments {
    @Flag(
        name: .customLong("encrypt"),
        help: "Encrypt all messages, and let in only workers whose key is allowed.")
    var isAsked = false

    @Option(
        name: .customLong("keys"),
        help: "Encrypt, with the keys of this folder (default: the run's, else the user's, else new ones).",
        completion: .directory)
    var folder: String?

    /// Whether the user wants encryption, wherever the coordinator listens.
    var isWanted: Bool { isAsked || folder != nil }

    /// The folder of keys to use: one that is in use already, or else a new one in the run directory.
    func keys(of run: RunDirectory) -> KeyFolder {
        if let folder { return KeyFolder(folder) }
        if !run.keys.isInUse, let user = KeyFolder.ofUser, user.isInUse { return user }
        return run.keys
    }
}

/// Which keys a command is about.
struct KeyFolderOptions: ParsableArguments {
    @Option(name: .customLong("run"), help: "The keys of this run directory alone.", completion: .directory)
    var directory: String?

    @Option(
        name: .customLong("keys"), help: "The keys in this folder (default: ~/.config/descent/keys).",
        completion: .directory)
    var folder: String?

    func validate() throws {
        if directory != nil, folder != nil { throw ValidationError("Give --run or --keys, not both.") }
    }

    func keyFolder() throws -> KeyFolder {
        if let folder { return KeyFolder(folder) }
        if let directory { return RunDirectory(directory).keys }
        guard let user = KeyFolder.ofUser else {
            throw ValidationError("There is no home folder to keep keys in: give --keys or --run.")
        }
        return user
    }

    /// The options that lead another command to the same keys, as text to paste.
    var text: String {
        if let folder { return " --keys \(folder)" }
        return directory.map { " --run \($0)" } ?? ""
    }
}

extension KeyFolder {
    /// Where this user keeps keys for all runs; `nil` for a user without a home.
    static var ofUser: KeyFolder? { ofUser { ProcessInfo.processInfo.environment[$0] } }
}

internal import ZeroMQ

/// Keys that cannot be used as asked, said so that the user can mend it.
///
/// No case carries a secret: errors are printed and logged.
public enum KeyError: Error, Hashable, CustomStringConvertible {
    /// There is no such file.
    case missing(path: String)
    /// Others than the owner may read or change the file or folder.
    case exposed(path: String, mode: UInt32)
    /// The file or folder belongs to another user.
    case foreignOwner(path: String)
    /// The file says nothing sensible.
    case malformed(path: String, problem: String)
    case badName(String)
    /// A key of this name is allowed already.
    case nameTaken(String, folder: String)
    /// No key of this name is allowed.
    case unknownName(String, folder: String)
    /// This libzmq cannot encrypt.
    case noCurve
    /// The coordinator's door did not keep a stranger out.
    case openDoor(endpoint: String, stranger: String)

    public var description: String {
        switch self {
        case .missing(let path):
            "\(path): is not there; 'descent keys make NAME' makes a worker's key, and the coordinator's with the first"
        case .exposed(let path, let mode):
            "\(path): others can get at it (mode \(String(mode, radix: 8))), so its keys are no secret any more; "
                + "allow its owner alone (chmod go-rwx), and revoke and make anew what others may have read"
        case .foreignOwner(let path): "\(path): belongs to another user; keys must be one's own"
        case .malformed(let path, let problem): "\(path): \(problem)"
        case .badName(let name):
            "'\(name)' cannot name a key; use letters, digits, '-' and '_', at most 64 of them"
        case .nameTaken(let name, let folder):
            "\(folder): a key '\(name)' is there already; choose another name, or first 'descent keys revoke \(name)'"
        case .unknownName(let name, let folder):
            "\(folder): allows no key '\(name)'; 'descent keys list' shows which"
        case .noCurve:
            "libzmq \(Context.libraryVersion) was built without CURVE and cannot encrypt; "
                + "install one that was built with libsodium"
        case .openDoor(let endpoint, let stranger):
            "\(endpoint): \(stranger) was not turned away, so nobody is served; 'descent doctor' tells about libzmq"
        }
    }

    public var exitCode: ExitCode {
        switch self {
        case .missing, .unknownName: .missingInput
        case .badName: .usage
        case .malformed: .badData
        case .exposed, .foreignOwner, .nameTaken, .noCurve, .openDoor: .configuration
        }
    }
}

import GRDB

/// A store that cannot be used, or that could not keep what it was given.
public enum StoreError: Error, Hashable, CustomStringConvertible {
    /// There is no file.
    case missing(path: String)
    /// There is a store already, and nothing of it was changed.
    case exists(path: String)
    /// The file is something else.
    case foreign(path: String)
    /// A newer program wrote the file.
    case newer(path: String, version: Int, supported: Int)
    /// An older program wrote the file, and it was opened for reading only.
    case older(path: String, version: Int, supported: Int)
    /// The file is truncated, or holds something that was never written.
    case damaged(path: String, reason: String)
    /// The file holds another sweep.
    case otherSweep(path: String, reason: String)
    /// Nothing of the transaction was kept: the disk is full, or the file cannot be written. The caller may try again.
    case cannotCommit(path: String, reason: String)
    /// The file cannot be opened or read.
    case inputOutput(path: String, reason: String)
    /// A write names a task that the sweep does not have, or bytes that do not have the hash given with them.
    case refused(reason: String)

    public var description: String {
        switch self {
        case .missing(let path): "\(path): does not exist; start the sweep with 'descent run'"
        case .exists(let path): "\(path): there is a store already; open it or choose another run directory"
        case .foreign(let path):
            "\(path): is no store of this program, or its first bytes are damaged; choose another run directory"
        case .newer(let path, let version, let supported):
            "\(path): has version \(version), and this program knows versions up to \(supported); use a newer program"
        case .older(let path, let version, let supported):
            "\(path): has version \(version), older than \(supported); 'descent resume' brings it up to date"
        case .damaged(let path, let reason): "\(path): is damaged (\(reason)); restore it from a copy"
        case .otherSweep(let path, let reason):
            "\(path): holds another sweep (\(reason)); choose another run directory"
        case .cannotCommit(let path, let reason):
            "\(path): cannot be written (\(reason)); nothing stored is lost: make room on that disk or mend it"
        case .inputOutput(let path, let reason): "\(path): cannot be read (\(reason))"
        case .refused(let reason): reason
        }
    }

    /// The exit code after `sysexits.h`: 65 bad data, 66 missing input, 70 internal, 74 I/O, 78 configuration.
    public var exitCode: Int32 {
        switch self {
        case .missing: 66
        case .damaged, .foreign: 65
        case .newer, .older, .exists, .otherSweep: 78
        case .cannotCommit, .inputOutput: 74
        case .refused: 70
        }
    }

    /// What a failure of SQLite means for whoever asked.
    init(_ error: any Error, path: String, isWriting: Bool) {
        if let error = error as? StoreError {
            self = error
            return
        }
        if error is UnreadableColumn || error is RowDecodingError {
            self = .damaged(path: path, reason: "a column holds what was never written there")
            return
        }
        guard let error = error as? DatabaseError else {
            self = .inputOutput(path: path, reason: "\(error)")
            return
        }
        let reason = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_NOTADB: self = .foreign(path: path)
        case .SQLITE_CORRUPT: self = .damaged(path: path, reason: reason)
        // Only a damaged file can break a rule that every write obeys.
        case .SQLITE_CONSTRAINT where !isWriting: self = .damaged(path: path, reason: reason)
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
            self = .refused(reason: "the store refused a write: \(reason)")
        default:
            self =
                isWriting
                ? .cannotCommit(path: path, reason: reason) : .inputOutput(path: path, reason: reason)
        }
    }
}

public import Basics
import GRDB
import Sweeps
import Synchronization

/// Everything that a sweep knows, in one SQLite file: its specification, tasks, attempts and results.
///
/// CSV files, plots and pages are derived from it and can be deleted. Whatever ``commit(_:at:)`` has returned from is
/// on the disk (write-ahead log, `synchronous = FULL`). The rules that matter most are in the schema itself: a result
/// is set once, every result and attempt belongs to a task.
///
/// One process writes (see ``RunLock``); others may read meanwhile.
///
///     let store = try SweepStore.create(at: "runs/quickstart/sweep.sqlite", identity, at: .now)
///     try store.insert(grid)
///     let incarnation = try store.nextIncarnation()
///     try store.commit([.attemptStarted(assignment, worker: alice)], at: .now)
public final class SweepStore: Sendable {
    /// The file.
    public let path: String
    /// What the store was created for.
    public let identity: Identity
    let pool: DatabasePool
    /// What ``Transaction`` remembers from one commit to the next.
    let ordinals = Mutex<[TaskID: Int64]>([:])

    /// Which sweep a store holds.
    public struct Identity: Hashable, Sendable {
        public let name: String
        /// ``Grid/fingerprint`` of the sweep.
        public let fingerprint: ContentHash
        /// The frozen sweep file, so that the store alone can rebuild the run directory.
        public let specification: String
        /// The version and commit of the program that created the store.
        public let program: String

        public init(name: String, fingerprint: ContentHash, specification: String, program: String) {
            self.name = name
            self.fingerprint = fingerprint
            self.specification = specification
            self.program = program
        }
    }

    /// What an opened store may be used for.
    public enum Access: Hashable, Sendable {
        case reading
        case writing
    }

    init(path: String, identity: Identity, pool: DatabasePool) {
        self.path = path
        self.identity = identity
        self.pool = pool
    }

    /// Moves everything from the write-ahead log into the one file, and lets go of it.
    ///
    /// A store that is not closed loses nothing: the next one to open it reads the log.
    public func close() throws(StoreError) {
        try translating(isWriting: true) {
            if !pool.configuration.readonly {
                _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            }
            try pool.close()
        }
    }

    /// Runs `body` and gives what SQLite throws the name that a caller can act on.
    func translating<Value>(isWriting: Bool, _ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch {
            throw StoreError(error, path: path, isWriting: isWriting)
        }
    }
}

import Basics
import GRDB

extension SweepStore {
    /// Creates a store without tasks.
    ///
    /// A file that a killed process left before it was a store is taken over.
    ///
    /// - Throws: ``StoreError/exists(path:)`` where there is a store, ``StoreError/foreign(path:)`` where there is
    ///   something else.
    public static func create(
        at path: String, _ identity: Identity, at time: WallTime
    ) throws(StoreError) -> SweepStore {
        do {
            switch try kind(of: path) {
            case .none, .undecided: break
            case .store, .truncated: throw StoreError.exists(path: path)
            case .foreign: throw StoreError.foreign(path: path)
            }
            let pool = try connect(to: path, access: .writing)
            // The tables and the identity in one transaction: a kill leaves a whole store or none.
            try pool.write { db in
                switch try contents(of: db) {
                case .nothing: break
                case .store: throw StoreError.exists(path: path)
                case .foreign: throw StoreError.foreign(path: path)
                }
                try Migrations.migrate(db)
                try db.execute(
                    sql: """
                        INSERT INTO meta (only, name, fingerprint, specification, program, created)
                        VALUES (1, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        identity.name, identity.fingerprint.hexadecimal, identity.specification,
                        identity.program,
                        time.milliseconds,
                    ])
            }
            // From here on the file's own header says what it is.
            _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            return SweepStore(path: path, identity: identity, pool: pool)
        } catch {
            throw StoreError(error, path: path, isWriting: true)
        }
    }

    /// Opens a store and, for writing, brings an older one up to date.
    ///
    /// Small stores are checked page by page; every task and result is checked against its hash when it is read.
    ///
    /// - Throws: What is wrong with the file; ``StoreError/newer(path:version:supported:)`` is for good.
    public static func open(at path: String, for access: Access) throws(StoreError) -> SweepStore {
        do {
            switch try kind(of: path) {
            case .none, .undecided: throw StoreError.missing(path: path)
            case .foreign: throw StoreError.foreign(path: path)
            case .truncated: throw StoreError.damaged(path: path, reason: "its end is missing")
            case .store: break
            }
            let pool = try connect(to: path, access: access)
            let version = try pool.read { db in
                switch try contents(of: db) {
                case .nothing: throw StoreError.missing(path: path)
                case .foreign: throw StoreError.foreign(path: path)
                case .store(let version): version
                }
            }
            let supported = Migrations.version
            if version > supported {
                throw StoreError.newer(path: path, version: version, supported: supported)
            }
            if version < supported {
                if access == .reading {
                    throw StoreError.older(path: path, version: version, supported: supported)
                }
                try pool.write(Migrations.migrate)
            }
            let identity = try pool.read { db in
                try checkPages(of: db, path: path)
                return try readIdentity(db, path: path)
            }
            return SweepStore(path: path, identity: identity, pool: pool)
        } catch {
            throw StoreError(error, path: path, isWriting: false)
        }
    }

    /// Counts this start of a coordinator, durably, and gives its number: 1 for the first.
    public func nextIncarnation() throws(StoreError) -> UInt64 {
        try translating(isWriting: true) {
            try pool.write { db in
                try db.execute(sql: "UPDATE meta SET incarnation = incarnation + 1")
                return UInt64(try Int64.fetchOne(db, sql: "SELECT incarnation FROM meta") ?? 0)
            }
        }
    }
}

// MARK: - Connection

extension SweepStore {
    private static func connect(to path: String, access: Access) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.readonly = access == .reading
        // Another process may be checkpointing or reading the schema; nobody holds a lock for long.
        configuration.busyMode = .timeout(5)
        configuration.label = "sweep store"
        let pool = try DatabasePool(path: path, configuration: configuration)
        if access == .writing {
            // After opening, because the pool sets NORMAL, which may lose the last commits in a power cut.
            //
            // Tasks are rarely handed out in the order of the grid, so that a commit touches pages all over the file. Room
            // for 16 MiB of them, and as much in the log before they move to their places, keeps most from being read and
            // written each time.
            try pool.writeWithoutTransaction { db in
                try db.execute(
                    sql: """
                        PRAGMA synchronous = FULL;
                        PRAGMA cache_size = -16384;
                        PRAGMA wal_autocheckpoint = 4096;
                        """)
            }
        }
        return pool
    }

    /// What a file is, found without changing it; undecided only where there is nothing in it.
    private static func kind(of path: String) throws -> FileKind {
        let kind = try FileKind(path: path)
        guard kind == .undecided else { return kind }
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        return switch try queue.read(contents) {
        case .nothing: .undecided
        case .store: .store
        case .foreign: .foreign
        }
    }

    private enum Contents {
        case nothing
        case store(version: Int)
        case foreign
    }

    private static func contents(of db: Database) throws -> Contents {
        let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        if applicationID == Migrations.applicationID {
            return .store(version: try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0)
        }
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        return applicationID == 0 && tables == 0 ? .nothing : .foreign
    }

    /// Stores up to this size are checked as a whole when they are opened; larger ones would take seconds.
    private static let checkedSizeMaxBytes = 64 << 20

    private static func checkPages(of db: Database, path: String) throws {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        guard pages * pageSize <= checkedSizeMaxBytes else { return }
        let complaint = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
        if complaint != "ok" { throw StoreError.damaged(path: path, reason: complaint) }
    }

    private static func readIdentity(_ db: Database, path: String) throws -> Identity {
        let sql = "SELECT name, fingerprint, specification, program FROM meta"
        guard let row = try Row.fetchOne(db, sql: sql),
            let fingerprint = ContentHash(hexadecimal: try row.value(1))
        else { throw StoreError.damaged(path: path, reason: "it does not say which sweep it holds") }
        return Identity(
            name: try row.value(0), fingerprint: fingerprint, specification: try row.value(2),
            program: try row.value(3))
    }
}

extension SweepStore {
    /// Keeps the file from growing beyond so many pages, to rehearse a full disk; `nil` lifts the limit.
    package func limitSize(toPages pages: Int?) throws(StoreError) {
        try translating(isWriting: true) {
            try pool.writeWithoutTransaction { db in
                // The largest number that SQLite takes stands for no limit.
                _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages ?? 4_294_967_294)")
            }
        }
    }

    /// How the writing connection treats the disk: 2 is FULL.
    package func synchronousMode() throws(StoreError) -> Int? {
        try translating(isWriting: false) {
            try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        }
    }
}

import GRDB

/// The shapes that the store has had; see `docs/architecture.md` for what each table means.
///
/// Append only: a migration that has left the house is never edited. `PRAGMA user_version` is the number of the last
/// one, so that a program recognises a store of the future.
enum Migrations {
    /// "DSCT": tells our files from other SQLite files.
    static let applicationID: Int32 = 0x4453_4354

    /// The version that this program reads and writes.
    static var version: Int { all.count }

    /// Names and statements, by version.
    private static let all: [(name: String, sql: String)] = [
        ("meta, tasks, attempts, results, disagreements", version1),
        ("holds", holds),
    ]

    /// Brings a store of an older version, or an empty file, up to date; the caller holds the transaction.
    static func migrate(_ db: Database) throws {
        let applied = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        for migration in all.dropFirst(applied) { try db.execute(sql: migration.sql) }
        if applied < all.count {
            try db.execute(
                sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(all.count)")
        }
    }

    /// Times are milliseconds since 1970; hashes and ids are lower-case hexadecimal text, so that `sqlite3` shows them.
    private static let version1 = """
        CREATE TABLE meta (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            name TEXT NOT NULL,
            fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
            specification TEXT NOT NULL,
            program TEXT NOT NULL,
            created INTEGER NOT NULL,
            incarnation INTEGER NOT NULL DEFAULT 0 CHECK (incarnation >= 0)
        ) STRICT;

        CREATE TABLE tasks (
            ordinal INTEGER PRIMARY KEY CHECK (ordinal >= 0),
            id TEXT NOT NULL UNIQUE CHECK (length(id) = 16),
            state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            failure_class TEXT,
            failure_message TEXT,
            checksum BLOB NOT NULL CHECK (length(checksum) = 8),
            axis_values TEXT NOT NULL,
            environment TEXT NOT NULL,
            configuration TEXT NOT NULL,
            CHECK ((state = 'failed') = (failure_class IS NOT NULL)),
            CHECK ((failure_class IS NULL) = (failure_message IS NULL)),
            CHECK (attempts > 0 OR state = 'waiting')
        ) STRICT;
        CREATE INDEX tasks_by_state ON tasks (state);

        CREATE TABLE attempts (
            task TEXT NOT NULL REFERENCES tasks (id),
            attempt INTEGER NOT NULL CHECK (attempt >= 1),
            incarnation INTEGER NOT NULL,
            worker TEXT NOT NULL,
            host TEXT NOT NULL,
            profile TEXT NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER,
            outcome TEXT,
            message TEXT,
            is_forgiven INTEGER NOT NULL DEFAULT 0 CHECK (is_forgiven IN (0, 1)),
            PRIMARY KEY (task, attempt),
            CHECK ((ended IS NULL) = (outcome IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE results (
            task TEXT NOT NULL PRIMARY KEY REFERENCES tasks (id),
            attempt INTEGER NOT NULL,
            hash TEXT NOT NULL CHECK (length(hash) = 64),
            worker TEXT NOT NULL,
            host TEXT NOT NULL,
            blas_core TEXT NOT NULL,
            threads INTEGER NOT NULL CHECK (threads >= 1),
            started INTEGER NOT NULL,
            seconds REAL NOT NULL,
            bytes BLOB NOT NULL,
            FOREIGN KEY (task, attempt) REFERENCES attempts (task, attempt)
        ) STRICT;
        CREATE TRIGGER results_are_set_once BEFORE UPDATE ON results
        BEGIN SELECT RAISE(ABORT, 'a result is set once'); END;
        CREATE TRIGGER results_are_kept BEFORE DELETE ON results
        BEGIN SELECT RAISE(ABORT, 'a result is kept'); END;

        CREATE TABLE disagreements (
            task TEXT NOT NULL REFERENCES tasks (id),
            attempt INTEGER NOT NULL,
            hash TEXT NOT NULL CHECK (length(hash) = 64),
            worker TEXT NOT NULL,
            received INTEGER NOT NULL,
            PRIMARY KEY (task, attempt, hash)
        ) STRICT, WITHOUT ROWID;
        """

    /// What people have said about tasks; an index that tells what each worker did without its results.
    private static let holds = """
        CREATE TABLE holds (
            task TEXT NOT NULL PRIMARY KEY REFERENCES tasks (id),
            kind TEXT NOT NULL CHECK (kind IN ('paused', 'cancelled')),
            reason TEXT NOT NULL,
            since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX results_by_worker ON results (worker, host, started, seconds);
        """
}

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
        ("ordinals as keys, definitions", ordinals),
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

    /// Everything names its task by its place in the grid, and what never changes about tasks has a table of its own.
    ///
    /// Ids are hashes: with these as keys, each of a commit's rows touched pages of its own all over the file. Rows of
    /// ordinals lie beside each other, and those that change are short.
    private static let ordinals = """
        ALTER TABLE tasks RENAME TO old_tasks;
        ALTER TABLE attempts RENAME TO old_attempts;
        ALTER TABLE results RENAME TO old_results;
        ALTER TABLE disagreements RENAME TO old_disagreements;
        ALTER TABLE holds RENAME TO old_holds;
        DROP INDEX tasks_by_state;
        DROP INDEX results_by_worker;
        DROP TRIGGER results_are_set_once;
        DROP TRIGGER results_are_kept;

        CREATE TABLE tasks (
            ordinal INTEGER PRIMARY KEY CHECK (ordinal >= 0),
            id TEXT NOT NULL UNIQUE CHECK (length(id) = 16),
            state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            failure_class TEXT,
            failure_message TEXT,
            CHECK ((state = 'failed') = (failure_class IS NOT NULL)),
            CHECK ((failure_class IS NULL) = (failure_message IS NULL)),
            CHECK (attempts > 0 OR state = 'waiting')
        ) STRICT;
        CREATE INDEX tasks_failed ON tasks (failure_class) WHERE state = 'failed';
        INSERT INTO tasks (ordinal, id, state, attempts, failure_class, failure_message)
        SELECT ordinal, id, state, attempts, failure_class, failure_message FROM old_tasks ORDER BY ordinal;

        CREATE TABLE definitions (
            task INTEGER PRIMARY KEY REFERENCES tasks (ordinal),
            checksum BLOB NOT NULL CHECK (length(checksum) = 8),
            axis_values TEXT NOT NULL,
            environment TEXT NOT NULL,
            configuration TEXT NOT NULL
        ) STRICT;
        INSERT INTO definitions (task, checksum, axis_values, environment, configuration)
        SELECT ordinal, checksum, axis_values, environment, configuration FROM old_tasks ORDER BY ordinal;

        CREATE TABLE attempts (
            task INTEGER NOT NULL REFERENCES tasks (ordinal),
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
        INSERT INTO attempts (task, attempt, incarnation, worker, host, profile, started, ended, outcome, message,
            is_forgiven)
        SELECT t.ordinal, a.attempt, a.incarnation, a.worker, a.host, a.profile, a.started, a.ended, a.outcome,
            a.message, a.is_forgiven
        FROM old_attempts a JOIN old_tasks t ON t.id = a.task ORDER BY t.ordinal, a.attempt;

        CREATE TABLE results (
            task INTEGER PRIMARY KEY,
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
        INSERT INTO results (task, attempt, hash, worker, host, blas_core, threads, started, seconds, bytes)
        SELECT t.ordinal, r.attempt, r.hash, r.worker, r.host, r.blas_core, r.threads, r.started, r.seconds, r.bytes
        FROM old_results r JOIN old_tasks t ON t.id = r.task ORDER BY t.ordinal;
        CREATE INDEX results_by_worker ON results (worker, host, started, seconds);
        CREATE TRIGGER results_are_set_once BEFORE UPDATE ON results
        BEGIN SELECT RAISE(ABORT, 'a result is set once'); END;
        CREATE TRIGGER results_are_kept BEFORE DELETE ON results
        BEGIN SELECT RAISE(ABORT, 'a result is kept'); END;

        CREATE TABLE disagreements (
            task INTEGER NOT NULL REFERENCES tasks (ordinal),
            attempt INTEGER NOT NULL,
            hash TEXT NOT NULL CHECK (length(hash) = 64),
            worker TEXT NOT NULL,
            received INTEGER NOT NULL,
            PRIMARY KEY (task, attempt, hash)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO disagreements (task, attempt, hash, worker, received)
        SELECT t.ordinal, d.attempt, d.hash, d.worker, d.received
        FROM old_disagreements d JOIN old_tasks t ON t.id = d.task;

        CREATE TABLE holds (
            task INTEGER PRIMARY KEY REFERENCES tasks (ordinal),
            kind TEXT NOT NULL CHECK (kind IN ('paused', 'cancelled')),
            reason TEXT NOT NULL,
            since INTEGER NOT NULL
        ) STRICT;
        INSERT INTO holds (task, kind, reason, since)
        SELECT t.ordinal, h.kind, h.reason, h.since FROM old_holds h JOIN old_tasks t ON t.id = h.task;

        DROP TABLE old_holds;
        DROP TABLE old_disagreements;
        DROP TABLE old_results;
        DROP TABLE old_attempts;
        DROP TABLE old_tasks;
        """
}

internal import GRDB

extension SweepStore {
    /// The version of the tables that this program writes.
    public static var formatVersion: Int { Migrations.version }

    /// The version of the SQLite library at work, such as `3.40.1`.
    ///
    /// - Throws: ``StoreError`` where the library cannot even open a database in memory.
    public static func libraryVersion() throws(StoreError) -> String {
        do {
            let version = try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }
            return version ?? "unknown"
        } catch {
            throw StoreError.inputOutput(path: ":memory:", reason: "\(error)")
        }
    }
}

import Foundation

/// What a file is by its first bytes.
///
/// Found without SQLite, which would change the journal mode of another program's database.
enum FileKind {
    /// There is no file, or nothing in it.
    case none
    /// Another program's database, or a store whose creation was cut short: SQLite has to look.
    case undecided
    case store
    /// A store that lost its end.
    case truncated
    case foreign

    init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            self = .none
            return
        }
        let header: [UInt8]
        let size: UInt64
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            header = [UInt8](try handle.read(upToCount: 100) ?? Data())
            size = try handle.seekToEnd()
        } catch {
            throw StoreError.inputOutput(path: path, reason: "it cannot be opened")
        }
        let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? UInt64
        self = FileKind.kind(of: header, size: size, logSize: log ?? 0)
    }

    /// Reads the header of a SQLite file (File Format for SQLite Databases, section 1.3); numbers are big-endian.
    private static func kind(of header: [UInt8], size: UInt64, logSize: UInt64) -> FileKind {
        if header.isEmpty { return .none }
        let magic = Array("SQLite format 3\u{0}".utf8)
        guard header.count == 100, header.starts(with: magic) else { return .foreign }
        func number(_ range: Range<Int>) -> UInt64 { header[range].reduce(0) { $0 << 8 | UInt64($1) } }
        let (pageSize, pageCount) = (number(16..<18), number(28..<32))
        switch number(68..<72) {
        case UInt64(Migrations.applicationID):
            // While there is a log, it may hold the pages that the file lacks.
            let isWhole = logSize > 0 || size >= (pageSize == 1 ? 65_536 : pageSize) * pageCount
            return isWhole ? .store : .truncated
        case 0: return .undecided
        default: return .foreign
        }
    }
}

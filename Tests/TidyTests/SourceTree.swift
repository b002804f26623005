import Foundation

/// The checkout that these tests stand in, as text.
enum SourceTree {
    /// The repository's root folder.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// One file with its path below the root.
    struct File: Sendable, CustomStringConvertible {
        let path: String
        let lines: [String]
        var description: String { path }
    }

    /// All files below `folder` whose names end in one of `endings`, sorted by path.
    static func files(in folder: String, ending endings: [String]) throws -> [File] {
        let base = root.appending(path: folder)
        guard let walker = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else {
            return []
        }
        var files: [File] = []
        for case let url as URL in walker where endings.contains(where: url.path.hasSuffix) {
            if url.path.contains("/.build") || url.path.contains("/.git/") { continue }
            let text = try String(contentsOf: url, encoding: .utf8)
            let path = String(url.path.dropFirst(root.path.count)).drop { $0 == "/" }
            files.append(File(path: String(path), lines: text.components(separatedBy: "\n")))
        }
        return files.sorted { $0.path < $1.path }
    }

    static func swiftSources() throws -> [File] { try files(in: "Sources", ending: [".swift"]) }
    static func swiftTests() throws -> [File] { try files(in: "Tests", ending: [".swift"]) }
}

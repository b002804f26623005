import Foundation
import Testing

/// Compares a text with the file of that name in `Tests/Goldens`; `UPDATE_GOLDENS=1` rewrites the file
/// instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Goldens")
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return
    }
    let golden = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    let isSame = golden == text
    let difference = zip(golden.split(separator: "\n"), text.split(separator: "\n")).first { $0 != $1 }
    #expect(
        isSame,
        """
        \(name) has changed, first from \(difference?.0 ?? "its length") to \(difference?.1 ?? "another"); \
        if that is meant, run UPDATE_GOLDENS=1 swift test -c release --filter ReportingTests and review git diff
        """, sourceLocation: sourceLocation)
}

/// A new folder that is gone when `body` ends.
func withTemporaryFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "reporting-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

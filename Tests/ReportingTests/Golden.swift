import Foundation
import Testing

/// Compares with a committed file; `UPDATE_GOLDENS=1` writes it instead.
func expectGolden(_ text: String, _ name: String) throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Goldens/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] != nil {
        try Data(text.utf8).write(to: url)
        return
    }
    let golden = try String(decoding: Data(contentsOf: url), as: UTF8.self)
    let isEqual = golden == text
    #expect(isEqual, "Tests/Goldens/\(name) differs; UPDATE_GOLDENS=1 writes it anew, git diff shows how")
}

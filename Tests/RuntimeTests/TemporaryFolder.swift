import Foundation

/// A folder that goes away with this value.
final class TemporaryFolder {
    let path: String

    /// - Throws: Where the system's temporary folder cannot be written.
    init() throws {
        path = NSTemporaryDirectory() + "descent-runtime-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The names of what is directly in the folder, sorted.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    func text(of name: String) -> String? {
        try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }
}

import Foundation

/// Prints a line to standard error: whatever is not a result.
func printError(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

/// A file that the user named and that is not there.
struct MissingInput: Error, CustomStringConvertible {
    let path: String
    /// What to do.
    let advice: String

    var description: String { "\(path) cannot be read; \(advice)" }
}

import Foundation

/// Prints a line to standard error: whatever is not a result.
///
/// What was printed before comes out first, so that both streams read in order in one file.
func printError(_ line: String) {
    fflush(nil)
    FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// A file that the user named and that is not there.
struct MissingInput: Error, CustomStringConvertible {
    let path: String
    /// What to do.
    let advice: String

    var description: String { "\(path) cannot be read; \(advice)" }
}

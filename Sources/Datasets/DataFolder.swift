internal import Foundation

/// Finds the folder that holds a data set's files.
enum DataFolder {
    /// The folder that the sweep file names, else `$DESCENT_DATA/<name>`, else the system's.
    ///
    /// - Parameters:
    ///   - name: The data set.
    ///   - path: `dataset.path` of the sweep file.
    /// - Returns: A path that is a folder.
    /// - Throws: ``DatasetError/missing(_:)`` that says where it looked.
    static func find(_ name: String, path: String?) throws(DatasetError) -> String {
        if let path {
            if isFolder(path) { return path }
            throw .missing("dataset.path: there is no folder \(path); put the files of \(name) there")
        }
        var candidates: [String] = []
        if let data = ProcessInfo.processInfo.environment["DESCENT_DATA"] {
            candidates.append("\(data)/\(name)")
        }
        candidates += ["/usr/share/datasets/\(name)", "/usr/local/share/datasets/\(name)"]
        if let found = candidates.first(where: isFolder) { return found }
        let advice = name == "fashion-mnist" ? " (Debian: apt-get install dataset-fashion-mnist)" : ""
        throw .missing(
            "the files of \(name) are in none of \(candidates.joined(separator: ", ")); "
                + "put them there or set dataset.path\(advice)")
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory.boolValue
    }
}

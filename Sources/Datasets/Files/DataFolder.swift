internal import Foundation

/// Finds the folder that holds a data set's files.
enum DataFolder {
    /// The folder that the sweep file names, else `$DESCENT_DATA/<name>`, else where files were fetched, else the system's.
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
        if let fetched = fetchedFolder(name) { candidates.append(fetched) }
        candidates += ["/usr/share/datasets/\(name)", "/usr/local/share/datasets/\(name)"]
        if let found = candidates.first(where: isFolder) { return found }
        let advice = name == "fashion-mnist" ? " (Debian: apt-get install dataset-fashion-mnist)" : ""
        throw .missing(
            "the files of \(name) are in none of \(candidates.joined(separator: ", ")); "
                + "put them there, set dataset.path, or run 'descent data fetch \(name)'\(advice)")
    }

    /// Where files are fetched to, unless the user says where: `$DESCENT_DATA/<name>`, else ``fetchedFolder(_:)``.
    static func target(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["DESCENT_DATA"].map { "\($0)/\(name)" } ?? fetchedFolder(name)
    }

    /// The user's own folder of data: `$XDG_DATA_HOME/descent/<name>`, else `~/.local/share/descent/<name>`.
    private static func fetchedFolder(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        // The XDG specification has relative paths ignored.
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/descent/\(name)" }
        return environment["HOME"].map { "\($0)/.local/share/descent/\(name)" }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory.boolValue
    }
}

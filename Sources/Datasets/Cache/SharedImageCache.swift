internal import Basics
internal import Foundation

/// Decodes each data set once a node: whoever comes first writes a ``SharedImageFile``, all others map it.
///
/// Nothing depends on it: where no folder can be written, each process decodes for itself. Files may be deleted at any
/// time, also while sweeps run.
package struct SharedImageCache: Sendable {
    /// Where the files are; `nil` keeps everything in the process's own memory.
    let folder: String?
    /// Smaller data sets are decoded faster than they are looked up, and need no sharing.
    let bytesMin: Int

    /// Files of one data set that are kept: more folders with the same data set are rare.
    private static let filesMax = 3

    package init(folder: String?, bytesMin: Int = 4 << 20) {
        self.folder = folder
        self.bytesMin = bytesMin
    }

    /// `$DESCENT_CACHE`, else `$XDG_CACHE_HOME/descent`, else `~/.cache/descent`.
    package static var standard: SharedImageCache {
        let environment = ProcessInfo.processInfo.environment
        func folder(_ variable: String, _ subfolder: String) -> String? {
            // The XDG specification has relative paths ignored.
            environment[variable].flatMap { $0.hasPrefix("/") ? $0 + subfolder : nil }
        }
        let root =
            folder("DESCENT_CACHE", "") ?? folder("XDG_CACHE_HOME", "/descent")
            ?? folder("HOME", "/.cache/descent")
        return SharedImageCache(folder: root.map { "\($0)/datasets" })
    }

    /// The data set of these files, from the cache or decoded.
    ///
    /// - Throws: ``DatasetError``: files that are missing or damaged. What is wrong with the cache never shows.
    package func dataset(_ source: some ImageFiles) throws(DatasetError) -> RawDataset {
        let fingerprint = try SourceFingerprint(source)
        guard let folder, sourceBytes(source) >= bytesMin,
            (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true))
                != nil
        else { return try source.read() }
        let path = "\(folder)/\(source.name)-\(fingerprint.hash.hexadecimal.prefix(32)).images"
        if let found = SharedImageFile.open(path, fingerprint: fingerprint) {
            // The time of the last use, for `removeOldFiles`; of no consequence where it cannot be set.
            utimes(path, nil)
            return found
        }
        // One lock a data set: the others wait for the file instead of decoding beside each other.
        guard let lock = FileLock(waitingFor: "\(folder)/\(source.name).lock") else {
            return try source.read()
        }
        defer { withExtendedLifetime(lock) {} }
        if let found = SharedImageFile.open(path, fingerprint: fingerprint) { return found }
        let decoded = try source.read()
        guard SharedImageFile.write(decoded, to: path, fingerprint: fingerprint) else { return decoded }
        removeOldFiles(of: source.name)
        // From here on the process holds the shared pages instead of its own.
        return SharedImageFile.open(path, fingerprint: fingerprint) ?? decoded
    }

    /// Keeps the files of a data set that were used last; sources that were moved or changed leave theirs behind.
    ///
    /// Who still maps a removed file keeps its pages.
    private func removeOldFiles(of name: String) {
        guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return
        }
        let used = names.filter { $0.hasPrefix("\(name)-") && $0.hasSuffix(".images") }.map { file in
            var status = stat()
            stat("\(folder)/\(file)", &status)
            return (path: "\(folder)/\(file)", changed: status.changeNanoseconds)
        }
        for file in used.sorted(by: { $0.changed > $1.changed }).dropFirst(Self.filesMax) {
            unlink(file.path)
        }
    }

    /// What the files take on disk.
    private func sourceBytes(_ source: some ImageFiles) -> Int {
        source.paths.reduce(0) { sum, path in
            var status = stat()
            return sum + (stat(path, &status) == 0 ? Int(status.st_size) : 0)
        }
    }
}

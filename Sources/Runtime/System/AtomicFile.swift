internal import Glibc

/// Files that are there in whole or not at all, whatever is killed and whenever the power fails.
public enum AtomicFile {
    /// Writes `bytes` to a temporary name beside `path`, makes them durable, and renames.
    ///
    /// - Parameters:
    ///   - bytes: What the file shall hold.
    ///   - path: Where it shall be.
    ///   - mode: Who may read and write it, from its first moment; the process's mask takes away from that.
    ///   - survivesPowerCut: Whether to wait for the disk; if not, the file still survives a kill of this process.
    /// - Throws: ``SystemError`` when the disk is full or the folder cannot be written; nothing is left behind, and
    ///   what stood at `path` before still does.
    public static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644, survivesPowerCut: Bool = true
    ) throws(SystemError) {
        let temporary = "\(path).\(getpid()).temporary"
        do throws(SystemError) {
            try write(bytes, toNew: temporary, mode, isSynchronized: survivesPowerCut)
            try system("rename", path: path) { rename(temporary, path) }
        } catch {
            unlink(temporary)
            throw error
        }
        if survivesPowerCut { try synchronizeFolder(of: path) }
    }

    /// Removes a file durably; one that is not there is no error.
    public static func remove(_ path: String) throws(SystemError) {
        if unlink(path) == -1 {
            if errno == ENOENT { return }
            throw SystemError("unlink", code: errno, path: path)
        }
        try synchronizeFolder(of: path)
    }

    /// The bytes of a file; `nil` where there is none.
    ///
    /// - Throws: ``SystemError`` where there is one that cannot be read.
    public static func read(_ path: String) throws(SystemError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor != -1 else {
            if errno == ENOENT { return nil }
            throw SystemError("open", code: errno, path: path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try system("read", path: path) { Glibc.read(descriptor, &chunk, chunk.count) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
        }
    }

    private static func write(
        _ bytes: [UInt8], toNew path: String, _ mode: UInt32, isSynchronized: Bool
    ) throws(SystemError) {
        let descriptor = try system("open", path: path) {
            open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            written += try system("write", path: path) {
                bytes.withUnsafeBytes { all in
                    let rest = UnsafeRawBufferPointer(rebasing: all[written...])
                    return Glibc.write(descriptor, rest.baseAddress, rest.count)
                }
            }
        }
        if isSynchronized { try system("fsync", path: path) { fsync(descriptor) } }
    }

    /// Makes the names in a folder durable, as `fsync` of a file alone does not.
    private static func synchronizeFolder(of path: String) throws(SystemError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = try system("open", path: folder) { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        try system("fsync", path: folder) { fsync(descriptor) }
    }
}

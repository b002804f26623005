internal import Glibc

/// Files and folders that hold secrets: nobody but their owner may get at them.
enum PrivateFile {
    /// No file of ours comes near this.
    private static let bytesMax = 1 << 20
    private static let mode: mode_t = 0o600
    private static let folderMode: mode_t = 0o700

    /// The bytes of a file that only its owner can read.
    ///
    /// - Throws: ``KeyError`` where it is missing or exposed, ``SystemError`` where it cannot be read.
    static func read(_ path: String) throws -> [UInt8] {
        // Not waiting for a pipe that somebody put there.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor != -1 else {
            if errno == ENOENT { throw KeyError.missing(path: path) }
            throw SystemError("open", code: errno, path: path)
        }
        defer { close(descriptor) }
        // Of what was opened, not of the name: that may be another file by now.
        var status = stat()
        try system("fstat", path: path) { fstat(descriptor, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw KeyError.malformed(path: path, problem: "is no file")
        }
        try check(status, path)
        guard status.st_size <= bytesMax else {
            throw KeyError.malformed(path: path, problem: "is too large for a key file")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = try system("read", path: path) { Glibc.read(descriptor, &bytes, bytes.count) }
        return Array(bytes.prefix(count))
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Replaces a file in one step; nobody but the owner can read it at any moment.
    static func write(_ text: String, to path: String) throws(SystemError) {
        try AtomicFile.write(Array(text.utf8), to: path, mode: mode)
    }

    /// Makes a folder that only its owner can look into, with the folders above it as they come.
    ///
    /// - Throws: ``KeyError`` where one is there that others can look into.
    static func createFolder(_ path: String) throws {
        if let end = path.lastIndex(of: "/"), end != path.startIndex {
            try Folder.create(String(path[..<end]))
        }
        if mkdir(path, folderMode) == -1, errno != EEXIST {
            throw SystemError("mkdir", code: errno, path: path)
        }
        try checkFolder(path)
    }

    /// Sees to it that nobody but the owner can look into a folder.
    static func checkFolder(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { throw KeyError.missing(path: path) }
            throw SystemError("stat", code: errno, path: path)
        }
        try check(status, path)
    }

    private static func check(_ status: stat, _ path: String) throws(KeyError) {
        guard status.st_uid == geteuid() else { throw .foreignOwner(path: path) }
        let mode = status.st_mode & 0o777
        guard mode & 0o077 == 0 else { throw .exposed(path: path, mode: mode) }
    }
}

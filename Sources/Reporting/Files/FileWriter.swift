#if canImport(Glibc)
    internal import Glibc
#endif

/// Writes whole files: a reader sees the old file or the new one, and after a failure the old one.
///
/// The bytes go to a temporary file in the same folder, reach the disk, and only then take the name.
public struct FileWriter: ~Copyable {
    /// A file that could not be written; nothing of it is left behind.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        public let path: String
        /// Its `errno`.
        public let code: Int32

        /// What the system said: `No space left on device`.
        public var reason: String { String(cString: strerror(code)) }

        public var description: String {
            let advice =
                switch code {
                case ENOSPC, EDQUOT: "free some space and try again"
                case EACCES, EPERM, EROFS: "choose a folder that you may write to"
                case ENOENT, ENOTDIR: "check that its folder exists"
                default: "try again"
                }
            return "\(path) could not be written: \(reason); the old file, if any, is unchanged; \(advice)"
        }
    }

    /// The system calls, replaceable so that tests can make each of them fail.
    package struct SystemCalls: Sendable {
        package var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int
        package var synchronize: @Sendable (Int32) -> Int32
        package var rename: @Sendable (String, String) -> Int32

        package static let real = SystemCalls(
            write: { descriptor, bytes in Glibc.write(descriptor, bytes.baseAddress, bytes.count) },
            synchronize: { fsync($0) },
            rename: { Glibc.rename($0, $1) })

        package init(
            write: @escaping @Sendable (Int32, UnsafeRawBufferPointer) -> Int,
            synchronize: @escaping @Sendable (Int32) -> Int32,
            rename: @escaping @Sendable (String, String) -> Int32
        ) {
            self.write = write
            self.synchronize = synchronize
            self.rename = rename
        }
    }

    private let path: String
    private let temporaryPath: String
    private let calls: SystemCalls
    /// −1 once it is closed.
    private var descriptor: Int32
    private var pending: [UInt8] = []

    /// Bytes gathered before they are written.
    private static let chunkBytes = 1 << 18

    /// Writes a file from the pieces that `body` appends.
    ///
    /// - Parameters:
    ///   - path: The file; its folder must exist.
    ///   - body: Is given the file and appends to it.
    /// - Throws: ``Failure``; the file is then as it was before.
    public static func write(
        to path: String, _ body: (inout FileWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try write(to: path, calls: .real, body)
    }

    /// Writes bytes as a file.
    ///
    /// - Throws: ``Failure``; the file is then as it was before.
    public static func write(_ bytes: some Collection<UInt8>, to path: String) throws(Failure) {
        try write(to: path) { file throws(Failure) in try file.append(bytes) }
    }

    /// Writes the UTF-8 of `text` as a file.
    ///
    /// - Throws: ``Failure``; the file is then as it was before.
    public static func write(_ text: String, to path: String) throws(Failure) {
        try write(text.utf8, to: path)
    }

    package static func write(
        to path: String, calls: SystemCalls, _ body: (inout FileWriter) throws(Failure) -> Void
    ) throws(Failure) {
        var file = try FileWriter(path: path, calls: calls)
        do {
            try body(&file)
            try file.commit()
        } catch {
            file.abandon()
            throw error
        }
    }

    private init(path: String, calls: SystemCalls) throws(Failure) {
        // Truncating, not exclusive: a file of that name is what a killed process with our id left behind.
        let temporaryPath = "\(path).\(getpid()).part"
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw Failure(path: path, code: errno) }
        self.path = path
        self.temporaryPath = temporaryPath
        self.calls = calls
        self.descriptor = descriptor
    }

    /// Adds bytes to the end.
    public mutating func append(_ bytes: some Collection<UInt8>) throws(Failure) {
        pending.append(contentsOf: bytes)
        if pending.count >= FileWriter.chunkBytes { try flush() }
    }

    /// Adds the UTF-8 of `text` to the end.
    public mutating func append(_ text: String) throws(Failure) { try append(text.utf8) }

    private mutating func flush() throws(Failure) {
        var offset = 0
        while offset < pending.count {
            let written = pending.withUnsafeBytes { bytes in
                calls.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            }
            if written >= 0 {
                offset += written
            } else if errno != EINTR {
                throw Failure(path: path, code: errno)
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func commit() throws(Failure) {
        try flush()
        if calls.synchronize(descriptor) != 0 { throw Failure(path: path, code: errno) }
        // Some network file systems report a full disk only here.
        let closed = close(descriptor)
        descriptor = -1
        if closed != 0 { throw Failure(path: path, code: errno) }
        if calls.rename(temporaryPath, path) != 0 { throw Failure(path: path, code: errno) }
        synchronizeFolder()
    }

    private mutating func abandon() {
        if descriptor >= 0 { _ = close(descriptor) }
        descriptor = -1
        _ = unlink(temporaryPath)
    }

    /// Makes the new name survive a power failure; not every file system can, and the bytes are safe either
    /// way.
    private func synchronizeFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        _ = close(descriptor)
    }
}

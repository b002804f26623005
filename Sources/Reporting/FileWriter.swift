internal import Foundation

/// Writes files so that a reader sees the old one or the new one, never half of either.
public enum FileWriter {
    /// A file that could not be written; nothing of it is left behind.
    public struct Failure: Error, CustomStringConvertible {
        public let path: String
        /// What the system said: `No space left on device`.
        public let reason: String

        public var description: String {
            "\(path) could not be written: \(reason); the old file, if any, is unchanged"
        }
    }

    /// Writes under a temporary name beside the target, syncs, and renames.
    ///
    /// - Throws: ``Failure`` with the system's reason.
    public static func write(_ bytes: some Collection<UInt8>, to path: String) throws(Failure) {
        let temporary = "\(path).\(getpid()).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        var problem: Failure?
        var remaining = Array(bytes)[...]
        while !remaining.isEmpty, problem == nil {
            let count = remaining.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                remaining = remaining.dropFirst(count)
            } else if errno != EINTR {
                problem = failure(path)
            }
        }
        if problem == nil, fsync(descriptor) != 0 { problem = failure(path) }
        if close(descriptor) != 0, problem == nil { problem = failure(path) }
        if problem == nil, rename(temporary, path) != 0 { problem = failure(path) }
        if let problem {
            unlink(temporary)
            throw problem
        }
    }

    /// Writes the UTF-8 of `text`.
    ///
    /// - Throws: ``Failure`` with the system's reason.
    public static func write(_ text: String, to path: String) throws(Failure) {
        try write(text.utf8, to: path)
    }

    private static func failure(_ path: String) -> Failure {
        Failure(path: path, reason: String(cString: strerror(errno)))
    }
}

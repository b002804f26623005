internal import Foundation

/// The right to write certain files, held by one process at a time; the kernel ends it with the process.
struct FileLock: ~Copyable {
    /// The lock is this open file's: a child process that inherits it holds the lock as well.
    let descriptor: Int32

    /// Waits for the lock in the file at `path`; `nil` where there can be none, as on a read-only disk.
    init?(waitingFor path: String) { self.init(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)) }

    /// Waits for the lock of a folder that is there, without leaving a file in it.
    init?(waitingForFolder path: String) { self.init(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }

    private init?(_ descriptor: Int32) {
        guard descriptor >= 0 else { return nil }
        var result: Int32
        repeat { result = flock(descriptor, LOCK_EX) } while result != 0 && errno == EINTR
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

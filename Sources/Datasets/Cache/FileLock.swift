internal import Foundation

/// The right to write certain files, held by one process at a time; the kernel ends it with the process.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for the lock in the file at `path`; `nil` where there can be none, as on a read-only disk.
    init?(waitingFor path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
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

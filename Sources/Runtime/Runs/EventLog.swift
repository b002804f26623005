internal import Glibc
internal import ResultStore

/// Appends dated lines to a log file; a log that cannot be written never stops the work.
public final class EventLog: Sendable {
    private let descriptor: Int32

    /// A log in the file at `path`, or none where that cannot be opened.
    public init(path: String) { descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) }

    /// A log on a descriptor that stays open, such as 2 for standard error.
    public init(descriptor: Int32) { self.descriptor = dup(descriptor) }

    deinit { if descriptor != -1 { close(descriptor) } }

    /// Appends one line.
    public func say(_ line: String) { say([line]) }

    /// Appends several lines of one moment.
    func say(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        let time = "\(WallTime.now)"
        var bytes: [UInt8] = []
        for line in lines { bytes += "\(time) \(line)\n".utf8 }
        // One call, so that lines of several writers do not mix.
        _ = write(descriptor, bytes, bytes.count)
    }
}

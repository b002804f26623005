internal import Glibc

/// The end of a log, for telling people what a process said last.
enum LogTail {
    private static let bytesMax = 16 << 10

    /// The last lines of a file, oldest first; none where it cannot be read.
    ///
    /// Control characters are shown as spaces: what a dying process wrote must not command the terminal.
    static func lines(of path: String, count: Int, bytesMax: Int = bytesMax) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor != -1 else { return [] }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        lseek(descriptor, max(0, size - bytesMax), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let readCount = max(0, read(descriptor, &bytes, bytes.count))
        return bytes.prefix(readCount).split(separator: UInt8(ascii: "\n")).suffix(count).map { line in
            String(decoding: line.map { $0 < 32 || $0 == 127 ? 32 : $0 }, as: UTF8.self)
        }
    }
}

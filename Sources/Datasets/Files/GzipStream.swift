internal import CZlib

/// Reads a file from its start, unpacking it where it is gzipped, in pieces as large as the caller likes.
struct GzipStream: ~Copyable {
    let path: String
    private let file: gzFile

    /// - Throws: ``DatasetError/missing(_:)`` for a file that cannot be opened.
    init(path: String) throws(DatasetError) {
        guard let file = gzopen(path, "rb") else {
            throw .missing("\(path) cannot be read; check that it is a file and its permissions")
        }
        // Fewer, larger reads than the 8 KiB of zlib's own choice.
        gzbuffer(file, 1 << 18)
        self.path = path
        self.file = file
    }

    deinit { gzclose(file) }

    /// The next `count` bytes; fewer where the file ends.
    ///
    /// - Throws: ``DatasetError/damaged(file:problem:)`` for a stream that is damaged or cut off.
    func read(_ count: Int) throws(DatasetError) -> [UInt8] {
        var got: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            got = gzread(file, buffer.baseAddress, UInt32(count))
            initialized = Int(max(got, 0))
        }
        if got == count { return bytes }
        var code: Int32 = Z_OK
        gzerror(file, &code)
        switch code {
        case Z_OK, Z_STREAM_END: return bytes
        case Z_BUF_ERROR: throw .damaged(file: path, problem: "its gzip stream is truncated")
        default: throw .damaged(file: path, problem: "its gzip stream is damaged")
        }
    }

    /// Passes over the next `count` bytes.
    ///
    /// - Throws: As ``read(_:)``, and where the file ends before.
    func skip(_ count: Int) throws(DatasetError) {
        var left = count
        while left > 0 {
            let piece = try read(min(left, 1 << 20)).count
            if piece == 0 { throw .damaged(file: path, problem: "it is truncated") }
            left -= piece
        }
    }
}

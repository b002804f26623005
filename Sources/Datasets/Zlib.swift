internal import CZlib

/// Unpacks gzip and zlib streams with a bound on what comes out.
enum Zlib {
    enum Failure: Error {
        /// The stream is damaged or ends too early.
        case damaged
        /// More bytes come out than were allowed.
        case tooLong
    }

    /// Whether the bytes start like a gzip file.
    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b }

    /// The unpacked bytes of one gzip or zlib stream.
    ///
    /// - Throws: ``Failure`` for damage, for bytes after the stream's end, and for more than `countMax` bytes.
    static func inflate(_ packed: [UInt8], countMax: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        // 15 bits of window, plus 32: zlib looks for a gzip or a zlib header by itself.
        guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .damaged
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var input = packed
        var status = Z_OK
        var isTooLong = false
        input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while status == Z_OK, !isTooLong {
                chunk.withUnsafeMutableBufferPointer { target in
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(target.count)
                    status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    output.append(contentsOf: target.prefix(target.count - Int(stream.avail_out)))
                }
                isTooLong = output.count > countMax
            }
        }
        if isTooLong { throw .tooLong }
        guard status == Z_STREAM_END, stream.avail_in == 0 else { throw .damaged }
        return output
    }
}

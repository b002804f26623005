internal import CZlib

/// Unpacks gzip and zlib streams with a bound on what comes out.
enum Zlib {
    /// What is wrong with a stream.
    enum Failure: Error, Hashable {
        /// Its bytes are not what a compressor wrote.
        case damaged
        /// It stops before its end.
        case truncated
        /// So many bytes stand after its end.
        case followed(byteCount: Int)
    }

    /// Whether the bytes start like a gzip file.
    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b }

    /// The first unpacked bytes of one gzip or zlib stream, at most `countMax` of them.
    ///
    /// Memory follows what has come out so far, never what the stream claims. A stream that holds fewer bytes than
    /// `countMax` has been checked to its end, checksum included; ask for one byte more than is expected to know.
    ///
    /// - Throws: ``Failure`` for anything but one whole stream, as far as it was read.
    static func inflate(_ packed: [UInt8], countMax: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        // 15 bits of window, plus 32: zlib looks for a gzip or a zlib header by itself.
        guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .damaged
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(countMax, 1 << 18))
        var input = packed
        var status = Z_OK
        input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while status == Z_OK, output.count < countMax {
                chunk.withUnsafeMutableBufferPointer { target in
                    let room = min(target.count, countMax - output.count)
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(room)
                    status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    output.append(contentsOf: target.prefix(room - Int(stream.avail_out)))
                }
            }
        }
        switch status {
        case Z_STREAM_END where stream.avail_in > 0: throw .followed(byteCount: Int(stream.avail_in))
        case Z_STREAM_END, Z_OK: return output
        case Z_BUF_ERROR: throw .truncated
        default: throw .damaged
        }
    }
}

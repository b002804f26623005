internal import Foundation

/// Reads MNIST's file format: a magic number, sizes in big-endian, then bytes (LeCun, 1998).
struct IDXFile {
    /// Where the file is.
    let path: String
    /// 3 for images, 1 for labels.
    let dimensionCount: Int

    /// Five times MNIST's largest file: what is read or unpacked never exceeds it.
    private static let bytesMax = 1 << 28

    /// An array of unsigned bytes with its sizes, outermost first.
    struct Content {
        let sizes: [Int]
        let bytes: ArraySlice<UInt8>
    }

    /// Reads the file, gzipped or not.
    ///
    /// The header is read first and alone, and decides how much more may come.
    ///
    /// - Returns: Sizes and bytes that fit each other.
    /// - Throws: ``DatasetError`` naming the file and what is wrong with it.
    func read() throws(DatasetError) -> Content {
        let stored = try storedBytes()
        let headerCount = 4 + 4 * dimensionCount
        let sizes = try sizes(inHeader: try prefix(headerCount, of: stored))
        let text = sizes.map(String.init).joined(separator: "×")
        // Sizes have 32 bits each: the product of three may overflow.
        let count = sizes.reduce(1) { $0 > Self.bytesMax ? $0 : $0 * $1 }
        guard count <= Self.bytesMax else {
            throw damaged("its header promises \(text) bytes, more than any such file holds")
        }
        let body = try prefix(headerCount + count + 1, of: stored).dropFirst(headerCount)
        if body.count < count {
            throw damaged("it is truncated: its header says \(text) bytes, but only \(body.count) follow")
        }
        if body.count > count { throw damaged("more bytes follow than the \(text) that its header says") }
        return Content(sizes: sizes, bytes: body)
    }

    /// The file as it is on disk.
    private func storedBytes() throws(DatasetError) -> [UInt8] {
        let data: Data?
        do {
            // No more than the bound, whatever the name leads to.
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            data = try handle.read(upToCount: Self.bytesMax + 1)
        } catch {
            throw .missing("\(path) cannot be read; check that it is a file and its permissions")
        }
        guard let data, !data.isEmpty else { throw damaged("it is empty") }
        guard data.count <= Self.bytesMax else { throw damaged("it is larger than any such file") }
        return [UInt8](data)
    }

    /// At most the first `count` bytes of what the file holds, unpacked where it is gzipped.
    private func prefix(_ count: Int, of stored: [UInt8]) throws(DatasetError) -> ArraySlice<UInt8> {
        guard Zlib.isGzip(stored) else { return stored.prefix(count) }
        do {
            return try Zlib.inflate(stored, countMax: count)[...]
        } catch {
            switch error {
            case .damaged: throw damaged("its gzip stream is damaged")
            case .truncated: throw damaged("its gzip stream is truncated")
            case .followed(let byteCount): throw damaged("\(byteCount) bytes follow after its gzip stream")
            }
        }
    }

    private func sizes(inHeader header: ArraySlice<UInt8>) throws(DatasetError) -> [Int] {
        guard header.count == 4 + 4 * dimensionCount else {
            throw damaged("it ends after \(header.count) bytes, inside its header")
        }
        // Two zeros, 8 for unsigned bytes, the number of dimensions.
        let magic: [UInt8] = [0, 0, 8, UInt8(dimensionCount)]
        guard header.starts(with: magic) else {
            let found = header.prefix(4).map(String.init).joined(separator: " ")
            throw damaged("its magic number is \(found) instead of 0 0 8 \(dimensionCount)")
        }
        return (0..<dimensionCount).map { dimension in
            (0..<4).reduce(0) { $0 << 8 | Int(header[4 + 4 * dimension + $1]) }
        }
    }

    private func damaged(_ problem: String) -> DatasetError { .damaged(file: path, problem: problem) }
}

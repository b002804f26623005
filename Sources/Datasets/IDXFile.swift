internal import Foundation

/// Reads MNIST's file format: a magic number, sizes in big-endian, then bytes (LeCun, 1998).
enum IDXFile {
    /// Larger than any published file of the format; refused before anything is allocated.
    private static let bytesMax = 1 << 30

    /// An array of unsigned bytes with its sizes, outermost first.
    struct Content {
        let sizes: [Int]
        let bytes: ArraySlice<UInt8>
    }

    /// Reads a file, gzipped or not.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - dimensionCount: 3 for images, 1 for labels.
    /// - Returns: Sizes and bytes that fit each other.
    /// - Throws: ``DatasetError`` naming the file and what is wrong with it.
    static func read(_ path: String, dimensionCount: Int) throws(DatasetError) -> Content {
        var bytes: [UInt8]
        do {
            bytes = try [UInt8](Data(contentsOf: URL(filePath: path), options: .mappedIfSafe))
        } catch {
            throw .missing("\(path) cannot be read; check its permissions")
        }
        if Zlib.isGzip(bytes) {
            do {
                bytes = try Zlib.inflate(bytes, countMax: bytesMax)
            } catch {
                let problem =
                    error == .tooLong ? "it unpacks to more than a gibibyte" : "its gzip stream is damaged"
                throw .damaged(file: path, problem: problem)
            }
        }
        return try parse(bytes, path: path, dimensionCount: dimensionCount)
    }

    private static func parse(
        _ bytes: [UInt8], path: String, dimensionCount: Int
    ) throws(DatasetError) -> Content {
        let headerCount = 4 + 4 * dimensionCount
        guard bytes.count >= headerCount else {
            throw .damaged(file: path, problem: "it ends after \(bytes.count) bytes, inside its header")
        }
        // Two zeros, 8 for unsigned bytes, the number of dimensions.
        guard bytes[0] == 0, bytes[1] == 0, bytes[2] == 8, bytes[3] == UInt8(dimensionCount) else {
            let found = bytes[0..<4].map(String.init).joined(separator: " ")
            throw .damaged(
                file: path, problem: "its magic number is \(found) instead of 0 0 8 \(dimensionCount)")
        }
        let sizes = (0..<dimensionCount).map { index in
            (0..<4).reduce(0) { $0 << 8 | Int(bytes[4 + 4 * index + $1]) }
        }
        // Sizes have 32 bits each: three of them may overflow.
        let count = sizes.reduce(1) { $0 > bytesMax ? $0 : $0 * $1 }
        let body = bytes[headerCount...]
        guard body.count == count else {
            let text = sizes.map(String.init).joined(separator: "×")
            let problem =
                body.count < count
                ? "it is truncated: its header says \(text) bytes, but only \(body.count) follow"
                : "\(body.count - count) bytes follow after the \(text) that its header says"
            throw .damaged(file: path, problem: problem)
        }
        return Content(sizes: sizes, bytes: body)
    }
}

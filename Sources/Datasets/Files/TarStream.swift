/// Walks through the members of a tar archive (POSIX.1-1988 `ustar`), gzipped or not, without unpacking it to disk.
///
/// Only names and sizes of regular files are believed; whatever else an archive holds is passed over.
struct TarStream: ~Copyable {
    private let stream: GzipStream
    /// Bytes of the latest member that nobody has read, padding included.
    private var unread = 0

    /// One regular file of the archive.
    struct Member: Hashable {
        let path: String
        let sizeBytes: Int

        /// The last component of the path.
        var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    }

    /// What an archive may hold in all: several times the largest that we read.
    private static let bytesMax = 1 << 31
    private static let blockSize = 512

    /// - Throws: ``DatasetError/missing(_:)`` for a file that cannot be opened.
    init(path: String) throws(DatasetError) { stream = try GzipStream(path: path) }

    /// The next regular file; `nil` at the end of the archive.
    ///
    /// - Throws: ``DatasetError/damaged(file:problem:)`` for what is no archive, or one that is cut off.
    mutating func next() throws(DatasetError) -> Member? {
        while true {
            try stream.skip(unread)
            unread = 0
            let header = try stream.read(Self.blockSize)
            // A block of zeros ends an archive; some writers leave it out.
            if header.isEmpty || header.count == Self.blockSize && header.allSatisfy({ $0 == 0 }) {
                return nil
            }
            guard header.count == Self.blockSize, Self.isSound(header) else {
                throw damaged("it is not a tar archive, or is damaged")
            }
            guard let size = Self.octal(header[124..<136]), size <= Self.bytesMax else {
                throw damaged("a member's size makes no sense")
            }
            unread = (size + Self.blockSize - 1) / Self.blockSize * Self.blockSize
            // '0', and NUL before POSIX, are regular files.
            if header[156] == UInt8(ascii: "0") || header[156] == 0 {
                let prefix = Self.text(header[345..<500])
                let name = Self.text(header[0..<100])
                return Member(path: prefix.isEmpty ? name : "\(prefix)/\(name)", sizeBytes: size)
            }
        }
    }

    /// The content of the member that ``next()`` returned last, once.
    ///
    /// - Throws: ``DatasetError/damaged(file:problem:)`` for an archive that is cut off.
    mutating func content(of member: Member) throws(DatasetError) -> [UInt8] {
        let bytes = try stream.read(member.sizeBytes)
        guard bytes.count == member.sizeBytes else { throw damaged("it is truncated inside \(member.path)") }
        unread -= member.sizeBytes
        return bytes
    }

    private func damaged(_ problem: String) -> DatasetError { .damaged(file: stream.path, problem: problem) }

    /// Whether a header's checksum is right: the sum of its bytes with the checksum's own field as spaces.
    private static func isSound(_ header: [UInt8]) -> Bool {
        let sum = header.indices.reduce(0) { $0 + (148..<156 ~= $1 ? 32 : Int(header[$1])) }
        return octal(header[148..<156]) == sum
    }

    /// Octal digits that end at a space, a NUL or the end of the field; at most eleven of them fit.
    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 32 }.prefix { $0 != 32 && $0 != 0 }
        guard !digits.isEmpty, digits.count <= 12, digits.allSatisfy({ 48..<56 ~= $0 }) else { return nil }
        return digits.reduce(0) { $0 * 8 + Int($1 - 48) }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}

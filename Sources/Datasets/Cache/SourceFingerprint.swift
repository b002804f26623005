internal import Basics
internal import Foundation

/// What a data set was decoded from: changes whenever one of its files does.
///
/// Files are told apart by path, size, time of change to the nanosecond and inode, as build tools do: reading hundreds
/// of megabytes at every start, only to learn that nothing has changed, would cost more than the cache saves.
struct SourceFingerprint: Hashable {
    let hash: ContentHash

    /// - Throws: ``DatasetError/missing(_:)`` for a file that has gone.
    init(_ source: some ImageFiles) throws(DatasetError) {
        var writer = ByteWriter()
        writer.append(source.name)
        writer.append(SharedImageFile.formatVersion)
        for path in source.paths {
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw .missing("\(path) cannot be read; check that it is a file and its permissions")
            }
            writer.append(URL(filePath: path).standardizedFileURL.path)
            writer.append(Int64(status.st_size))
            writer.append(UInt64(status.st_ino))
            writer.append(status.changeNanoseconds)
        }
        hash = ContentHash(of: writer.bytes)
    }
}

extension stat {
    /// When the content last changed, in nanoseconds since 1970.
    var changeNanoseconds: Int64 {
        #if canImport(Darwin)
            Int64(st_mtimespec.tv_sec) &* 1_000_000_000 &+ Int64(st_mtimespec.tv_nsec)
        #else
            Int64(st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(st_mtim.tv_nsec)
        #endif
    }
}

internal import Basics
internal import CZlib
internal import Foundation
internal import Sweeps

/// A decoded data set in a file that every process maps: its pages are in memory once for all of them.
///
/// Layout, little-endian: magic, version, fingerprint of the sources, then for each part shape, classes, white and
/// count; length and CRC-32 of the body; CRC-32 of the header; zeros to 4096 bytes. The body is the labels and then the pixels
/// of each part. A file whose length, fingerprint or checksums are not right does not exist for us.
enum SharedImageFile {
    /// Part of the fingerprint: files of other versions are never looked at.
    static let formatVersion: UInt32 = 1
    private static let magic = Array("DSCTIMGS".utf8)
    private static let headerSize = 4096
    /// Counts beyond this are damage.
    private static let imagesMax: UInt64 = 1 << 32

    /// Reads the file at `path` by mapping it.
    ///
    /// - Parameters:
    ///   - path: Where it may be.
    ///   - fingerprint: Of the sources as they are now.
    /// - Returns: The data set, its pixels mapped; `nil` where the file is not there, or not whole, or of other sources.
    static func open(_ path: String, fingerprint: SourceFingerprint) -> RawDataset? {
        guard let mapping = Mapping(path), mapping.count >= headerSize,
            let header = Header(Array(mapping.bytes[..<headerSize])), header.fingerprint == fingerprint.hash,
            mapping.count == headerSize + header.bodyCount,
            checksum(UnsafeRawBufferPointer(rebasing: mapping.bytes[headerSize...])) == header.bodyChecksum
        else { return nil }
        var offset = headerSize
        var parts: [RawImages] = []
        for part in header.parts {
            let labels = Array(mapping.bytes[offset..<offset + part.count])
            offset += part.count
            let pixelCount = part.count * part.shape.count
            let pixels = UnsafeRawBufferPointer(rebasing: mapping.bytes[offset..<offset + pixelCount])
            offset += pixelCount
            parts.append(
                RawImages(
                    shape: part.shape, classCount: part.classCount, pixelMax: part.pixelMax,
                    pixels: ImageBytes(pixels, count: pixelCount) { withExtendedLifetime(mapping) {} },
                    labels: labels))
        }
        return RawDataset(train: parts[0], test: parts.count > 1 ? parts[1] : nil)
    }

    /// Writes the file at `path`: to a neighbour first, which takes the name once it is whole and on disk.
    ///
    /// - Precondition: The caller holds the lock, so that nobody else writes the neighbour.
    /// - Returns: Whether it worked.
    static func write(_ dataset: RawDataset, to path: String, fingerprint: SourceFingerprint) -> Bool {
        let parts = [dataset.train] + [dataset.test].compactMap { $0 }
        let temporary = "\(path).part"
        // O_TRUNC: whoever died here left a beginning.
        let descriptor = Foundation.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        var sum = crc32(0, nil, 0)
        var isWritten = lseek(descriptor, off_t(headerSize), SEEK_SET) == off_t(headerSize)
        for part in parts {
            part.labels.withUnsafeBytes { labels in
                sum = checksum(labels, after: sum)
                isWritten = isWritten && writeAll(labels, to: descriptor)
            }
            let pixels = UnsafeRawBufferPointer(start: part.pixels.pointer, count: part.pixels.count)
            sum = checksum(pixels, after: sum)
            isWritten = isWritten && writeAll(pixels, to: descriptor)
        }
        let header = Header(parts: parts, fingerprint: fingerprint.hash, bodyChecksum: UInt32(sum)).bytes
        isWritten =
            isWritten && lseek(descriptor, 0, SEEK_SET) == 0
            && header.withUnsafeBytes { writeAll($0, to: descriptor) } && fsync(descriptor) == 0
        isWritten = close(descriptor) == 0 && isWritten
        if isWritten, rename(temporary, path) == 0 { return true }
        unlink(temporary)
        return false
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(checksum(bytes, after: crc32(0, nil, 0)))
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer, after sum: uLong) -> uLong {
        crc32_z(sum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    }
}

extension SharedImageFile {
    /// The first bytes of a file, decoded.
    private struct Header {
        struct Part {
            let shape: ImageShape
            let classCount: Int
            let pixelMax: Float
            let count: Int
        }

        let parts: [Part]
        let fingerprint: ContentHash
        let bodyChecksum: UInt32

        var bodyCount: Int { parts.reduce(0) { $0 + $1.count * (1 + $1.shape.count) } }

        init(parts: [RawImages], fingerprint: ContentHash, bodyChecksum: UInt32) {
            self.parts = parts.map {
                Part(shape: $0.shape, classCount: $0.classCount, pixelMax: $0.pixelMax, count: $0.count)
            }
            self.fingerprint = fingerprint
            self.bodyChecksum = bodyChecksum
        }

        /// - Returns: `nil` for bytes that no whole header starts with.
        init?(_ bytes: [UInt8]) {
            var reader = ByteReader(bytes)
            guard reader.read(count: magic.count)?.elementsEqual(magic) == true,
                reader.read(UInt32.self) == formatVersion, let digest = reader.read(count: 32),
                let fingerprint = ContentHash(
                    hexadecimal: digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()),
                let partCount = reader.read(UInt32.self), 1...2 ~= partCount
            else { return nil }
            var parts: [Part] = []
            for _ in 0..<partCount {
                guard let sizes = (0..<3).map({ _ in reader.read(UInt32.self) }) as? [UInt32],
                    sizes.allSatisfy({ 1...4096 ~= $0 }), let classCount = reader.read(UInt32.self),
                    let white = reader.read(UInt32.self), let count = reader.read(UInt64.self),
                    count <= imagesMax
                else { return nil }
                parts.append(
                    Part(
                        shape: ImageShape(
                            channels: Int(sizes[0]), height: Int(sizes[1]), width: Int(sizes[2])),
                        classCount: Int(classCount), pixelMax: Float(bitPattern: white), count: Int(count)))
            }
            let read = bytes.count - reader.remainingCount
            guard let bodyChecksum = reader.read(UInt32.self),
                let ownChecksum = reader.read(UInt32.self),
                bytes[..<(read + 4)].withUnsafeBytes({ checksum($0) }) == ownChecksum
            else { return nil }
            self.parts = parts
            self.fingerprint = fingerprint
            self.bodyChecksum = bodyChecksum
        }

        var bytes: [UInt8] {
            var writer = ByteWriter()
            writer.append(magic)
            writer.append(formatVersion)
            writer.append(fingerprint.bytes)
            writer.append(UInt32(parts.count))
            for part in parts {
                for size in [part.shape.channels, part.shape.height, part.shape.width, part.classCount] {
                    writer.append(UInt32(size))
                }
                writer.append(part.pixelMax.bitPattern)
                writer.append(UInt64(part.count))
            }
            writer.append(bodyChecksum)
            writer.append(writer.bytes.withUnsafeBytes { checksum($0) })
            return writer.bytes + [UInt8](repeating: 0, count: headerSize - writer.bytes.count)
        }
    }
}

/// A whole file, mapped for reading as long as somebody holds this.
private final class Mapping: Sendable {
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    var count: Int { bytes.count }

    init?(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0, status.st_size < 1 << 40,
            let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0),
            start != MAP_FAILED
        else { return nil }
        bytes = UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}

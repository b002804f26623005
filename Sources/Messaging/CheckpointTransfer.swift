public import Basics
public import Sweeps

/// What names the bytes of one checkpoint under way, so that no byte of it can change unnoticed.
public struct CheckpointSeal: Hashable, Sendable {
    /// After how many passes over the training samples it was taken.
    public let epoch: Int
    /// Its size in bytes as `TaskCheckpoint.encoded()` gives it.
    public let byteCount: Int
    /// The hash of these bytes.
    public let contentHash: ContentHash

    public init(epoch: Int, byteCount: Int, contentHash: ContentHash) {
        self.epoch = epoch
        self.byteCount = byteCount
        self.contentHash = contentHash
    }

    /// The seal of these bytes.
    public init(epoch: Int, of bytes: [UInt8]) {
        self.init(epoch: epoch, byteCount: bytes.count, contentHash: ContentHash(of: bytes))
    }
}

/// One piece of a checkpoint that its receiver wants next.
///
/// The receiver pulls, piece by piece: it never holds more than it has made room for, a lost piece is asked for
/// again, and the sender remembers nothing.
public struct CheckpointRequest: Hashable, Sendable {
    /// Under which the receiver or the sender trains the task: a lost attempt gets and gives nothing.
    public let assignment: Assignment
    public let epoch: Int
    /// Where the piece begins, in bytes.
    public let offset: Int

    public init(_ assignment: Assignment, epoch: Int, offset: Int) {
        self.assignment = assignment
        self.epoch = epoch
        self.offset = offset
    }
}

/// One piece of a checkpoint.
public struct CheckpointChunk: Hashable, Sendable {
    public let assignment: Assignment
    /// Of the whole checkpoint.
    public let seal: CheckpointSeal
    public let offset: Int
    /// At least one byte, at most ``bytesMax``.
    public let bytes: [UInt8]

    /// Largest piece that anybody accepts.
    public static let bytesMax = 1 << 20
    /// Usual size of a piece: small enough that others get their turn between two of them.
    public static let bytesStandard = 256 << 10

    public init(_ assignment: Assignment, seal: CheckpointSeal, offset: Int, bytes: [UInt8]) {
        self.assignment = assignment
        self.seal = seal
        self.offset = offset
        self.bytes = bytes
    }

    /// The piece of a whole checkpoint that somebody wants; `nil` where there is none.
    public init?(
        _ request: CheckpointRequest, of bytes: [UInt8], sealed seal: CheckpointSeal,
        byteCount: Int = bytesStandard
    ) {
        guard request.epoch == seal.epoch, request.offset < bytes.count else { return nil }
        let end = min(bytes.count, request.offset + byteCount)
        self.init(
            request.assignment, seal: seal, offset: request.offset, bytes: Array(bytes[request.offset..<end]))
    }
}

/// A checkpoint that arrives piece by piece.
public struct CheckpointAssembly: Hashable, Sendable {
    public let seal: CheckpointSeal
    /// What has arrived, from the beginning on.
    public private(set) var bytes: [UInt8] = []

    /// - Precondition: Whoever begins has compared the size with what it has room for.
    public init(_ seal: CheckpointSeal) { self.seal = seal }

    /// Takes the next piece; whatever came before, or belongs to other bytes, changes nothing.
    ///
    /// - Returns: Whether it was the next piece.
    public mutating func add(_ chunk: CheckpointChunk) -> Bool {
        guard chunk.seal == seal, chunk.offset == bytes.count,
            chunk.bytes.count <= seal.byteCount - bytes.count
        else { return false }
        if bytes.isEmpty { bytes.reserveCapacity(seal.byteCount) }
        bytes.append(contentsOf: chunk.bytes)
        return true
    }

    public var isComplete: Bool { bytes.count == seal.byteCount }

    /// Whether the bytes are those that were sealed.
    ///
    /// - Complexity: Linear in the bytes.
    public var isWhole: Bool { isComplete && ContentHash(of: bytes) == seal.contentHash }
}

// MARK: - Wire

extension CheckpointSeal {
    var wireFields: Setting {
        [
            "bytes": .integer(byteCount), "epoch": .integer(epoch), "hash": .text(contentHash.hexadecimal),
        ]
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            epoch: try fields.integer("epoch"), byteCount: try fields.integer("bytes", in: 1...Int.max),
            contentHash: try fields.contentHash("hash"))
    }
}

extension CheckpointRequest {
    var wireFields: Setting {
        assignment.wireFields.adding(["epoch": .integer(epoch), "offset": .integer(offset)])
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            try fields.assignment(), epoch: try fields.integer("epoch"), offset: try fields.integer("offset"))
    }
}

extension CheckpointChunk {
    var wireFields: Setting {
        assignment.wireFields.adding(seal.wireFields).adding(["offset": .integer(offset)])
    }

    init(_ fields: WireFields, blob: [UInt8]?) throws(WireError) {
        guard let blob else { throw .blob("is missing") }
        guard !blob.isEmpty, blob.count <= CheckpointChunk.bytesMax else { throw .blob("is no piece") }
        let seal = try CheckpointSeal(fields)
        let offset = try fields.integer("offset", in: 0...seal.byteCount)
        guard blob.count <= seal.byteCount - offset else { throw .blob("goes beyond its end") }
        self.init(try fields.assignment(), seal: seal, offset: offset, bytes: blob)
    }
}

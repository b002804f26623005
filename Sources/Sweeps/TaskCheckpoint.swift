public import Basics

/// All that a task needs to go on where it stopped, on whichever worker: two files.
///
/// Both are in the safetensors format. Whoever passes a checkpoint on need not look into them; whoever resumes from
/// it checks every byte first.
public struct TaskCheckpoint: Hashable, Sendable {
    /// Whole passes over the training samples that went into it.
    public let epoch: Int
    /// The parameters under PyTorch's names.
    public let weights: [UInt8]
    /// Optimiser, counters and the measurements so far; names the hash of ``weights`` and its own.
    public let state: [UInt8]

    public init(epoch: Int, weights: [UInt8], state: [UInt8]) {
        precondition(epoch >= 0, "a checkpoint after \(epoch) epochs")
        self.epoch = epoch
        self.weights = weights
        self.state = state
    }
}

extension TaskCheckpoint {
    /// Whether every byte is as it was written: the state names its own hash and that of the weights.
    ///
    /// For whoever passes a checkpoint on and cannot look into it.
    ///
    /// - Complexity: Linear in the bytes.
    public var isWhole: Bool {
        guard let own = TaskCheckpoint.digits(after: "hash", in: state),
            let other = TaskCheckpoint.digits(after: "weights", in: state)
        else { return false }
        var blanked = state
        blanked.replaceSubrange(own, with: repeatElement(UInt8(ascii: "0"), count: own.count))
        return ContentHash(of: blanked).hexadecimal.utf8.elementsEqual(state[own])
            && ContentHash(of: weights).hexadecimal.utf8.elementsEqual(state[other])
    }

    /// Where the hash stands that a file has under a name in its metadata, which comes first and is short.
    private static func digits(after name: String, in file: [UInt8]) -> Range<Int>? {
        let mark = Array("\"\(name)\":\"".utf8)
        for start in 0..<max(0, min(file.count - mark.count - 64, 4096))
        where file[start..<start + mark.count].elementsEqual(mark) {
            return start + mark.count..<start + mark.count + 64
        }
        return nil
    }

    private static let magic: [UInt8] = Array("DCHK".utf8)
    private static let formatVersion: UInt16 = 1

    /// Both files in one, for the way between processes.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(TaskCheckpoint.magic)
        writer.append(TaskCheckpoint.formatVersion)
        writer.append(Int64(epoch))
        writer.append(UInt64(weights.count))
        writer.append(weights)
        writer.append(state)
        return writer.bytes
    }

    /// What travels is named by this.
    public var contentHash: ContentHash { ContentHash(of: encoded()) }

    /// A checkpoint read from its bytes; `nil` for what is none.
    ///
    /// Damage inside the files shows when it is used.
    public init?(encoded bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.read(count: 4).map(Array.init) == TaskCheckpoint.magic,
            reader.read(UInt16.self) == TaskCheckpoint.formatVersion,
            let epoch = reader.read(Int64.self), epoch >= 0, let count = reader.read(UInt64.self),
            let weights = Int(exactly: count).flatMap({ reader.read(count: $0) }),
            let state = reader.read(count: reader.remainingCount)
        else { return nil }
        self.init(epoch: Int(epoch), weights: Array(weights), state: Array(state))
    }
}

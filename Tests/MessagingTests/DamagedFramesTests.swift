import Basics
import Messaging
import TestSupport
import Testing

@Suite("Damaged frames")
struct DamagedFramesTests {
    static let frameSets: [[[UInt8]]] =
        WireMessageTests.fromWorkers.map(\.frames) + WireMessageTests.fromCoordinator.map(\.frames)

    /// What a socket on either side would make of the frames: an error, or messages that can be sent again.
    static func decode(_ frames: [[UInt8]]) throws {
        if let envelope = try? WorkerEnvelope(frames: frames) {
            let again = try WorkerEnvelope(frames: envelope.frames)
            let isSame = again.frames == envelope.frames
            #expect(isSame)
        }
        if let envelope = try? CoordinatorEnvelope(frames: frames) {
            let again = try CoordinatorEnvelope(frames: envelope.frames)
            let isSame = again.frames == envelope.frames
            #expect(isSame)
        }
    }

    @Test(
        "every truncation of every frame decodes to an error or to another message",
        arguments: frameSets.indices)
    func truncations(example: Int) throws {
        let frames = Self.frameSets[example]
        for index in frames.indices {
            for count in 0..<frames[index].count {
                var cut = frames
                cut[index].removeLast(cut[index].count - count)
                try Self.decode(cut)
            }
        }
    }

    @Test("every flip of one bit decodes to an error or to another message", arguments: frameSets.indices)
    func bitFlips(example: Int) throws {
        let frames = Self.frameSets[example]
        for index in frames.indices {
            for offset in frames[index].indices {
                for bit in 0..<8 {
                    var flipped = frames
                    flipped[index][offset] ^= 1 << UInt8(bit)
                    try Self.decode(flipped)
                }
            }
        }
    }

    @Test("random damage decodes to an error or to another message", arguments: seeds(20))
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: "mutations")
        for _ in 0..<2500 {
            var frames = Self.frameSets[generator.index(below: Self.frameSets.count)]
            for _ in 0...generator.index(below: 4) { Self.damage(&frames, using: &generator) }
            try Self.decode(frames)
        }
    }

    private static func damage(_ frames: inout [[UInt8]], using generator: inout SeededGenerator) {
        guard !frames.isEmpty else { return }
        let index = generator.index(below: frames.count)
        let offset = generator.index(below: frames[index].count + 1)
        let byte = UInt8(generator.index(below: 256))
        switch generator.index(below: 7) {
        case 0: frames[index].insert(byte, at: offset)
        case 1 where offset < frames[index].count: frames[index].remove(at: offset)
        case 2: frames[index].append(contentsOf: repeatElement(byte, count: 64))
        case 3: frames.swapAt(index, generator.index(below: frames.count))
        case 4: frames.append(frames[index])
        case 5: frames.remove(at: index)
        default: if offset < frames[index].count { frames[index][offset] = byte }
        }
    }
}

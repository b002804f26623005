import Sweeps
import Testing

@Suite("TaskResult")
struct TaskResultTests {
    static let example = TaskResult(
        columns: ["train_loss", "noisy_loss"],
        measurements: [
            Measurement(epoch: 0, step: 0, scalars: [2.5, nil]),
            Measurement(
                epoch: 1, step: 6, scalars: [.infinity, -0.0],
                layers: [LayerValue(metric: "local_complexity", layer: 1, index: 2, value: 0.25)]),
        ],
        divergedAtEpoch: 1)

    @Test("survives its canonical bytes")
    func roundTrip() {
        #expect(TaskResult(encoded: Self.example.encoded()) == Self.example)
    }

    @Test("keeps NaN and missing apart")
    func undefinedAndMissing() throws {
        let result = TaskResult(
            columns: ["a", "b"], measurements: [Measurement(epoch: 0, step: 0, scalars: [.nan, nil])])
        let back = try #require(TaskResult(encoded: result.encoded()))
        #expect(back.measurements[0].scalars[0]?.isNaN == true)
        #expect(back.measurements[0].scalars[1] == nil)
        #expect(back.contentHash == result.contentHash)
    }

    @Test("refuses every truncation without trapping")
    func truncation() {
        let bytes = Self.example.encoded()
        for count in 0..<bytes.count {
            let decoded = TaskResult(encoded: Array(bytes.prefix(count)))
            #expect(decoded == nil, "the first \(count) bytes were taken for a result")
        }
    }

    @Test("gives every result one encoding: a flipped bit is refused or is another result")
    func flippedBits() {
        let bytes = Self.example.encoded()
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(bit)
                let isCanonical = TaskResult(encoded: damaged).map { $0.encoded() == damaged } ?? true
                #expect(isCanonical, "bit \(bit) of byte \(index)")
            }
        }
    }
}

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

    /// Measured in steps, of which an epoch has four.
    static let withinEpochs = TaskResult(
        columns: ["train_loss"],
        measurements: [
            Measurement(epoch: 0, step: 0, scalars: [2.5]),
            Measurement(epoch: 0, step: 3, passes: 0.75, scalars: [2]),
            Measurement(epoch: 1, step: 4, passes: 1, scalars: [1]),
            Measurement(epoch: 2, step: 9, passes: 2.25, scalars: [0]),
        ])

    @Test("survives its canonical bytes", arguments: [Self.example, Self.withinEpochs])
    func roundTrip(example: TaskResult) {
        #expect(TaskResult(encoded: example.encoded()) == example)
    }

    @Test("keeps the bytes of results that are measured at the ends of epochs")
    func epochBytes() {
        #expect(Self.example.encoded()[4] == 1)
        #expect(Self.withinEpochs.encoded()[4] == 2)
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

    @Test("refuses every truncation without trapping", arguments: [Self.example, Self.withinEpochs])
    func truncation(example: TaskResult) {
        let bytes = example.encoded()
        for count in 0..<bytes.count {
            let decoded = TaskResult(encoded: Array(bytes.prefix(count)))
            #expect(decoded == nil, "the first \(count) bytes were taken for a result")
        }
    }

    @Test(
        "gives every result one encoding: a flipped bit is refused or is another result",
        arguments: [Self.example, Self.withinEpochs])
    func flippedBits(example: TaskResult) {
        let bytes = example.encoded()
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

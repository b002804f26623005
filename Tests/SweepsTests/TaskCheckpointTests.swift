import Sweeps
import Testing

@Suite("TaskCheckpoint")
struct TaskCheckpointTests {
    private static let example = TaskCheckpoint(epoch: 7, weights: [1, 2, 3], state: [4, 5])

    @Test("comes out of its bytes as it went in")
    func roundTrip() {
        #expect(TaskCheckpoint(encoded: Self.example.encoded()) == Self.example)
    }

    @Test("bytes that end before the weights do are no checkpoint")
    func truncated() {
        let bytes = Self.example.encoded()
        for count in 0..<bytes.count - 2 {
            let decoded = TaskCheckpoint(encoded: Array(bytes.prefix(count)))
            #expect(decoded == nil, "\(count) bytes")
        }
    }
}

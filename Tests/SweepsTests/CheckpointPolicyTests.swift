import Sweeps
import Testing

@Suite("CheckpointPolicy")
struct CheckpointPolicyTests {
    @Test("short tasks keep no checkpoint unless epochs are asked for")
    func due() {
        let standard = CheckpointPolicy(environment: [:])
        #expect(standard == CheckpointPolicy())
        #expect(!standard.isDue(epoch: 7, elapsed: .seconds(29)))
        #expect(standard.isDue(epoch: 7, elapsed: .seconds(30)))
        let counted = CheckpointPolicy(environment: ["checkpoints": ["every": 5, "keep": "all"]])
        #expect(counted.keepsAll)
        #expect(counted.isDue(epoch: 10, elapsed: .zero))
        #expect(!counted.isDue(epoch: 11, elapsed: .zero))
    }
}

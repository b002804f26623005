import Sweeps
import Testing

@Suite("CheckpointPolicy")
struct CheckpointPolicyTests {
    @Test("short tasks keep no checkpoint unless epochs are asked for")
    func due() {
        let standard = CheckpointPolicy(environment: [:])
        #expect(standard == CheckpointPolicy())
        let (seventh, end) = (
            CheckpointMoment(epoch: 7), CheckpointMoment(epoch: 8, isMeasured: true, isEnd: true)
        )
        #expect(!standard.isDue(seventh, elapsed: .seconds(29)))
        #expect(standard.isDue(seventh, elapsed: .seconds(30)))
        #expect(!standard.isDue(end, elapsed: .seconds(30)))
        let counted = CheckpointPolicy(environment: ["checkpoints": ["every": 5, "keep": "all"]])
        #expect(counted.keepsAll)
        #expect(counted.isDue(CheckpointMoment(epoch: 10), elapsed: .zero))
        #expect(!counted.isDue(CheckpointMoment(epoch: 11), elapsed: .zero))
        #expect(counted.isDue(CheckpointMoment(epoch: 11, isMeasured: true), elapsed: .zero))
        #expect(counted.isDue(end, elapsed: .zero))
    }
}

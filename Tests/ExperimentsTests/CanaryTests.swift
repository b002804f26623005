import Experiments
import Testing

@Suite("Canary")
struct CanaryTests {
    @Test("the canary sings the same each time on one profile")
    func same() throws {
        let first = try Canary.hash()
        #expect(first.count == 16)
        #expect(try Canary.hash() == first)
    }
}

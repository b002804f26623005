import Basics
import Testing

@Suite("SeededGenerator")
struct SeededGeneratorTests {
    @Test("gives the same numbers for the same seed and stream, others for another stream")
    func namedStreams() {
        func draw(_ seed: UInt64, _ stream: String) -> [UInt64] {
            var generator = SeededGenerator(seed: seed, stream: stream)
            return (0..<8).map { _ in generator.next() }
        }
        #expect(draw(1, "noise") == draw(1, "noise"))
        #expect(draw(1, "noise") != draw(1, "order"))
        #expect(draw(1, "noise") != draw(2, "noise"))
    }

    @Test("keeps its bits from version to version")
    func goldenBits() {
        var generator = SeededGenerator(seed: 0, stream: "golden")
        let drawn = (0..<3).map { _ in generator.next() }
        #expect(
            drawn == [13_651_938_722_961_928_358, 12_498_194_764_005_411_960, 11_142_416_244_518_255_846])
    }

    @Test("draws indices evenly")
    func evenIndices() {
        var generator = SeededGenerator(seed: 3, stream: "indices")
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[generator.index(below: 7)] += 1 }
        // Binomial with n = 70,000 and p = 1/7: deviation 93, so 6 deviations are 556.
        for count in counts { #expect(abs(count - 10_000) < 556) }
    }

    @Test("draws normal numbers with mean 0 and variance 1")
    func normalMoments() {
        var generator = SeededGenerator(seed: 5, stream: "normal")
        let drawn = (0..<100_000).map { _ in generator.normal() }
        let mean = drawn.reduce(0, +) / 100_000
        let variance = drawn.reduce(0) { $0 + $1 * $1 } / 100_000
        #expect(abs(mean) < 0.02)
        #expect(abs(variance - 1) < 0.03)
    }

    @Test("permutes without losing an index")
    func permutation() {
        var generator = SeededGenerator(seed: 9, stream: "permutation")
        let order = generator.permutation(of: 100)
        #expect(order.sorted() == Array(0..<100))
        #expect(order != Array(0..<100))
    }

    @Test("its logarithm agrees with known values to the last bits")
    func logarithm() {
        let known: [(Double, Double)] = [
            (1, 0), (2, 0.6931471805599453), (10, 2.302585092994046), (0.5, -0.6931471805599453),
            (1e-300, -690.7755278982137), (1.4142135623730951, 0.3465735902799727), (3, 1.0986122886681098),
        ]
        for (x, expected) in known {
            #expect(abs(naturalLogarithm(x) - expected) <= 2 * expected.ulp + 1e-17, "log \(x)")
        }
    }
}

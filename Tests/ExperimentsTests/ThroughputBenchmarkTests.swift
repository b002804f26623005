import Basics
import Experiments
import Sweeps
import Testing

@Suite("ThroughputBenchmark")
struct ThroughputBenchmarkTests {
    @Test("counts three forward passes a step and two an input gradient, at the median of the clock's times")
    func medians() throws {
        let benchmark = ThroughputBenchmark(
            model: ["family": "mlp", "width": 8], input: ImageShape(channels: 1, height: 8, width: 8),
            batch: 100)
        var reading = Instant.origin
        var readings = 0
        // Every span takes a millisecond but for some that are interrupted for a second.
        let timings = try benchmark.measure(timeMin: .zero, repetitionsMin: 11) {
            readings += 1
            reading = reading + (readings % 7 == 0 ? .seconds(1) : .milliseconds(1))
            return reading
        }
        let forward = 2.0 * (64 * 8 + 8 * 10) * 100
        #expect(timings.map(\.kind) == ["train_step", "jacobian"])
        for (timing, passes) in zip(timings, [3.0, 2.0]) {
            #expect(abs(timing.millisecondsMedian - 1) < 1e-9)
            #expect(abs(timing.gigaflops - passes * forward / 1e-3 / 1e9) < 1e-9)
        }
    }

    @Test("refuses a model that there is not")
    func unknownModel() {
        let benchmark = ThroughputBenchmark(
            model: ["family": "resnet34"], input: ImageShape(channels: 3, height: 32, width: 32), batch: 4)
        let error = #expect(throws: TaskError.self) {
            try benchmark.measure(timeMin: .zero) { .origin }
        }
        #expect(error?.failure == .invalidConfiguration)
    }
}

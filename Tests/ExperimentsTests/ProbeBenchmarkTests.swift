import Basics
import Experiments
import Sweeps
import Testing

@Suite("ProbeBenchmark")
struct ProbeBenchmarkTests {
    @Test("the share is that of all readings in all of the training")
    func shares() throws {
        let configuration = try resolved([
            ("measure.probes", ["jacobian-norm", "path-integrals"]), ("measure.at", [1, 2]),
            ("training.epochs", 8),
        ]).configuration
        var reading = Instant.origin
        let timings = try ProbeBenchmark(configuration: configuration).measure {
            reading = reading + .milliseconds(2)
            return reading
        }
        #expect(timings.map(\.name) == ["train_epoch", "jacobian-norm", "path-integrals"])
        // Every span takes 2 ms: readings after 0, 1, 2 and 8 epochs against eight epochs.
        for timing in timings.dropFirst() {
            #expect(abs(timing.millisecondsMedian - 2) < 1e-9)
            #expect(abs(timing.share - 0.5) < 1e-9)
        }
    }

    @Test("only probes that fit a task are proposed for it")
    func fitting() throws {
        let mlp = try ProbeBenchmark.fitting(resolved().configuration)
        #expect(mlp.contains("linear-regions") && !mlp.contains("batch-statistics"))
        let smooth = try ProbeBenchmark.fitting(resolved([("model.activation", "tanh")]).configuration)
        #expect(!smooth.contains("linear-regions") && smooth.contains("jacobian-norm"))
    }
}

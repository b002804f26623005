import Experiments
import Networks
import Probes
import Sweeps
import Testing

@Suite("Weights of a task")
struct WeightsTests {
    private let changes: [(String, Setting)] = [("measure.probes", ["jacobian-norm", "local-complexity"])]

    private func runKeeping(
        _ changes: [(String, Setting)]
    ) throws -> (result: TaskResult, initial: [UInt8], final: [UInt8]) {
        let settings = try resolved(changes)
        var (initial, final) = ([UInt8](), [UInt8]())
        let result = try TaskRunner().run(
            configuration: settings.configuration, environment: settings.environment,
            keep: { weights in
                switch weights {
                case .initial(let bytes): initial = bytes
                case .final(let bytes): final = bytes
                }
            })
        return (result, initial, final)
    }

    @Test(
        "probing the kept weights gives the first and the last row again", arguments: ["float32", "float64"])
    func roundTrip(precision: String) throws {
        let changes = changes + [("training.precision", .text(precision))]
        let (result, initial, final) = try runKeeping(changes)
        let settings = try resolved(changes)
        for (bytes, row) in [(initial, result.measurements.first), (final, result.measurements.last)] {
            let probed = try TaskRunner().probe(
                weights: bytes, configuration: settings.configuration, environment: settings.environment)
            #expect(probed.columns == result.columns)
            #expect(probed.measurements.first?.scalars == row?.scalars)
            #expect(probed.measurements.first?.layers == row?.layers)
        }
    }

    @Test("keeping weights changes no number")
    func keepingOnlyReads() throws {
        #expect(try runKeeping(changes).result == run(changes))
    }

    @Test("weights of another network are refused by name of the tensor")
    func otherNetwork() throws {
        let (_, _, final) = try runKeeping([])
        let settings = try resolved([("model.width", 7)])
        let error = #expect(throws: TaskError.self) {
            try TaskRunner().probe(
                weights: final, configuration: settings.configuration, environment: settings.environment)
        }
        #expect(error?.failure == .invalidConfiguration)
        #expect(error?.description.contains("layers.0.weight") == true)
    }
}

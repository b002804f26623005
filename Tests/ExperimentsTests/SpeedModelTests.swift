import Basics
import Experiments
import Sweeps
import Testing

@Suite("SpeedModel")
struct SpeedModelTests {
    /// A clock on which every reading is a millisecond later: whatever is timed takes one.
    private func model(_ configurations: [Setting]) throws -> SpeedModel {
        var reading = Instant.origin
        let tasks = try configurations.map { (configuration: $0, cost: try TaskCost.predict($0)) }
        return try SpeedModel(calibratedOn: tasks) {
            reading = reading + .milliseconds(1)
            return reading
        }
    }

    private func seconds(_ changes: [(String, Setting?)], calibratedOn others: [[(String, Setting?)]]) throws
        -> Double
    {
        let configuration = try resolved(changes).configuration
        return try model(try others.map { try resolved($0).configuration })
            .seconds(of: TaskCost.predict(configuration), configuration: configuration)
    }

    @Test("adds setup, epochs, metrics and probes of a rehearsed task")
    func parts() throws {
        // 60 samples in batches of 20, so that a rehearsed epoch is a whole one, and 40 test samples.
        let bare: [(String, Setting?)] = [("training.batch", 20)]
        // Setup, 4 epochs, and metrics at epochs 0, 1, 2 and 4, a millisecond each.
        #expect(abs(try seconds(bare, calibratedOn: [bare]) - 0.009) < 1e-12)
        let probed = bare + [("measure.probes", ["jacobian-norm"])]
        #expect(abs(try seconds(probed, calibratedOn: [probed]) - 0.013) < 1e-12)
        let longer = bare + [("training.epochs", 100), ("measure.at", [100])]
        #expect(abs(try seconds(longer, calibratedOn: [bare]) - 0.103) < 1e-12)
    }

    @Test("lies between its neighbours where it was not rehearsed, and never below zero")
    func interpolation() throws {
        let widths: [[(String, Setting?)]] = (1...9).map {
            [("training.batch", 20), ("model.width", .integer($0))]
        }
        for width in widths {
            let predicted = try seconds(width, calibratedOn: widths)
            // Every rehearsal takes the same time here.
            #expect(abs(predicted - 0.009) < 1e-12)
        }
    }

    @Test("a kind of task that was not rehearsed takes what the slowest kind takes")
    func unknownKind() throws {
        let known: [(String, Setting?)] = [("training.batch", 20)]
        let other = known + [("training.precision", "float64")]
        #expect(try seconds(other, calibratedOn: [known]) > 0)
    }
}

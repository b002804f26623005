import Experiments
import Sweeps
import Testing

@Suite("TaskError")
struct TaskErrorTests {
    @Test("a batch larger than the data can never run")
    func batchTooLarge() throws {
        let error = #expect(throws: TaskError.self) { try run([("training.batch", 61)]) }
        #expect(error?.failure == .invalidConfiguration)
        #expect(error?.description.hasPrefix("training.batch is 61 but there are only 60") == true)
    }

    @Test("data that is not on this machine may be on another")
    func missingData() throws {
        let settings = try resolved([
            ("dataset.name", "mnist"), ("dataset.path", "/nowhere/at all"),
        ])
        let error = #expect(throws: TaskError.self) {
            try TaskRunner().run(configuration: settings.configuration, environment: settings.environment)
        }
        #expect(error?.failure == .inputOutput)
        #expect(error?.description.contains("/nowhere/at all") == true)
    }

    @Test("a configuration that lacks a key names it")
    func missingKey() throws {
        for path in ["training.epochs", "measure.at", "seed", "optimizer.name", "training.batch"] {
            var configuration = try resolved().configuration
            configuration[path] = nil
            let error = #expect(throws: TaskError.self) {
                try TaskRunner().run(configuration: configuration, environment: .null)
            }
            #expect(error?.failure == .invalidConfiguration)
            #expect(error?.description.contains(path) == true, "\(path)")
        }
    }
}

import Experiments
import Sweeps
import Testing

@Suite("MemoryLimit")
struct MemoryLimitTests {
    private func grid(widths: [Int], seeds: Int = 1) throws -> Grid {
        let settings: Setting = [
            "dataset": ["name": "digits", "train": 60, "test": 40], "model": ["family": "mlp", "depth": 3],
            "optimizer": "sgd", "training": ["batch": 20, "epochs": 1],
        ]
        let spec = SweepSpec(
            name: "memory", base: settings,
            axes: [
                Axis("model.width", widths.map(Setting.integer)),
                Axis("seed", (0..<seeds).map(Setting.integer)),
            ])
        return try Grid(spec, schema: Vocabulary.schema)
    }

    private func need(_ width: Int) throws -> Double {
        let grid = try grid(widths: [width])
        return try TaskCost.predict(try #require(grid.first).configuration).memoryBytes
            + MemoryLimit.programBytes
    }

    @Test("a task that does not fit is refused before anything is allocated, as another machine's")
    func tooLarge() throws {
        let configuration = try resolved([("model.width", 2048), ("model.depth", 3)]).configuration
        let runner = TaskRunner(memory: MemoryLimit(bytes: 60 * 0x1p20))
        let error = #expect(throws: TaskError.self) {
            try runner.run(configuration: configuration, environment: .null)
        }
        #expect(error?.failure == .outOfMemory)
        #expect(error?.description.contains("this machine has 60 MiB") == true)
        _ = try TaskRunner(memory: MemoryLimit(bytes: 60 * 0x1p20)).run(
            configuration: resolved().configuration, environment: .null)
    }

    @Test("as many workers fit as could run the largest tasks at once")
    func workers() throws {
        let (large, small) = (try need(1024), try need(4))
        let sweep = try self.grid(widths: [4, 1024], seeds: 2)
        func workers(_ bytes: Double, _ wanted: Int) -> Int {
            MemoryLimit(bytes: bytes).workers(for: sweep, atMost: wanted)
        }
        #expect(workers(large - 1, 4) == 0)
        #expect(workers(large, 4) == 1)
        #expect(workers(2 * large - 1, 4) == 1)
        #expect(workers(2 * large + small, 4) == 3)
        #expect(workers(2 * large + 2 * small, 4) == 4)
        #expect(workers(1e15, 3) == 3)
    }
}

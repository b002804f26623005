import Basics
import Messaging
import Sweeps

/// The tasks of a simulated sweep, with what training each would give.
struct Workload: Sendable {
    struct Item: Sendable {
        let configuration: Setting
        let id: TaskID
        /// How long training takes on a worker of speed 1.
        let cost: Duration
        let behaviour: Behaviour
        /// The canonical bytes every worker arrives at.
        let result: [UInt8]
        let hash: ContentHash
    }

    enum Behaviour: Hashable, Sendable {
        case sound
        /// Can never run.
        case invalid
        /// Crashes whenever it runs.
        case poison
        /// Crashes the first times it runs, wherever that is.
        case shaky(crashes: Int)
    }

    let items: [Item]
    private let indexByID: [TaskID: Int]

    init(taskCount: Int, seed: UInt64, plainCost: Duration?) {
        var generator = SeededGenerator(seed: seed, stream: "workload")
        var pace = SeededGenerator(seed: seed, stream: "pace")
        // Tasks that end faster than messages travel come and go several in a message.
        let haste = pace.index(below: 4) == 0 ? 1000 : 1
        items = (0..<taskCount).map { index in
            let configuration: Setting = [
                "model": ["width": .integer(index + 1)], "seed": .integer(Int(seed % 1000)),
            ]
            let scalars = [generator.uniform(), nil, generator.uniform()]
            let result = TaskResult(
                columns: ["test_error", "noisy_error", "test_loss"],
                measurements: [Measurement(epoch: 10, step: 100, scalars: scalars)])
            let milliseconds =
                100 + generator.index(below: generator.index(below: 3) == 0 ? 20_000 : 2_000)
            let cost = Duration.microseconds(milliseconds * 1000 / haste)
            let behaviour: Behaviour =
                switch generator.index(below: 24) {
                case 0: .invalid
                case 1: .poison
                case 2, 3: .shaky(crashes: 1 + generator.index(below: 2))
                default: .sound
                }
            return Item(
                configuration: configuration, id: TaskID(of: configuration), cost: plainCost ?? cost,
                behaviour: plainCost == nil ? behaviour : .sound, result: result.encoded(),
                hash: result.contentHash)
        }
        var indexByID: [TaskID: Int] = [:]
        for (index, item) in items.enumerated() { indexByID[item.id] = index }
        self.indexByID = indexByID
    }

    /// The place of a task in the sweep.
    func index(of id: TaskID) -> Int {
        guard let index = indexByID[id] else { preconditionFailure("task \(id) is not in the workload") }
        return index
    }
}

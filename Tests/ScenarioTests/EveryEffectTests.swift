import ClusterSimulation
import TestSupport
import Testing

/// A kill before the first, the second, the third … thing that a process does, until it gets through.
@Suite("Kills at every effect")
struct EveryEffectTests {
    private static func options() -> SimulatedCluster.Options {
        var options = SimulatedCluster.Options()
        options.taskCount = 6
        options.workerCount = 2
        options.faults = Faults()
        options.plainTaskCost = .seconds(3)
        return options
    }

    /// Runs clusters that die at one effect after another.
    ///
    /// - Returns: How many kills it took until none struck.
    private static func killCount(_ set: (inout SimulatedCluster.Options, Int) -> Void) -> Int {
        for effect in 1... {
            var options = options()
            set(&options, effect)
            var cluster = SimulatedCluster(seed: 1, options: options)
            cluster.run()
            let verdict = cluster.verdict
            #expect(verdict.violation == nil, "killed at effect \(effect)")
            #expect(cluster.trainingCounts.allSatisfy { $0 <= 2 }, "killed at effect \(effect)")
            if verdict.crashCount == 0 { return effect - 1 }
        }
        return 0
    }

    @Test("the coordinator dies before each effect: between store, commit, dispatch and acknowledgement")
    func coordinator() {
        let count = Self.killCount { $0.coordinatorDiesAtEffect = $1 }
        #expect(count >= 6 * 4, "each task is stored, sent, stored and acknowledged")
    }

    @Test("a worker dies before each effect: between outbox, sending and forgetting")
    func worker() {
        let count = Self.killCount { $0.workerDiesAtEffect = $1 }
        #expect(count >= 10)
    }

    @Test("the coordinator dies at 200 seeded moments, and no finished task is trained again")
    func seededMoments() {
        for seed in seeds(200) {
            var cluster = SimulatedCluster(seed: 1, options: Self.options())
            cluster.advance(by: .milliseconds(Int(seed % 12_000)))
            cluster.crashCoordinator(restartAfter: .milliseconds(Int(seed / 12_000 % 5_000)))
            cluster.run()
            let violation = cluster.violationFound
            #expect(violation == nil, "SEED=\(seed)")
            #expect(cluster.trainingCounts == Array(repeating: 1, count: 6), "SEED=\(seed)")
        }
    }
}

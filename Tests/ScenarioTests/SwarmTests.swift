import ClusterSimulation
import Coordination
import TestSupport
import Testing

@Suite("Swarms of faults")
struct SwarmTests {
    @Test("every seed ends with every task as in a calm run")
    func manySeeds() {
        for seed in seeds(2000) {
            let verdict = SimulatedCluster.run(seed: seed)
            let isSound = verdict.isSound
            #expect(isSound, "\(verdict)\n  SEED=\(seed)")
        }
    }

    @Test("a seed tells the same story each time, traced or not")
    func sameStory() {
        for seed in seeds(20) {
            var options = SimulatedCluster.Options()
            let first = SimulatedCluster.run(seed: seed, options: options)
            options.isTracing = true
            let second = SimulatedCluster.run(seed: seed, options: options)
            #expect(first.historyHash == second.historyHash, "SEED=\(seed)")
            #expect(first.messageCount == second.messageCount, "SEED=\(seed)")
        }
    }

    @Test("a planted mistake is found within a few hundred seeds", arguments: Coordinator.Mutation.allCases)
    func mutation(_ mutation: Coordinator.Mutation) {
        var options = SimulatedCluster.Options()
        options.mutation = mutation
        let isFound = seeds(300).contains { !SimulatedCluster.run(seed: $0, options: options).isSound }
        #expect(isFound)
    }
}

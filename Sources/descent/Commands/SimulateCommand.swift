import ArgumentParser
import Basics
import ClusterSimulation
import Runtime

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the coordination of simulated clusters under faults, and check every step.",
        discussion: """
            Both sides are the production state machines; clock, network, disk and training are pretended. Each seed \
            draws its own mix of faults. The exit code is 70 when an invariant was violated.

            Examples:
              descent simulate --seeds 10000
              descent simulate --seed 4711 --trace
            """)

    @Option(help: "How many seeds to run, from --first on.")
    var seeds = 1000

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "Run this one seed only.")
    var seed: UInt64?

    @Flag(help: "Print every event of the seed.")
    var trace = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard seeds >= 1 else { throw ValidationError("--seeds must be at least 1.") }
        guard !trace || seed != nil else { throw ValidationError("--trace goes with --seed.") }
    }

    /// What many seeds came to.
    struct Summary: Encodable {
        var seeds = 0
        var messages = 0
        var trainings = 0
        var crashes = 0
        var failedSeeds: [UInt64] = []
        var seconds = 0.0
    }

    func run() throws {
        let start = SystemClock.now
        var summary = Summary()
        let chosen = seed.map { $0...$0 } ?? first...(first + UInt64(seeds) - 1)
        for seed in chosen {
            var options = SimulatedCluster.Options()
            options.isTracing = trace
            let verdict = SimulatedCluster.run(seed: seed, options: options)
            for line in verdict.trace { print(line) }
            summary.seeds += 1
            summary.messages += verdict.messageCount
            summary.trainings += verdict.trainingCount
            summary.crashes += verdict.crashCount
            if !verdict.isSound {
                summary.failedSeeds.append(seed)
                printError("\(verdict)\nrepeat with: descent simulate --seed \(seed) --trace")
            }
        }
        summary.seconds = (SystemClock.now - start).inSeconds
        if json { try printJSON(summary) } else { print(text(summary)) }
        if !summary.failedSeeds.isEmpty {
            throw ArgumentParser.ExitCode(Runtime.ExitCode.internalError.rawValue)
        }
    }

    private func text(_ summary: Summary) -> String {
        """
        \(summary.seeds) simulated clusters in \(Quantity.duration(seconds: summary.seconds)): \
        \(summary.messages) messages, \(summary.trainings) trainings, \(summary.crashes) crashes, \
        \(summary.failedSeeds.count) violated an invariant
        """
    }
}

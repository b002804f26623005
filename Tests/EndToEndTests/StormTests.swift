import Foundation
import TestSupport
import Testing

@Suite("Storms on real processes", .serialized)
struct StormTests {
    private static let seed = seeds(1)[0] % 1_000_000

    /// Storms the sweep of `small.yaml` for a moment, and returns how often its user gave each command.
    private func storm(
        _ scratch: Scratch, epochs: Int, output: String, _ options: [String] = []
    ) throws -> [String: Int] {
        let yaml = SmallSweep.yaml(epochs: epochs) + "\ncheckpoints: {every: 2000}\n"
        try scratch.write(yaml, to: "small.yaml")
        let storm = try BuiltCommand.run(
            [
                "chaos", "small.yaml", "--seed", "\(Self.seed)", "--minutes", "0", "--pause", "0.5",
                "--output", output, "--json",
            ] + options, in: scratch.folder)
        #expect(storm.exitCode == 0, "SEED=\(Self.seed)\n\(storm.story)")
        let report = try JSONSerialization.jsonObject(with: Data(storm.output.utf8)) as? [String: Any]
        #expect(report?["passed"] as? Bool == true, "\(storm.story)")
        let storms = try #require(report?["storms"] as? [[String: Any]])
        return try #require(storms.first?["commands"] as? [String: Int])
    }

    @Test(
        "faults, and a user who steers and extends the run meanwhile, change no byte of the results",
        .timeLimit(.minutes(10)))
    func shortStorm() throws {
        let scratch = try Scratch()
        let seed = Self.seed
        let commands = try storm(scratch, epochs: 20_000, output: "out")
        #expect((commands["extend"] ?? 0) >= 1, "\(commands)")
        // Whatever else the seed makes the user wish for, each kind comes once before any comes again.
        #expect(commands.count >= 3, "\(commands)")
        // The command has compared the files; that it has compared the right ones is checked here.
        let (stormed, calm) = (
            try scratch.results(of: "out/storm-\(seed)"), try scratch.results(of: "out/calm")
        )
        #expect(stormed == calm)
        #expect(try scratch.lines(of: "provenance.csv", in: "out/storm-\(seed)").count == 13)
    }

    @Test(
        "two halves of a sweep, stormed apart and encrypted, are merged to the bytes of the whole",
        .timeLimit(.minutes(10)))
    func halves() throws {
        let scratch = try Scratch()
        for half in ["0", "1"] {
            _ = try storm(
                scratch, epochs: 10_000, output: "half-\(half)",
                ["--encrypt", "--set", "grid.seed=[\(half)]"])
        }
        let runs = ["0", "1"].map { "half-\($0)/storm-\(Self.seed)" }
        let merged = try BuiltCommand.run(["merge"] + runs + ["--output", "merged"], in: scratch.folder)
        #expect(merged.exitCode == 0, "\(merged.story)")
        let calm = try BuiltCommand.run(["run", "small.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")
        let isSame = try scratch.results(of: "merged") == scratch.results(of: "calm")
        #expect(isSame, "SEED=\(Self.seed)")
        let audit = try BuiltCommand.run(["audit", "merged"], in: scratch.folder)
        #expect(audit.exitCode == 0, "\(audit.story)")
    }

    /// Whether two numeric profiles of this processor can be told apart by their bits.
    static let hasTwoProfiles =
        (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains("avx2") ?? false

    @Test(
        "other bytes than the calm run's are told, with the command that shows them again",
        .enabled(if: hasTwoProfiles, "this processor has one instruction set only"), .timeLimit(.minutes(10)))
    func otherBytes() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 5_000), to: "small.yaml")
        // A calm run on another kind of machine, as far as its bits go.
        let calm = try BuiltCommand.run(
            ["run", "small.yaml", "--run", "out/calm"], in: scratch.folder,
            environment: ["DESCENT_ISA": "portable", "OPENBLAS_CORETYPE": "Nehalem"])
        #expect(calm.exitCode == 0, "\(calm.story)")
        let storm = try BuiltCommand.run(
            ["chaos", "small.yaml", "--seed", "3", "--minutes", "0", "--output", "out"], in: scratch.folder)
        #expect(storm.exitCode == 70, "\(storm.story)")
        #expect(storm.output.contains("--seed 3"), "\(storm.story)")
        #expect(storm.output.contains("measurements.csv"), "\(storm.story)")
    }

    @Test(
        "a segmentation fault in one slot counts against its task once, and no byte changes",
        .timeLimit(.minutes(10)))
    func segmentationFault() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 20_000), to: "small.yaml")
        let calm = try BuiltCommand.run(["run", "small.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")
        // Swift's backtracer would take the signal and go on to what a real fault repeats.
        let running = try RunningCommand(
            ["run", "small.yaml", "--run", "struck", "--workers", "2"], in: scratch.folder,
            environment: ["SWIFT_BACKTRACE": "enable=no"])
        let isTraining = eventually { scratch.isMarkedExecuting(in: "struck") }
        #expect(isTraining, "\(running.errorsSoFar)")
        let victim = try #require(running.children.first)
        kill(victim, SIGSEGV)
        let isDead = eventually { kill(victim, 0) != 0 }
        #expect(isDead)
        let ending = running.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        #expect(ending.errors.contains("signal 11"), "\(ending.story)")
        let (struck, undisturbed) = (try scratch.results(of: "struck"), try scratch.results(of: "calm"))
        #expect(struck == undisturbed)
    }

    @Test("four workers a core lose no lease to each other", .timeLimit(.minutes(10)))
    func oversubscribed() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 10_000), to: "small.yaml")
        let workers = 4 * ProcessInfo.processInfo.activeProcessorCount
        let crowded = try BuiltCommand.run(
            ["run", "small.yaml", "--run", "crowded", "--workers", "\(workers)"], in: scratch.folder)
        #expect(crowded.exitCode == 0, "\(crowded.story)")
        let lost = scratch.log("crowded", "coordinator.log").split(separator: "\n").filter {
            $0.contains("did not come back") || $0.contains("waits again")
        }
        #expect(lost.isEmpty, "\(lost)")
    }

    @Test(
        "the dispatch benchmark prints its CSV, one line for all tasks",
        .timeLimit(.minutes(10)), arguments: [[], ["--encrypt"]])
    func dispatchBenchmark(options: [String]) throws {
        let scratch = try Scratch()
        let bench = try BuiltCommand.run(
            ["bench", "dispatch", "--tasks", "500", "--workers", "2", "--directory", "."] + options,
            in: scratch.folder)
        #expect(bench.exitCode == 0, "\(bench.story)")
        let lines = bench.output.split(separator: "\n")
        #expect(
            lines.first
                == "engine,tasks,workers,seconds,tasks_per_s,us_per_task,coordinator_cpu_us_per_task,peak_mib"
        )
        let cells = try #require(lines.last).split(separator: ",")
        let engine = options.isEmpty ? "descent" : "descent-curve"
        #expect(cells.prefix(3) == [Substring(engine), "500", "2"])
        #expect(cells.count == 8 && cells.dropFirst(3).allSatisfy { (Double($0) ?? 0) > 0 })
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path)
        #expect(!left.contains { $0.hasPrefix("descent-dispatch") })
    }
}

import Basics
import Foundation
import TestSupport
import Testing

@Suite("kill -9 and Ctrl-C", .serialized)
struct KillTests {
    @Test("five kills of workers and coordinator change no byte of the results", .timeLimit(.minutes(10)))
    func fiveKills() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 20_000), to: "small.yaml")
        let calm = try BuiltCommand.run(["run", "small.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")

        let seed = seeds(1)[0]
        var generator = SeededGenerator(seed: seed, stream: "kills")
        var killCount = 0
        while killCount < 5 {
            let running = try RunningCommand(
                ["run", "small.yaml", "--run", "stormed", "--workers", "2"], in: scratch.folder)
            let isTraining = eventually { !running.isRunning || running.children.count >= 2 }
            #expect(isTraining, "\(running.errorsSoFar)")
            usleep(UInt32(generator.index(below: 700_000)))
            // Two of three kills hit a worker, which its supervisor replaces; the third takes the whole command.
            if let victim = running.children.randomElement(using: &generator), generator.index(below: 3) < 2 {
                kill(victim, SIGKILL)
                usleep(UInt32(generator.index(below: 200_000)))
            }
            running.signal(SIGKILL)
            _ = running.waitUntilExit()
            killCount += 1
        }
        let resumed = try BuiltCommand.run(["resume", "stormed"], in: scratch.folder)
        #expect(resumed.exitCode == 0, "SEED=\(seed)\n\(resumed.story)")
        let (stormed, undisturbed) = (try scratch.results(of: "stormed"), try scratch.results(of: "calm"))
        for (name, bytes) in undisturbed {
            let isEqual = stormed[name] == bytes
            #expect(isEqual, "\(name) differs; reproduce with SEED=\(seed)")
        }
        // One row a task, however many attempts it took.
        #expect(try scratch.lines(of: "provenance.csv", in: "stormed").count == 13)
    }

    @Test("no worker outlives a command that was killed", .timeLimit(.minutes(10)))
    func noOrphans() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 1_000_000), to: "small.yaml")
        let running = try RunningCommand(["run", "small.yaml", "--workers", "2"], in: scratch.folder)
        let hasWorkers = eventually { running.children.count >= 2 }
        #expect(hasWorkers, "\(running.errorsSoFar)")
        let workers = running.children
        running.signal(SIGKILL)
        _ = running.waitUntilExit()
        let areGone = eventually { workers.allSatisfy { kill($0, 0) != 0 } }
        #expect(areGone, "of \(workers), \(workers.filter { kill($0, 0) == 0 }) are still there")
    }

    @Test("Ctrl-C once ends cleanly, says how to resume, and loses nothing", .timeLimit(.minutes(10)))
    func interrupt() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 20_000), to: "small.yaml")
        let calm = try BuiltCommand.run(["run", "small.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")
        let running = try RunningCommand(["run", "small.yaml", "--workers", "2"], in: scratch.folder)
        let hasWorkers = eventually { running.children.count >= 2 }
        #expect(hasWorkers)
        running.signal(SIGINT)
        let interrupted = running.waitUntilExit()
        #expect(interrupted.errors.contains("descent resume runs/small"), "\(interrupted.story)")
        #expect(interrupted.exitCode == 75, "\(interrupted.story)")
        let resumed = try BuiltCommand.run(["resume", "runs/small"], in: scratch.folder)
        #expect(resumed.exitCode == 0, "\(resumed.story)")
        let (back, undisturbed) = (try scratch.results(of: "runs/small"), try scratch.results(of: "calm"))
        #expect(back == undisturbed)
    }

    @Test("a second coordinator on a run directory is refused", .timeLimit(.minutes(10)))
    func secondCoordinator() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 1_000_000), to: "small.yaml")
        let first = try RunningCommand(["run", "small.yaml", "--workers", "1"], in: scratch.folder)
        let hasWorkers = eventually { !first.children.isEmpty }
        #expect(hasWorkers)
        let second = try BuiltCommand.run(["run", "small.yaml"], in: scratch.folder)
        first.signal(SIGKILL)
        _ = first.waitUntilExit()
        #expect(second.exitCode == 75, "\(second.story)")
        #expect(second.errors.contains("\(first.identifier)"), "\(second.story)")
    }
}

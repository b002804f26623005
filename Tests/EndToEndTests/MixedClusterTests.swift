import Foundation
import Testing

@Suite("A cluster of different machines", .serialized)
struct MixedClusterTests {
    @Test(
        "a strict sweep refuses a worker of other bits, with exit code 78 and its reason, and ends with the others",
        .enabled(if: StormTests.hasTwoProfiles, "this processor has one instruction set only"),
        .timeLimit(.minutes(10)))
    func strict() throws {
        let scratch = try Scratch()
        try scratch.write(
            SmallSweep.yaml(epochs: 30_000) + "\nresources: {numerics: strict}\n", to: "small.yaml")
        let coordinator = try RunningCommand(
            ["coordinator", "small.yaml", "--run", "strict"], in: scratch.folder)
        let listens = eventually { scratch.exists("strict/endpoint.json") }
        #expect(listens, "\(coordinator.errorsSoFar)")
        let alice = try RunningCommand(
            ["worker", "--run", "strict", "--slots", "1"], in: scratch.folder)
        let aliceJoined = eventually {
            scratch.log("strict", "coordinator.log").contains("joined")
        }
        #expect(aliceJoined)
        let bob = try BuiltCommand.run(
            ["worker", "--run", "strict", "--slots", "1", "--spool", "elsewhere", "--orphan-limit", "30"],
            in: scratch.folder,
            environment: ["DESCENT_ISA": "portable", "OPENBLAS_CORETYPE": "Nehalem"])
        #expect(bob.exitCode == 78, "\(bob.story)")
        #expect(bob.errors.contains("numerics: strict"), "\(bob.story)")
        let ending = coordinator.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        #expect(alice.waitUntilExit().exitCode == 0)
        let rows = try scratch.lines(of: "provenance.csv", in: "strict")
        #expect(rows.count == 13 && !rows.contains { $0.contains("portable") })
    }
}

extension Scratch {
    /// The text of a log of a run so far.
    func log(_ run: String, _ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: "\(run)/logs/\(name)"), encoding: .utf8)) ?? ""
    }

    /// Whether some worker of a run says that it trains.
    func isMarkedExecuting(in run: String) -> Bool {
        let outboxes = folder.appending(path: "\(run)/outbox")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: outboxes.path)) ?? []
        return names.contains { name in
            let mark = outboxes.appending(path: "\(name)/executing")
            let text = (try? String(contentsOf: mark, encoding: .utf8)) ?? ""
            return text.split(separator: " ").count >= 3
        }
    }
}

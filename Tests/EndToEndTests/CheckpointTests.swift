import Foundation
import Testing

@Suite("Checkpoints", .serialized)
struct CheckpointTests {
    /// One task whose state is kept after every tenth epoch, long enough to be killed on the way.
    private static func yaml(epochs: Int) -> String {
        """
        name: long
        dataset: {name: digits, train: 1000, test: 200, scaling: standard}
        model: {family: mlp, width: 64, depth: 2}
        optimizer: {name: adam, learning-rate: 0.001}
        training: {batch: 50, epochs: \(epochs)}
        measure: {at: {every: 10}}
        checkpoints: {keep: all}
        """
    }

    private func checkpoints(in folder: URL) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
        return names.filter { $0.hasSuffix(".state.safetensors") }
    }

    @Test("a killed run goes on where its checkpoints are, to the same bytes", .timeLimit(.minutes(10)))
    func killedRun() throws {
        let scratch = try Scratch()
        try scratch.write(Self.yaml(epochs: 400), to: "long.yaml")
        let calm = try BuiltCommand.run(["run", "long.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")
        let running = try RunningCommand(
            ["run", "long.yaml", "--run", "stormed", "--workers", "1"], in: scratch.folder)
        let folder = scratch.folder.appending(path: "stormed/checkpoints")
        let hasKept = eventually { checkpoints(in: folder).count >= 3 }
        #expect(hasKept, "\(running.errorsSoFar)")
        running.signal(SIGKILL)
        _ = running.waitUntilExit()
        let resumed = try BuiltCommand.run(["resume", "stormed"], in: scratch.folder)
        #expect(resumed.exitCode == 0, "\(resumed.story)")
        let isSame = try scratch.results(of: "stormed") == scratch.results(of: "calm")
        #expect(isSame)
        let logs = scratch.folder.appending(path: "stormed/logs")
        let log = try FileManager.default.contentsOfDirectory(at: logs, includingPropertiesForKeys: nil)
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        #expect(log.contains("found a checkpoint after epoch"), "\(log)")
    }

    @Test("train --resume goes on to the same bytes, past a checkpoint that was damaged")
    func trainResumes() throws {
        let scratch = try Scratch()
        try scratch.write(Self.yaml(epochs: 40), to: "long.yaml")
        let whole = try BuiltCommand.run(["train", "long.yaml", "--output", "whole"], in: scratch.folder)
        #expect(whole.exitCode == 0, "\(whole.story)")
        let kept = checkpoints(in: scratch.folder.appending(path: "whole/checkpoints")).sorted()
        #expect(kept.count == 4, "\(kept)")
        // The newest, after epoch 40, loses its last byte.
        let newest = try #require(kept.last)
        let file = scratch.folder.appending(path: "whole/checkpoints/\(newest)")
        try Data(contentsOf: file).dropLast().write(to: file)
        let rows = try Data(contentsOf: scratch.folder.appending(path: "whole/measurements.csv"))
        let weights = try Data(contentsOf: scratch.folder.appending(path: "whole/final.safetensors"))
        let resumed = try BuiltCommand.run(
            ["train", "long.yaml", "--output", "whole", "--resume"], in: scratch.folder)
        #expect(resumed.exitCode == 0, "\(resumed.story)")
        #expect(resumed.errors.contains("damaged checkpoint"), "\(resumed.story)")
        let rowsAgain = try Data(contentsOf: scratch.folder.appending(path: "whole/measurements.csv"))
        let weightsAgain = try Data(contentsOf: scratch.folder.appending(path: "whole/final.safetensors"))
        #expect(rowsAgain == rows)
        #expect(weightsAgain == weights)
    }

    @Test(
        "a sweep with one more probe is measured from its checkpoints, to the bytes of one that always had it"
    )
    func moreProbes() throws {
        let scratch = try Scratch()
        let probed = Self.yaml(epochs: 60).replacing(
            "every: 10}", with: "every: 10}, probes: [jacobian-norm]")
        let more = probed.replacing("[jacobian-norm]", with: "[jacobian-norm, local-complexity]")
        try scratch.write(probed, to: "before.yaml")
        try scratch.write(more, to: "after.yaml")
        let before = try BuiltCommand.run(["run", "before.yaml", "--run", "run"], in: scratch.folder)
        #expect(before.exitCode == 0, "\(before.story)")
        let after = try BuiltCommand.run(["run", "after.yaml", "--run", "run"], in: scratch.folder)
        #expect(after.exitCode == 0, "\(after.story)")
        #expect(after.errors.contains("the sweep measures more than before"), "\(after.story)")
        let calm = try BuiltCommand.run(["run", "after.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")
        let isSame = try scratch.results(of: "run") == scratch.results(of: "calm")
        #expect(isSame)
        let logs = scratch.folder.appending(path: "run/logs")
        let log = try FileManager.default.contentsOfDirectory(at: logs, includingPropertiesForKeys: nil)
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        #expect(log.contains("was trained as task"), "\(log)")
        // Its checkpoints took the place of those with fewer measurements.
        let kept = checkpoints(in: scratch.folder.appending(path: "run/checkpoints"))
        #expect(kept.count == 6, "\(kept)")
        // A sweep that trains something else is still refused.
        try scratch.write(more.replacing("width: 64", with: "width: 32"), to: "other.yaml")
        let other = try BuiltCommand.run(["run", "other.yaml", "--run", "run"], in: scratch.folder)
        #expect(other.exitCode != 0 && other.errors.contains("descent extend"), "\(other.story)")
    }
}

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
        measure: {at: logarithmic}
        checkpoints: {every: 10, keep: all}
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
        let hasKept = eventually(within: 60) { checkpoints(in: folder).count >= 3 }
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
        #expect(kept.count == 3, "\(kept)")
        // The newest, after epoch 30, loses its last byte.
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
}

import Foundation
import Testing

@Suite("One task alone")
struct SingleTaskTests {
    @Test("train prints the same numbers as the sweep, and probe finds them in the saved weights")
    func trainAndProbe() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        let run = try BuiltCommand.run(["run", "small.yaml"], in: scratch.folder)
        #expect(run.exitCode == 0, "\(run.story)")
        let cell = ["--set", "model.width=8", "--set", "dataset.noise.rate=0.2", "--set", "seed=1"]
        let trained = try BuiltCommand.run(
            ["train", "small.yaml"] + cell + ["--output", "one"], in: scratch.folder)
        #expect(trained.exitCode == 0, "\(trained.story)")
        #expect(scratch.exists("one/initial.safetensors"))
        #expect(scratch.exists("one/final.safetensors"))

        let alone = try String(
            contentsOf: scratch.folder.appending(path: "one/measurements.csv"), encoding: .utf8)
        let lastRow = try #require(alone.split(whereSeparator: \.isNewline).last)
        let metrics = lastRow.split(separator: ",", omittingEmptySubsequences: false).suffix(19)
        let sweepRows = try scratch.lines(of: "measurements.csv", in: "runs/small")
        let matching = sweepRows.filter { $0.hasSuffix(metrics.joined(separator: ",")) }
        #expect(matching.count == 1, "no row of the sweep ends like \(lastRow)")

        let probed = try BuiltCommand.run(
            ["probe", "small.yaml", "--weights", "one/final.safetensors", "--json"] + cell, in: scratch.folder
        )
        #expect(probed.exitCode == 0, "\(probed.story)")
        let header = try #require(alone.split(whereSeparator: \.isNewline).first).split(separator: ",")
        let column = try #require(header.firstIndex(of: "jacobian_norm"))
        let norm = lastRow.split(separator: ",", omittingEmptySubsequences: false)[column]
        #expect(probed.output.contains(norm), "\(norm) is not in \(probed.output)")
    }

    @Test("weights of another model are refused by the name of the tensor")
    func otherWeights() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 1), to: "small.yaml")
        _ = try BuiltCommand.run(["train", "small.yaml", "--output", "one"], in: scratch.folder)
        let probed = try BuiltCommand.run(
            ["probe", "small.yaml", "--weights", "one/final.safetensors", "--set", "model.width=9"],
            in: scratch.folder)
        #expect(probed.exitCode == 65, "\(probed.story)")
        #expect(probed.errors.contains("layers.0.weight"))
    }

    @Test("a task of a run is reproduced bit for bit by its id")
    func reproduceByIdentifier() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 5), to: "small.yaml")
        _ = try BuiltCommand.run(["run", "small.yaml"], in: scratch.folder)
        let row = try #require(scratch.lines(of: "measurements.csv", in: "runs/small").last)
        let task = try #require(row.split(separator: ",").first)
        let ending = try BuiltCommand.run(
            ["train", "--run", "runs/small", "--task", String(task), "--output", "one"], in: scratch.folder)
        #expect(ending.exitCode == 0, "\(ending.story)")
        let text = try String(
            contentsOf: scratch.folder.appending(path: "one/measurements.csv"), encoding: .utf8)
        let values = { (line: Substring) in
            line.split(separator: ",", omittingEmptySubsequences: false).suffix(19).joined(separator: ",")
        }
        let last = try #require(text.split(whereSeparator: \.isNewline).last)
        #expect(values(last) == values(row[...]))
    }
}

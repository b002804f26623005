import Foundation
import Testing

@Suite("descent pause, cancel, retry, extend, merge, audit, verify, explain", .serialized)
struct SteeringTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 5), to: "small.yaml")
    }

    @discardableResult
    private func descent(_ arguments: String..., ends code: Int32 = 0) throws -> BuiltCommand.Ending {
        let ending = try BuiltCommand.run(arguments, in: scratch.folder)
        #expect(ending.exitCode == code, "\(arguments): \(ending.story)")
        return ending
    }

    private func fields(_ ending: BuiltCommand.Ending) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any])
    }

    @Test(
        "what is paused and cancelled is left alone by later runs until it is asked for",
        .timeLimit(.minutes(10)))
    func durable() throws {
        try descent("run", "small.yaml", "--run", "calm")

        try FileManager.default.copyItem(
            at: scratch.folder.appending(path: "calm"), to: scratch.folder.appending(path: "copy"))
        try scratch.write(SmallSweep.yaml(epochs: 6), to: "longer.yaml")
        try descent("extend", "copy", "longer.yaml", "--only-plan")
        try descent("pause", "copy", "--where", "width=32", "--reason", "later")
        try descent("cancel", "copy", "--where", "width=2 and noise.rate=0.2")
        try descent("resume", "copy", ends: 75)
        let status = try fields(try descent("status", "copy", "--json"))
        #expect(status["done"] as? Int == 6)
        #expect(status["paused"] as? Int == 4)
        #expect(status["cancelled"] as? Int == 2)
        let audit = try descent("audit", "copy", ends: 1)
        #expect(audit.output.contains("6 of 12 tasks have a result"), "\(audit.story)")
        try descent("unpause", "copy")
        try descent("retry", "copy", "--where", "cancelled")
        try descent("audit", "copy")
        try descent("run", "longer.yaml", "--run", "undisturbed")
        let (steered, undisturbed) = (
            try scratch.results(of: "copy"), try scratch.results(of: "undisturbed")
        )
        let isEqual = steered == undisturbed
        #expect(isEqual, "the files differ")
    }

    @Test("a running coordinator is steered, and what is cancelled ends it", .timeLimit(.minutes(10)))
    func live() throws {
        try scratch.write(SmallSweep.yaml(epochs: 1_000_000), to: "endless.yaml")
        let run = try RunningCommand(
            ["run", "endless.yaml", "--run", "live", "--workers", "1"], in: scratch.folder)
        let isServed = eventually {
            scratch.exists("live/endpoint.json")
        }
        #expect(isServed, "\(run.errorsSoFar)")
        let shown = try fields(
            try descent("pause", "live", "--where", "width>=8", "--dry-run", "--json"))
        #expect(shown["tasks"] as? Int == 8)
        #expect(
            try fields(try descent("pause", "live", "--where", "width>=8", "--json"))["tasks"] as? Int == 8)
        let wrong = try descent("pause", "live", "--where", "widht>=8", ends: 64)
        #expect(wrong.errors.contains("nearest known axis 'width'"), "\(wrong.story)")
        try descent("drain", "live", "nobody", ends: 66)
        try descent("cancel", "live")
        let ending = run.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        #expect(try fields(try descent("status", "live", "--json"))["cancelled"] as? Int == 12)
    }

    @Test("runs are extended, joined, verified and explained", .timeLimit(.minutes(10)))
    func growth() throws {
        try descent("run", "small.yaml", "--run", "first")
        let more = SmallSweep.yaml(epochs: 5).replacing("seed: [0, 1]", with: "seed: [1, 2]")
        try scratch.write(more, to: "more.yaml")
        try descent("run", "more.yaml", "--run", "second")
        let all = SmallSweep.yaml(epochs: 5).replacing("seed: [0, 1]", with: "seed: [0, 1, 2]")
        try scratch.write(all, to: "all.yaml")
        try descent("run", "all.yaml", "--run", "whole")
        try descent("merge", "first", "second", "--output", "merged")
        let plan = try fields(try descent("extend", "first", "all.yaml", "--dry-run", "--json"))
        #expect(plan["new"] as? Int == 6)
        #expect(plan["keptDone"] as? Int == 12)
        try descent("extend", "first", "all.yaml")
        let whole = try scratch.results(of: "whole")
        for run in ["merged", "first"] {
            let isEqual = try scratch.results(of: run) == whole
            #expect(isEqual, "\(run) differs from the whole")
            try descent("audit", run)
        }
        let verified = try fields(try descent("verify", "merged", "--sample", "3", "--json"))
        #expect(verified["equal"] as? Int == 3)
        let task = try scratch.lines(of: "measurements.csv", in: "merged")[1].prefix { $0 != "," }
        let story = try fields(try descent("explain", "merged", String(task), "--json"))
        #expect(story["state"] as? String == "done")
        try descent("explain", "merged", "zzzz", ends: 66)
        try descent("merge", "first", "second", "--output", "merged", ends: 78)
    }

    @Test("a damaged result is found", .timeLimit(.minutes(10)))
    func damage() throws {
        try descent("run", "small.yaml", "--run", "run")
        let store = scratch.folder.appending(path: "run/sweep.sqlite")
        var bytes = try Data(contentsOf: store)
        // The name of a metric stands in every result, and in no index.
        let range = try #require(bytes.range(of: Data("noisy_true_error".utf8), options: .backwards))
        bytes[range.lowerBound] ^= 1
        try bytes.write(to: store)
        let audit = try descent("audit", "run", ends: 65)
        #expect(audit.output.contains("is not what was written"), "\(audit.story)")
    }
}

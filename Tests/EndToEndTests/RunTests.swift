import Foundation
import Testing

@Suite("descent run", .serialized)
struct RunTests {
    @Test("runs a sweep and leaves a directory that explains itself", .timeLimit(.minutes(10)))
    func wholeSweep() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        let ending = try BuiltCommand.run(["run", "small.yaml", "--workers", "2"], in: scratch.folder)
        #expect(ending.exitCode == 0, "\(ending.story)")
        for name in [
            "sweep.yaml", "sweep.sqlite", "index.html", "results/measurements.csv", "results/layers.csv",
            "results/summary.csv", "results/provenance.csv", "plots",
        ] {
            #expect(scratch.exists("runs/small/\(name)"), "no \(name)")
        }
        let lines = try scratch.lines(of: "measurements.csv", in: "runs/small")
        // Epochs 0…10 and 20 of twelve tasks, and the header.
        #expect(lines.count == 1 + 12 * 12)
        #expect(
            lines[0].hasPrefix(
                "task,width,rate,seed,epoch,step,train_loss,train_error,test_loss,test_error,clean_loss,clean_error,"
                    + "noisy_loss,noisy_error,noisy_true_loss,noisy_true_error,jacobian_norm,jacobian_norm_clean,"
                    + "jacobian_norm_noisy,local_complexity_train_r0.05"))
    }

    @Test("gives the same bytes with one worker and with three", .timeLimit(.minutes(10)))
    func workerCountDoesNotMatter() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        for workers in ["1", "3"] {
            let ending = try BuiltCommand.run(
                ["run", "small.yaml", "--workers", workers, "--run", "by \(workers)"], in: scratch.folder)
            #expect(ending.exitCode == 0, "\(ending.story)")
        }
        let (one, three) = (try scratch.results(of: "by 1"), try scratch.results(of: "by 3"))
        for (name, bytes) in one {
            let isEqual = three[name] == bytes
            #expect(isEqual, "\(name) differs")
        }
    }

    @Test(
        "runs nothing again when everything is there, and draws deleted files anew", .timeLimit(.minutes(10)))
    func nothingTwice() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        _ = try BuiltCommand.run(["run", "small.yaml"], in: scratch.folder)
        let provenance = try scratch.lines(of: "provenance.csv", in: "runs/small")
        let results = try scratch.results(of: "runs/small")
        try FileManager.default.removeItem(at: scratch.folder.appending(path: "runs/small/results"))
        let again = try BuiltCommand.run(["run", "small.yaml"], in: scratch.folder)
        #expect(again.exitCode == 0, "\(again.story)")
        #expect(try scratch.lines(of: "provenance.csv", in: "runs/small") == provenance)
        let back = try scratch.results(of: "runs/small")
        #expect(back == results)
    }

    @Test("refuses another sweep in the same run directory", .timeLimit(.minutes(10)))
    func anotherSweep() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 2), to: "small.yaml")
        let first = try BuiltCommand.run(["run", "small.yaml"], in: scratch.folder)
        #expect(first.exitCode == 0, "\(first.story)")
        let second = try BuiltCommand.run(
            ["run", "small.yaml", "--set", "training.epochs=3"], in: scratch.folder)
        #expect(second.exitCode == 78, "\(second.story)")
        #expect(second.errors.contains("runs/small"))
    }

    @Test("a coordinator serves workers that connect by address", .timeLimit(.minutes(10)))
    func coordinatorAndWorkers() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        let calm = try BuiltCommand.run(["run", "small.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")
        let coordinator = try RunningCommand(
            ["coordinator", "small.yaml", "--run", "served"], in: scratch.folder)
        let isListening = eventually { scratch.exists("served/endpoint.json") }
        #expect(isListening, "\(coordinator.errorsSoFar)")
        let worker = try RunningCommand(["worker", "--run", "served", "--slots", "2"], in: scratch.folder)
        let ending = coordinator.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        #expect(worker.waitUntilExit().exitCode == 0)
        let (served, undisturbed) = (try scratch.results(of: "served"), try scratch.results(of: "calm"))
        #expect(served == undisturbed)
    }

    @Test("a worker that no coordinator answers leaves by itself and says so", .timeLimit(.minutes(10)))
    func orphan() throws {
        let scratch = try Scratch()
        let ending = try BuiltCommand.run(
            [
                "worker", "--connect", "tcp://127.0.0.1:9", "--slots", "1", "--orphan-limit", "1", "--spool",
                "spool",
            ], in: scratch.folder)
        #expect(ending.exitCode == 69, "\(ending.story)")
        #expect(ending.errors.contains("not started again"), "\(ending.story)")
    }
}

import Foundation
import Testing

@Suite("Tasks that go on elsewhere", .serialized)
struct HandoverTests {
    /// One task of some seconds whose state is kept often.
    private static let yaml = """
        name: long
        dataset: {name: digits, train: 1000, test: 200, scaling: standard}
        model: {family: mlp, width: 64, depth: 2}
        optimizer: {name: adam, learning-rate: 0.001}
        training: {batch: 50, epochs: 600}
        measure: {at: {every: 50}}
        checkpoints: {every: 20}
        """

    /// A coordinator without workers of its own.
    private static func serve(_ scratch: Scratch) throws -> RunningCommand {
        try RunningCommand(["coordinator", "long.yaml", "--run", "run"], in: scratch.folder)
    }

    /// Where the coordinator listens, once it does.
    private static func endpoint(_ scratch: Scratch) throws -> String {
        let file = scratch.folder.appending(path: "run/endpoint.json")
        _ = eventually { FileManager.default.fileExists(atPath: file.path) }
        let content = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        return try #require(content?["endpoint"] as? String)
    }

    /// A worker that shares no disk with anybody.
    private static func join(_ name: String, _ endpoint: String, _ scratch: Scratch) throws -> RunningCommand
    {
        try RunningCommand(
            ["worker", "--connect", endpoint, "--slots", "1", "--spool", name], in: scratch.folder)
    }

    private static func log(of name: String, _ scratch: Scratch) -> String {
        let logs = scratch.folder.appending(path: "\(name)/logs")
        let files =
            (try? FileManager.default.contentsOfDirectory(at: logs, includingPropertiesForKeys: nil)) ?? []
        return files.compactMap { try? String(contentsOf: $0, encoding: .utf8) }.joined()
    }

    private static func checkpoints(in folder: String, _ scratch: Scratch) -> [String] {
        let place = scratch.folder.appending(path: "\(folder)/checkpoints")
        let names = FileManager.default.enumerator(atPath: place.path)?.allObjects as? [String] ?? []
        return names.filter { $0.hasSuffix(".state.safetensors") }
    }

    private static func calm(_ scratch: Scratch) throws -> [String: Data] {
        try scratch.write(yaml, to: "long.yaml")
        let calm = try BuiltCommand.run(["run", "long.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")
        return try scratch.results(of: "calm")
    }

    /// The epoch from which a worker went on, as its log says.
    private static func epochResumed(by name: String, _ scratch: Scratch) -> Int? {
        log(of: name, scratch).components(separatedBy: "found a checkpoint after epoch ").dropFirst().first
            .flatMap { Int($0.prefix { $0.isNumber }) }
    }

    @Test(
        "a worker asked to leave hands its epochs to one with another disk, to the same bytes",
        .timeLimit(.minutes(10)), arguments: [SIGTERM, SIGUSR2])
    func handBack(signal: Int32) throws {
        let scratch = try Scratch()
        let calm = try Self.calm(scratch)
        let coordinator = try Self.serve(scratch)
        let endpoint = try Self.endpoint(scratch)
        let alice = try Self.join("alice", endpoint, scratch)
        let hasBegun = eventually { !Self.checkpoints(in: "run", scratch).isEmpty }
        #expect(hasBegun, "\(Self.log(of: "alice", scratch))")
        alice.signal(signal)
        let left = alice.waitUntilExit()
        #expect(left.exitCode == 0, "\(left.story)")
        // Nothing of it stays on the disk that nobody else sees.
        #expect(Self.checkpoints(in: "alice", scratch).isEmpty)
        let bob = try Self.join("bob", endpoint, scratch)
        let ending = coordinator.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)\n\(Self.log(of: "bob", scratch))")
        _ = bob.waitUntilExit()
        let epoch = Self.epochResumed(by: "bob", scratch)
        #expect((epoch ?? 0) > 0, "\(Self.log(of: "bob", scratch))")
        let isSame = try scratch.results(of: "run") == calm
        #expect(isSame)
        // Nobody goes on with a task that has its result.
        #expect(Self.checkpoints(in: "run", scratch).isEmpty)
        #expect(Self.checkpoints(in: "bob", scratch).isEmpty)
    }

    @Test("a worker whose run has ended leaves with 0 and says so", .timeLimit(.minutes(10)))
    func ended() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        let run = try BuiltCommand.run(["run", "small.yaml", "--run", "run"], in: scratch.folder)
        #expect(run.exitCode == 0, "\(run.story)")
        // One that the user keeps for later is something left to do.
        for (paused, code) in [(false, Int32(0)), (true, 69)] {
            if paused {
                let more = SmallSweep.yaml().replacing("seed: [0, 1]", with: "seed: [0, 1, 2]")
                try scratch.write(more, to: "more.yaml")
                for arguments in [["extend", "run", "more.yaml", "--only-plan"], ["pause", "run"]] {
                    let ending = try BuiltCommand.run(arguments, in: scratch.folder)
                    #expect(ending.exitCode == 0, "\(ending.story)")
                }
            }
            let worker = try BuiltCommand.run(
                ["worker", "--run", "run", "--slots", "1", "--orphan-limit", paused ? "1" : "300"],
                in: scratch.folder)
            #expect(worker.exitCode == code, "\(worker.story)")
            #expect(worker.errors.contains("nothing is left to do") == !paused, "\(worker.story)")
        }
    }

    @Test("a worker waits for a coordinator that is only away", .timeLimit(.minutes(10)))
    func away() throws {
        let scratch = try Scratch()
        try scratch.write(Self.yaml, to: "long.yaml")
        let first = try Self.serve(scratch)
        _ = try Self.endpoint(scratch)
        first.signal(SIGKILL)
        _ = first.waitUntilExit()
        // As after an end that was asked for: nobody says where to connect to.
        try FileManager.default.removeItem(at: scratch.folder.appending(path: "run/endpoint.json"))
        let worker = try RunningCommand(
            ["worker", "--run", "run", "--slots", "1", "--orphan-limit", "300"], in: scratch.folder)
        let hasCome = eventually {
            let outbox = scratch.folder.appending(path: "run/outbox").path
            return (try? FileManager.default.contentsOfDirectory(atPath: outbox).isEmpty) == false
        }
        #expect(hasCome, "\(worker.errorsSoFar)")
        let second = try Self.serve(scratch)
        let ending = second.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        let left = worker.waitUntilExit()
        #expect(left.exitCode == 0, "\(left.story)")
    }

    @Test(
        "what a killed worker had brought to the coordinator is not trained again",
        .timeLimit(.minutes(10)))
    func killed() throws {
        let scratch = try Scratch()
        let calm = try Self.calm(scratch)
        let coordinator = try Self.serve(scratch)
        let endpoint = try Self.endpoint(scratch)
        let alice = try Self.join("alice", endpoint, scratch)
        let hasBegun = eventually { !Self.checkpoints(in: "run", scratch).isEmpty }
        #expect(hasBegun, "\(Self.log(of: "alice", scratch))")
        let children = alice.children
        alice.signal(SIGKILL)
        for child in children { kill(child, SIGKILL) }
        _ = alice.waitUntilExit()
        let bob = try Self.join("bob", endpoint, scratch)
        let ending = coordinator.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)\n\(Self.log(of: "bob", scratch))")
        _ = bob.waitUntilExit()
        let epoch = Self.epochResumed(by: "bob", scratch)
        #expect((epoch ?? 0) > 0, "\(Self.log(of: "bob", scratch))")
        let isSame = try scratch.results(of: "run") == calm
        #expect(isSame)
    }
}

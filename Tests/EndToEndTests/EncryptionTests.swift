import Foundation
import Testing

@Suite("descent with keys", .serialized)
struct EncryptionTests {
    /// A folder with the small sweep, and the user's own configuration in it.
    private let scratch: Scratch
    private let environment: [String: String]

    init() throws {
        scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        environment = ["HOME": scratch.folder.path, "XDG_CONFIG_HOME": ""]
    }

    private func run(_ arguments: String...) throws -> BuiltCommand.Ending {
        try BuiltCommand.run(arguments, in: scratch.folder, environment: environment)
    }

    /// The results of a run that nobody encrypted.
    private func calmResults() throws -> [String: Data] {
        let calm = try run("run", "small.yaml", "--run", "calm")
        #expect(calm.exitCode == 0, "\(calm.story)")
        return try scratch.results(of: "calm")
    }

    /// What `endpoint.json` of the run `served` says.
    private func endpoint() throws -> (address: String, key: String?) {
        let data = try Data(contentsOf: scratch.folder.appending(path: "served/endpoint.json"))
        let content = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return (try #require(content["endpoint"] as? String), content["curve"] as? String)
    }

    /// A coordinator of the run `served` that is ready for workers.
    private func coordinator(_ arguments: String...) throws -> RunningCommand {
        let running = try RunningCommand(
            ["coordinator", "small.yaml", "--run", "served"] + arguments, in: scratch.folder,
            environment: environment)
        let isListening = eventually {
            scratch.exists("served/endpoint.json") || !running.isRunning
        }
        #expect(isListening && running.isRunning, "\(running.errorsSoFar)")
        return running
    }

    @Test(
        "an encrypted run gives the same bytes, and makes its keys for its owner alone",
        .timeLimit(.minutes(10)))
    func encryptedRun() throws {
        let calm = try calmResults()
        let ending = try run("run", "small.yaml", "--run", "hidden", "--encrypt", "--workers", "2")
        #expect(ending.exitCode == 0, "\(ending.story)")
        let hidden = try scratch.results(of: "hidden")
        #expect(hidden == calm)
        for (name, mode) in [
            ("keys", 0o700), ("keys/coordinator.key", 0o600), ("keys/workers/local.key", 0o600),
        ] {
            let path = scratch.folder.appending(path: "hidden/\(name)").path
            let found = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(found == mode, "\(name)")
        }
        // Every worker was let in by its key.
        let provenance = try scratch.lines(of: "provenance.csv", in: "hidden").dropFirst()
        #expect(provenance.count == 12)
        #expect(provenance.allSatisfy { $0.contains(",local.") })
    }

    @Test("a run that was killed in plain text may be continued encrypted", .timeLimit(.minutes(10)))
    func resumedEncrypted() throws {
        let longer = ["--set", "training.epochs=20000"]
        let calm = try BuiltCommand.run(
            ["run", "small.yaml", "--run", "calm"] + longer, in: scratch.folder, environment: environment)
        #expect(calm.exitCode == 0, "\(calm.story)")
        let killed = try RunningCommand(
            ["run", "small.yaml", "--run", "killed", "--workers", "2"] + longer, in: scratch.folder,
            environment: environment)
        let isTraining = eventually { !killed.isRunning || killed.children.count >= 2 }
        #expect(isTraining, "\(killed.errorsSoFar)")
        killed.signal(SIGKILL)
        _ = killed.waitUntilExit()
        let ending = try run("resume", "killed", "--encrypt")
        #expect(ending.exitCode == 0, "\(ending.story)")
        let (resumed, undisturbed) = (try scratch.results(of: "killed"), try scratch.results(of: "calm"))
        #expect(resumed == undisturbed)
    }

    @Test(
        "a coordinator on every interface encrypts by itself, and a worker with a key file joins",
        .timeLimit(.minutes(10)))
    func remoteWorker() throws {
        let calm = try calmResults()
        let made = try run("keys", "make", "node7")
        #expect(made.exitCode == 0, "\(made.story)")
        #expect(made.output == "\(scratch.folder.path)/.config/descent/keys/workers/node7.key\n")
        let shown = try run("keys", "show")
        let coordinator = try coordinator("--listen", "tcp://0.0.0.0:0")
        let (address, key) = try endpoint()
        #expect(key.map { $0 + "\n" } == shown.output)
        let port = try #require(address.split(separator: ":").last)

        let stranger = try run(
            "worker", "--connect", "tcp://127.0.0.1:\(port)", "--slots", "1", "--orphan-limit", "1",
            "--spool", "a")
        #expect(stranger.exitCode == 69, "\(stranger.story)")
        #expect(stranger.errors.contains("--key FILE"), "\(stranger.story)")

        let file = made.output.trimmingCharacters(in: .newlines)
        let worker = try run(
            "worker", "--connect", "tcp://127.0.0.1:\(port)", "--slots", "2", "--key", file, "--spool", "b")
        #expect(worker.exitCode == 0, "\(worker.story)")
        let ending = coordinator.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        let served = try scratch.results(of: "served")
        #expect(served == calm)
        let provenance = try scratch.lines(of: "provenance.csv", in: "served").dropFirst()
        #expect(provenance.allSatisfy { $0.contains(",node7.") })
    }

    @Test(
        "a revoked worker leaves for good, and workers that read the run's own key finish",
        .timeLimit(.minutes(10)))
    func revoked() throws {
        let made = try run("keys", "make", "node7", "--run", "served")
        #expect(made.exitCode == 0, "\(made.story)")
        let coordinator = try coordinator("--encrypt")
        let revoked = try run("keys", "revoke", "node7", "--run", "served")
        #expect(revoked.exitCode == 0, "\(revoked.story)")
        let refused = try run(
            "worker", "--connect", try endpoint().address, "--slots", "1", "--key",
            "served/keys/workers/node7.key",
            "--spool", "a")
        #expect(refused.exitCode == 78, "\(refused.story)")
        #expect(refused.errors.contains("'node7' is revoked"), "\(refused.story)")
        let worker = try run("worker", "--run", "served", "--slots", "2")
        #expect(worker.exitCode == 0, "\(worker.story)")
        let ending = coordinator.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        #expect(ending.errors.contains("revoked key 'node7'"), "\(ending.story)")
    }

    @Test("keys that others can read stop every command that would use them", .timeLimit(.minutes(10)))
    func exposedKeys() throws {
        let made = try run("keys", "make", "node7", "--run", "served")
        #expect(made.exitCode == 0, "\(made.story)")
        let file = scratch.folder.appending(path: "served/keys/workers/node7.key").path
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let worker = try run(
            "worker", "--connect", "tcp://127.0.0.1:9", "--key", "served/keys/workers/node7.key")
        #expect(worker.exitCode == 78, "\(worker.story)")
        #expect(worker.errors.contains("node7.key"), "\(worker.story)")
        let folder = scratch.folder.appending(path: "served/keys").path
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
        let coordinator = try run("coordinator", "small.yaml", "--run", "served", "--encrypt")
        #expect(coordinator.exitCode == 78, "\(coordinator.story)")
        #expect(coordinator.errors.contains("served/keys"), "\(coordinator.story)")
    }

    @Test("keys are listed with their state and never with their secrets", .timeLimit(.minutes(10)))
    func listed() throws {
        _ = try run("keys", "make", "node7", "node8", "--keys", "k")
        _ = try run("keys", "revoke", "node8", "--keys", "k")
        let list = try run("keys", "list", "--keys", "k", "--json")
        let lines = try #require(
            try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: String]])
        #expect(lines.map { $0["name"] } == ["node7", "node8"])
        #expect(lines.map { $0["state"] } == ["allowed", "revoked"])
        let file = try Data(contentsOf: scratch.folder.appending(path: "k/workers/node7.key"))
        let content = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        let secret = try #require(content["secret"] as? String)
        let shown = try run("keys", "show", "node7", "--keys", "k")
        #expect(shown.output == "\(lines[0]["key"] ?? "")\n")
        for ending in [list, shown] {
            #expect(!ending.output.contains(secret) && !ending.errors.contains(secret))
        }
        #expect(try run("keys", "show", "node8", "--keys", "k").exitCode == 66)
        #expect(try run("keys", "make", "node7", "--keys", "k").exitCode == 78)
        #expect(try run("keys", "list", "--keys", "nowhere").exitCode == 66)
    }
}

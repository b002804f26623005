import Foundation
import Testing

@Suite(
    "A full disk", .serialized, .enabled(if: TinyDisk.isAllowed, "mounting a tmpfs takes the rights of root"))
struct FullDiskTests {
    @Test(
        "stops a run with 74 and advice after Ctrl-C, and a resume with room gives the same bytes",
        .timeLimit(.minutes(10)))
    func fullStore() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        let calm = try BuiltCommand.run(["run", "small.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")

        let disk = try TinyDisk(at: scratch.folder.appending(path: "disk"), kilobytes: 300)
        let running = try RunningCommand(["run", "small.yaml", "--run", "disk/run"], in: scratch.folder)
        let isFull = eventually {
            !running.isRunning || running.errorsSoFar.contains("cannot be written")
        }
        #expect(isFull)
        #expect(running.isRunning, "a full disk is waited for: \(running.errorsSoFar)")
        running.signal(SIGINT)
        let ending = running.waitUntilExit()
        #expect(ending.exitCode == 74, "\(ending.story)")
        #expect(ending.errors.contains("sweep.sqlite: cannot be written"), "\(ending.story)")
        #expect(ending.errors.contains("make room on that disk"), "\(ending.story)")
        #expect(ending.errors.contains("descent resume"), "\(ending.story)")

        try disk.resize(kilobytes: 50_000)
        let resumed = try BuiltCommand.run(["resume", "disk/run"], in: scratch.folder)
        #expect(resumed.exitCode == 0, "\(resumed.story)")
        let (back, undisturbed) = (try scratch.results(of: "disk/run"), try scratch.results(of: "calm"))
        #expect(back == undisturbed)
    }

    @Test("is waited for: a run goes on by itself once there is room", .timeLimit(.minutes(10)))
    func roomAgain() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(), to: "small.yaml")
        let disk = try TinyDisk(at: scratch.folder.appending(path: "disk"), kilobytes: 300)
        let running = try RunningCommand(["run", "small.yaml", "--run", "disk/run"], in: scratch.folder)
        let isFull = eventually { running.errorsSoFar.contains("cannot be written") }
        #expect(isFull, "\(running.errorsSoFar)")
        try disk.resize(kilobytes: 50_000)
        let ending = running.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        #expect(try scratch.lines(of: "provenance.csv", in: "disk/run").count == 13)
    }
}

@Suite(
    "A full disk under checkpoints", .serialized,
    .enabled(if: TinyDisk.isAllowed, "mounting a tmpfs takes the rights of root"))
struct FullCheckpointDiskTests {
    private static let yaml = """
        name: long
        dataset: {name: digits, train: 1000, test: 200, scaling: standard}
        model: {family: mlp, width: 64, depth: 2}
        optimizer: {name: adam, learning-rate: 0.001}
        training: {batch: 50, epochs: 60}
        measure: {at: {every: 20}}
        checkpoints: {every: 10}
        """

    @Test("costs the checkpoints, is told once, and changes no byte of the result", .timeLimit(.minutes(10)))
    func fullCheckpoints() throws {
        let scratch = try Scratch()
        try scratch.write(Self.yaml, to: "long.yaml")
        let calm = try BuiltCommand.run(["run", "long.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")
        let checkpoints = scratch.folder.appending(path: "run/checkpoints")
        try FileManager.default.createDirectory(
            at: checkpoints.deletingLastPathComponent(), withIntermediateDirectories: true)
        // The parameters alone take 35 kB, and the state of Adam twice as much again.
        let disk = try TinyDisk(at: checkpoints, kilobytes: 16)
        let run = try BuiltCommand.run(
            ["run", "long.yaml", "--run", "run", "--workers", "1"], in: scratch.folder)
        #expect(run.exitCode == 0, "\(run.story)")
        let isSame = try scratch.results(of: "run") == scratch.results(of: "calm")
        #expect(isSame)
        let logs = scratch.folder.appending(path: "run/logs")
        let log = try FileManager.default.contentsOfDirectory(at: logs, includingPropertiesForKeys: nil)
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let complaints = log.split(separator: "\n").filter { $0.contains("no checkpoint could be kept") }
        #expect(complaints.count == 1, "\(log)")
        #expect(complaints.first?.contains("No space left on device") == true, "\(complaints)")
        let left = try FileManager.default.subpathsOfDirectory(atPath: checkpoints.path)
        #expect(!left.contains { $0.contains(".safetensors") }, "\(left)")
        withExtendedLifetime(disk) {}
    }
}

/// A file system of a few kilobytes in memory, unmounted with the test.
private final class TinyDisk {
    private let folder: URL

    /// Whether this process may mount one.
    static let isAllowed: Bool = {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "descent-tmpfs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        return (try? TinyDisk(at: folder, kilobytes: 100)) != nil
    }()

    init(at folder: URL, kilobytes: Int) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try TinyDisk.run("mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder.path])
    }

    deinit { try? TinyDisk.run("umount", ["-l", folder.path]) }

    func resize(kilobytes: Int) throws {
        try TinyDisk.run("mount", ["-o", "remount,size=\(kilobytes)k", folder.path])
    }

    private struct Refused: Error {}

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refused() }
    }
}

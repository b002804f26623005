import Foundation
import Testing

@Suite("A machine on which everything crashes", .serialized)
struct SickHostTests {
    @Test(
        "a host whose processes crash is set aside, its tasks are done elsewhere, and no byte changes",
        .enabled(if: SickHost.isAllowed, "another host name takes root and the command 'unshare'"),
        .timeLimit(.minutes(10)))
    func setAside() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 60_000), to: "small.yaml")
        let calm = try BuiltCommand.run(["run", "small.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")

        let coordinator = try RunningCommand(
            ["coordinator", "small.yaml", "--run", "near", "--listen", "tcp://127.0.0.1:0"],
            in: scratch.folder)
        let listens = eventually { scratch.exists("near/endpoint.json") }
        #expect(listens, "\(coordinator.errorsSoFar)")
        let sound = try RunningCommand(
            ["worker", "--run", "near", "--slots", "1", "--spool", "sound"], in: scratch.folder)
        let sick = try SickHost.start(
            ["worker", "--run", "near", "--slots", "1", "--spool", "sick"], in: scratch)
        let isSetAside = eventually {
            scratch.strike("sick")
            usleep(50_000)
            return scratch.log("near", "coordinator.log").contains("\(SickHost.name) is set aside")
        }
        #expect(isSetAside, "\(coordinator.errorsSoFar)")
        let status = try BuiltCommand.run(["status", "near"], in: scratch.folder)
        #expect(status.output.contains("\(SickHost.name) is set aside and gets no tasks"), "\(status.story)")
        let ending = coordinator.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        _ = sound.waitUntilExit()
        sick.waitUntilExit()
        let (near, undisturbed) = (try scratch.results(of: "near"), try scratch.results(of: "calm"))
        #expect(near == undisturbed)
    }
}

/// A worker that believes to be on another machine.
private enum SickHost {
    static let name = "sick"

    static func start(_ arguments: [String], in scratch: Scratch) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = "hostname \(name) && exec \"$0\" \"$@\""
        process.arguments =
            ["unshare", "--uts", "sh", "-c", script, BuiltCommand.executable.path] + arguments
        // Swift's backtracer can be struck itself, and then hangs.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) {
            $1
        }
        process.currentDirectoryURL = scratch.folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Whether this process may give another a host name of its own.
    static let isAllowed: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["unshare", "--uts", "hostname", name]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}

extension Scratch {
    /// Sends a segmentation fault to whatever trains in a spool.
    fileprivate func strike(_ spool: String) {
        let outboxes = folder.appending(path: "\(spool)/outbox")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: outboxes.path)) ?? []
        for name in names {
            let mark = try? String(
                contentsOf: outboxes.appending(path: "\(name)/executing"), encoding: .utf8)
            guard let words = mark?.split(separator: " "), words.count >= 3, let process = Int32(words[0])
            else {
                continue
            }
            kill(process, SIGSEGV)
        }
    }
}

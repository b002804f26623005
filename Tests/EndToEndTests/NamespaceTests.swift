import Foundation
import Testing

/// A machine of its own, as far as the network goes, joined to this one by a cable that can be pulled.
private final class NetworkNamespace {
    let name: String
    let cable: String
    let hostAddress: String

    /// - Throws: Where the system does not let this process make one.
    init() throws {
        let number = Int(ProcessInfo.processInfo.processIdentifier) % 250
        name = "descent-\(number)"
        cable = "descent\(number)"
        hostAddress = "10.213.\(number).1"
        let inner = "\(cable)i"
        try Self.ip(["netns", "add", name])
        do {
            try Self.ip(["link", "add", cable, "type", "veth", "peer", "name", inner, "netns", name])
            try Self.ip(["address", "add", "\(hostAddress)/30", "dev", cable])
            try Self.ip(["link", "set", cable, "up"])
            try Self.ip(["-n", name, "address", "add", "10.213.\(number).2/30", "dev", inner])
            try Self.ip(["-n", name, "link", "set", inner, "up"])
        } catch {
            try? Self.ip(["netns", "delete", name])
            throw error
        }
    }

    deinit { try? Self.ip(["netns", "delete", name]) }

    func pull() throws { try Self.ip(["link", "set", cable, "down"]) }
    func plugIn() throws { try Self.ip(["link", "set", cable, "up"]) }

    struct Refused: Error {}

    private static func ip(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["ip"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw Refused() }
    }

    /// Whether this process may make network namespaces.
    static let isAllowed = (try? NetworkNamespace()) != nil
}

@Suite("Two machines and a cable", .serialized)
struct NamespaceTests {
    @Test(
        "a cable that is pulled and plugged in again changes no byte of the results",
        .enabled(if: NetworkNamespace.isAllowed, "network namespaces take root and the command 'ip'"),
        .timeLimit(.minutes(10)))
    func pulledCable() throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 20_000), to: "small.yaml")
        let calm = try BuiltCommand.run(["run", "small.yaml", "--run", "calm"], in: scratch.folder)
        #expect(calm.exitCode == 0, "\(calm.story)")

        let far = try NetworkNamespace()
        let coordinator = try RunningCommand(
            [
                "coordinator", "small.yaml", "--run", "near", "--listen", "tcp://\(far.hostAddress):0",
                "--allow-plain-text-network",
            ], in: scratch.folder)
        let listens = eventually { scratch.exists("near/endpoint.json") }
        #expect(listens, "\(coordinator.errorsSoFar)")
        let endpoint = try scratch.endpoint(of: "near")
        let worker = Process()
        worker.executableURL = URL(filePath: "/usr/bin/env")
        worker.arguments = [
            "ip", "netns", "exec", far.name, BuiltCommand.executable.path, "worker", "--connect", endpoint,
            "--slots", "2", "--spool", "far",
        ]
        worker.currentDirectoryURL = scratch.folder
        worker.standardOutput = FileHandle.nullDevice
        worker.standardError = FileHandle.nullDevice
        try worker.run()
        for pause in [0.5, 3] {
            let joined = eventually { scratch.log("near", "coordinator.log").contains("joined") }
            #expect(joined, "\(coordinator.errorsSoFar)")
            try far.pull()
            usleep(UInt32(pause * 1e6))
            try far.plugIn()
            usleep(500_000)
        }
        let ending = coordinator.waitUntilExit()
        #expect(ending.exitCode == 0, "\(ending.story)")
        worker.waitUntilExit()
        let (near, undisturbed) = (try scratch.results(of: "near"), try scratch.results(of: "calm"))
        #expect(near == undisturbed)
    }
}

extension Scratch {
    /// The address that `endpoint.json` of a run names.
    fileprivate func endpoint(of run: String) throws -> String {
        let data = try Data(contentsOf: folder.appending(path: "\(run)/endpoint.json"))
        let content = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return try #require(content?["endpoint"] as? String)
    }
}

import Foundation
import Testing

@Suite("What the repository ships")
struct ShippedFilesTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("every sweep in sweeps/ parses, validates and has a predicted cost")
    func sweepsArePlannable() throws {
        let scratch = try Scratch()
        let folder = Self.root.appending(path: "sweeps")
        let sweeps = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".yaml")
        }
        #expect(!sweeps.isEmpty)
        for sweep in sweeps {
            let ending = try BuiltCommand.run(
                ["plan", folder.appending(path: sweep).path], in: scratch.folder)
            #expect(ending.exitCode == 0, "\(sweep): \(ending.story)")
        }
    }

    @Test("the quickstart has 576 tasks")
    func quickstartTasks() throws {
        let scratch = try Scratch()
        let sweep = Self.root.appending(path: "sweeps/quickstart.yaml")
        let ending = try BuiltCommand.run(["plan", sweep.path, "--json"], in: scratch.folder)
        #expect(ending.output.contains(#""tasks" : 576"#), "\(ending.story)")
    }

    @Test("everything in the catalog that is built has its place in docs/methods.md")
    func catalogIsDocumented() throws {
        struct Section: Decodable {
            struct Entry: Decodable {
                let name: String
                let built: Bool
            }
            let kind: String
            let entries: [Entry]
        }
        let scratch = try Scratch()
        let ending = try BuiltCommand.run(["catalog", "--json"], in: scratch.folder)
        #expect(ending.exitCode == 0, "\(ending.story)")
        let sections = try JSONDecoder().decode([Section].self, from: Data(ending.output.utf8))
        #expect(sections.count >= 7)
        let methods = try String(contentsOf: Self.root.appending(path: "docs/methods.md"), encoding: .utf8)
        for section in sections where !["plots", "launchers"].contains(section.kind) {
            for entry in section.entries where entry.built && entry.name != "none" {
                let isDocumented = methods.contains("`\(entry.name)`")
                #expect(isDocumented, "docs/methods.md does not mention \(section.kind) `\(entry.name)`")
            }
        }
    }

    @Test("every command has a help text with an example")
    func helpTexts() throws {
        let scratch = try Scratch()
        let commands = [
            "run", "plan", "coordinator", "worker", "status", "resume", "retry", "collect", "plot", "train",
            "probe",
            "catalog", "simulate", "doctor",
        ]
        for command in commands {
            let ending = try BuiltCommand.run([command, "--help"], in: scratch.folder)
            #expect(ending.exitCode == 0, "\(command): \(ending.story)")
            #expect(ending.output.contains("descent \(command)"), "\(command): \(ending.output)")
            #expect(ending.output.contains("Example"), "\(command) --help shows no example")
        }
    }

    @Test("doctor reports versions and ends well")
    func doctor() throws {
        let scratch = try Scratch()
        let ending = try BuiltCommand.run(["doctor"], in: scratch.folder)
        #expect(ending.exitCode == 0, "\(ending.story)")
        for part in ["OpenBLAS", "ZeroMQ", "SQLite", "protocol"] {
            #expect(ending.output.contains(part), "\(ending.output)")
        }
    }
}

import Foundation

/// The built `descent`, run as a user runs it.
struct BuiltCommand {
    /// How one run of the command ended.
    struct Ending {
        let exitCode: Int32
        let output: String
        let errors: String

        /// Both streams, for failure messages.
        var story: String { "exit code \(exitCode)\n--- output\n\(output)\n--- errors\n\(errors)" }
    }

    /// The executable beside the test program: both come from one build.
    static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "descent")

    /// Runs the command to its end.
    static func run(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws
        -> Ending
    {
        let running = try RunningCommand(arguments, in: folder, environment: environment)
        return running.waitUntilExit()
    }
}

/// A `descent` process that is still going, with its output kept in files.
final class RunningCommand {
    private let process = Process()
    private let output: URL
    private let errors: URL

    init(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws {
        let name = "command-\(UUID().uuidString)"
        output = folder.appending(path: name + ".out")
        errors = folder.appending(path: name + ".err")
        for file in [output, errors] { try Data().write(to: file) }
        process.executableURL = BuiltCommand.executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
    }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// What it has printed to standard error so far.
    var errorsSoFar: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { kill(identifier, number) }

    func waitUntilExit() -> BuiltCommand.Ending {
        process.waitUntilExit()
        let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return BuiltCommand.Ending(
            exitCode: code, output: (try? String(contentsOf: output, encoding: .utf8)) ?? "",
            errors: errorsSoFar)
    }

    /// The processes that this one started and that are still there.
    var children: [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap(Int32.init).filter { candidate in
            guard let status = try? String(contentsOfFile: "/proc/\(candidate)/stat", encoding: .utf8),
                let end = status.lastIndex(of: ")")
            else { return false }
            // After the command's name in brackets: state, then the parent's identifier.
            let fields = status[status.index(after: end)...].split(separator: " ")
            return fields.count > 1 && Int32(fields[1]) == identifier && fields[0] != "Z"
        }
    }
}

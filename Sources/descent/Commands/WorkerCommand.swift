import ArgumentParser
import Experiments
import Foundation
import Glibc
import LinearAlgebra
import Messaging
import Runtime
import Sweeps
import Workers

struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Work for a coordinator until the sweep is done or you are told to stop.",
        discussion: """
            Each slot is one process that trains one task at a time. Ctrl-C once leaves after the tasks in training, \
            twice at once. SIGTERM and SIGUSR2 keep a checkpoint of a long task at the end of its epoch, hand the task \
            back and leave within 25 seconds.

            Examples:
              descent worker --run runs/mine --slots 16
              descent worker --connect tcp://10.0.0.1:5555 --key node7.key --slots 16
              descent worker --run runs/mine --deadline 3h30m
              descent worker --run runs/mine --until 07:30
            """)

    @Option(
        name: .customLong("run"), help: "The run directory, shared with the coordinator.",
        completion: .directory)
    var directory: String?

    @Option(help: ArgumentHelp("The coordinator's address.", valueName: "tcp://host:port"))
    var connect: String?

    @Option(
        help: ArgumentHelp(
            "The key to be let in with, made by 'descent keys make' (default: the run's own, where it is readable).",
            valueName: "file"),
        completion: .file(extensions: ["key"]))
    var key: String?

    @Option(help: "Tasks to train at once (default: one a core).")
    var slots: Int?

    @Option(
        help: ArgumentHelp(
            "Leave when no coordinator has answered for this long; finished results stay in the spool.",
            valueName: "seconds"))
    var orphanLimit = 600.0

    @Option(
        help: ArgumentHelp(
            "Have left after this time, as when an allocation ends; no task is begun that cannot end before.",
            valueName: "3h30m"))
    var deadline: String?

    @Option(
        help: ArgumentHelp(
            "Have left at this time of day (or of a date: 2026-11-21T07:30).", valueName: "hh:mm"))
    var until: String?

    @Option(help: ArgumentHelp("When to have left, in seconds since 1970.", visibility: .hidden))
    var leaveAt: Double?

    @Option(help: ArgumentHelp("Be the process of one slot of a supervisor.", visibility: .hidden))
    var slot: Int?

    @Option(
        help:
            "Folder for unacknowledged results and logs (default: the run directory, or the temporary folder)."
    )
    var spool: String?

    func validate() throws {
        guard (directory == nil) != (connect == nil) else {
            throw ValidationError("Give --run or --connect.")
        }
        if let slots, slots < 1 { throw ValidationError("--slots must be at least 1.") }
        if deadline != nil, until != nil { throw ValidationError("Give --deadline or --until.") }
        if let deadline, Deadline.seconds(of: deadline) == nil {
            throw ValidationError("--deadline takes a time such as 90s, 45m or 3h30m; is '\(deadline)'.")
        }
        if let until, Deadline.date(of: until, after: Date()) == nil {
            throw ValidationError("--until takes a time such as 07:30 or 2026-11-21T07:30; is '\(until)'.")
        }
        guard orphanLimit > 0, orphanLimit < 1e9 else {
            throw ValidationError("--orphan-limit takes a positive number of seconds.")
        }
    }

    /// The arguments of the process of one slot.
    ///
    /// The file of the key is named, never the key itself: everybody can read the arguments of a process.
    static func arguments(run: String, slot: Int, key: String?) -> [String] {
        ["worker", "--run", run, "--slot", String(slot)] + (key.map { ["--key", $0] } ?? [])
    }

    func run() throws {
        if slot != nil { return try runSlot() }
        let complaint = try address.complaintAtDoor(key: try workerKey(), isKeyRequired: key != nil)
        if let complaint { printError(complaint) }
        let (connect, spool) = (connect, spoolFolder)
        let place =
            (directory.map { ["--run", $0] } ?? ["--connect", connect ?? ""])
            + (key.map { ["--key", $0] } ?? [])
        let folder = RunDirectory(spool)
        try folder.create()
        var limits = ["--orphan-limit", String(orphanLimit)]
        if let end = endOfStay { limits += ["--leave-at", String(end)] }
        let limitArguments = limits
        var fleet = try WorkerFleet(
            WorkerSupervisor.Command(
                outboxes: folder.outboxes,
                arguments: {
                    ["worker"] + place + ["--slot", String($0), "--spool", spool] + limitArguments
                },
                log: { folder.log(slot: $0) }),
            slotCount: slots ?? Host.coreCount)
        let code = try fleet.run(signals: StopSignals(), say: printError)
        if code == .done, let run = directory.map({ RunDirectory($0) }), run.hasEnded {
            printError("\(run): the sweep has ended; nothing is left to do")
        }
        if code != .done { throw ArgumentParser.ExitCode(code.rawValue) }
    }

    /// Trains in this process.
    private func runSlot() throws {
        let profile = LinearAlgebra.NumericProfile.current
        var limits = Worker.Limits.standard
        limits.orphanLimit = .seconds(orphanLimit)
        limits.lifetime = endOfStay.map { .seconds($0 - Date().timeIntervalSince1970) }
        var options = WorkerProcess.Options(
            address: address, outboxes: RunDirectory(spoolFolder).outboxes, build: BuildVersion.text,
            numericProfile: Messaging.NumericProfile(
                blasCore: profile.blasCore, blasVersion: profile.blasVersion,
                instructionSet: profile.instructionSet, canary: try Canary.hash()),
            limits: limits, lifeline: 0, key: try workerKey())
        options.isKeyRequired = key != nil
        let checkpoints = CheckpointFolder(RunDirectory(spoolFolder).checkpoints)
        // In the run directory they lie where the coordinator keeps its own.
        options.limits.carriesCheckpoints = directory == nil || spool.map { !isRunDirectory($0) } ?? false
        if options.limits.carriesCheckpoints { options.checkpoints = checkpoints }
        let worker = try WorkerProcess(options)
        let exit = try worker.run(TaskPerformer(checkpoints: checkpoints), signals: StopSignals())
        if case .refused(let refusal) = exit {
            printError("the coordinator refused this worker: \(refusal.message)")
        }
        if let code = exit?.exitCode, code != .done { throw ArgumentParser.ExitCode(code.rawValue) }
    }

    /// Whether a spool is the run directory itself, which a supervisor names by both.
    private func isRunDirectory(_ spool: String) -> Bool {
        directory.map { URL(filePath: $0).standardizedFileURL == URL(filePath: spool).standardizedFileURL }
            ?? false
    }

    private var address: WorkerAddress {
        directory.map { .run(RunDirectory($0)) } ?? .endpoint(connect ?? "")
    }

    /// The key that was given, or else the one that lies in reach of whoever can read the run's own files.
    private func workerKey() throws -> WorkerKey? {
        if let key { return try WorkerKey(contentsOf: key) }
        return try directory.flatMap {
            try WorkerKey.local(for: RunDirectory($0), userFolder: KeyFolder.ofUser)
        }
    }

    /// When this worker must have left, in seconds since 1970; `nil` for never.
    private var endOfStay: Double? {
        let now = Date()
        if let leaveAt { return leaveAt }
        if let deadline, let seconds = Deadline.seconds(of: deadline) {
            return now.timeIntervalSince1970 + seconds
        }
        return until.flatMap { Deadline.date(of: $0, after: now)?.timeIntervalSince1970 }
    }

    /// Where results wait for their acknowledgement: in the run directory where there is one.
    private var spoolFolder: String {
        if let spool { return spool }
        if let directory { return directory }
        let name = (connect ?? "").map { $0.isLetter || $0.isNumber ? $0 : "-" }
        return "/tmp/descent-worker-\(getuid())-\(String(name))"
    }
}

import Basics
import Foundation
import Messaging
import Runtime
import Sweeps
import Testing

/// A supervisor of shell scripts, by a clock of its own.
private final class ShellRig {
    let folder: TemporaryFolder
    var supervisor: WorkerSupervisor
    var now = Instant.origin

    init(_ script: String, slotCount: Int = 1, deathsMax: Int = 12) throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        self.folder = folder
        supervisor = try WorkerSupervisor(
            WorkerSupervisor.Command(
                executable: "/bin/sh", environment: ["FOLDER=\(path)"],
                arguments: { ["-c", script, "worker", String($0)] }, log: { "\(path)/slot\($0).log" }),
            slotCount: slotCount,
            restarts: WorkerSupervisor.Restarts(
                pause: .seconds(1), pauseMax: .seconds(4), healthyAfter: .seconds(30), deathsMax: deathsMax))
    }

    /// Leaves no dead child behind: exit tests wait for any child of the process, and would find it for ever.
    deinit {
        supervisor.kill()
        try? eventually("the end of all workers") {
            _ = try supervisor.check(at: now)
            return supervisor.runningCount == 0
        }
    }

    var isOver: Bool { supervisor.isOver }
    var runningCount: Int { supervisor.runningCount }

    /// Checks until something happens; time stands still meanwhile.
    func nextEvents() throws -> [WorkerSupervisor.Event] {
        let deadline = SystemClock.now + .seconds(300)
        while SystemClock.now < deadline {
            let events = try supervisor.check(at: now)
            if !events.isEmpty { return events }
            usleep(1000)
        }
        throw Timeout(description: "nothing happened to the workers")
    }

    /// Checks until a process has died, and gives its death and the pause before the next.
    func nextDeath() throws -> (death: WorkerSupervisor.Death, pause: Duration?) {
        while true {
            for event in try nextEvents() {
                switch event {
                case .died(let death, let pause): return (death, pause)
                case .givenUp(let death): return (death, nil)
                case .started, .left: break
                }
            }
        }
    }
}

@Suite("Worker supervisor", .timeLimit(.minutes(10)))
struct SupervisorTests {
    @Test("a worker that dies is started again after a pause that doubles up to its limit")
    func restarts() throws {
        let rig = try ShellRig("exit 3")
        var pauses: [Duration] = []
        for _ in 0..<5 {
            let (death, pause) = try rig.nextDeath()
            #expect(death.ending == .exited(3))
            let wait = try #require(pause)
            pauses.append(wait)
            rig.now = rig.now + wait
        }
        #expect(pauses == [.seconds(1), .seconds(2), .seconds(4), .seconds(4), .seconds(4)])
    }

    @Test("a worker that lived long starts with a clean slate")
    func cleanSlate() throws {
        let rig = try ShellRig("read line; exit 3")
        for _ in 0..<3 {
            guard case .started(_, let processID)? = try rig.nextEvents().first else {
                Issue.record("nothing was started")
                return
            }
            rig.now = rig.now + .seconds(60)
            kill(processID, SIGKILL)
            let (death, pause) = try rig.nextDeath()
            #expect(death.ending == .signalled(SIGKILL))
            #expect(pause == .seconds(1))
            rig.now = rig.now + .seconds(1)
        }
    }

    @Test("a death tells the signal and the last lines, without control characters")
    func lastLines() throws {
        let rig = try ShellRig("echo first; printf 'to the \\033[31mred\\n' >&2; kill -SEGV $$")
        let (death, _) = try rig.nextDeath()
        #expect(death.ending == .signalled(SIGSEGV))
        #expect(death.ending.description == "died of signal 11 (Segmentation fault)")
        #expect(death.lastLines == ["first", "to the  [31mred"])
    }

    @Test(
        "a crash while training is reported in the outbox, a kill from outside is not",
        arguments: ["SEGV", "KILL"])
    func crashReport(signal: String) throws {
        let folder = try TemporaryFolder()
        let task = TaskID(of: ["seed": 1])
        let outbox = folder.path + "/here-slot0"
        let script = """
            mkdir $FOLDER/here-slot0; echo $$ \(task) 2 > $FOLDER/here-slot0/executing; kill -\(signal) $$
            """
        let path = folder.path
        var supervisor = try WorkerSupervisor(
            WorkerSupervisor.Command(
                executable: "/bin/sh", environment: ["FOLDER=\(path)"], outboxes: path,
                arguments: { _ in ["-c", script] }, log: { _ in path + "/log" }),
            slotCount: 1)
        try eventually("the death") {
            try supervisor.check(at: .origin).contains { if case .died = $0 { true } else { false } }
        }
        let bytes = try AtomicFile.read("\(outbox)/\(task)-2.report")
        let failure = AttemptReport.failure(
            FailureReport(
                assignment: Assignment(task: task, attempt: 2), failureClass: .crash,
                message: "the worker process died of signal 11 (Segmentation fault)"))
        #expect(bytes.flatMap(AttemptReport.init(encoded:)) == (signal == "SEGV" ? failure : nil))
    }

    @Test("a worker that leaves with code 0 is not started again")
    func leaves() throws {
        let rig = try ShellRig("exit 0", slotCount: 2)
        var leftCount = 0
        while leftCount < 2 {
            for event in try rig.nextEvents() { if case .left = event { leftCount += 1 } }
        }
        #expect(rig.isOver)
        rig.now = rig.now + .seconds(100)
        let events = try rig.supervisor.check(at: rig.now)
        #expect(events.isEmpty)
    }

    @Test("a worker that says that repeating is no use is given up at once")
    func configurationError() throws {
        let rig = try ShellRig("echo wrong version; exit 78")
        let (death, pause) = try rig.nextDeath()
        #expect(death.ending == .exited(78))
        #expect(death.lastLines == ["wrong version"])
        #expect(pause == nil)
        #expect(rig.isOver)
    }

    @Test("a worker that dies again and again is given up")
    func deathsMax() throws {
        let rig = try ShellRig("exit 1", deathsMax: 3)
        for _ in 0..<2 {
            let (_, pause) = try rig.nextDeath()
            rig.now = rig.now + (try #require(pause))
        }
        let (_, pause) = try rig.nextDeath()
        #expect(pause == nil)
        #expect(rig.isOver)
    }

    @Test("the death of one worker costs the others nothing")
    func independent() throws {
        let rig = try ShellRig("if [ $1 = 0 ]; then exit 9; fi; read line", slotCount: 3)
        let (death, _) = try rig.nextDeath()
        #expect(death.slot == 0)
        #expect(rig.runningCount == 2)
    }

    @Test("workers find the end of their standard input when the supervisor is gone")
    func lifeline() throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        var processIDs: [Int32] = []
        do {
            var supervisor = try WorkerSupervisor(
                WorkerSupervisor.Command(
                    executable: "/bin/sh", arguments: { ["-c", "cat; echo gone > \(path)/gone\($0)"] },
                    log: { "\(path)/slot\($0).log" }),
                slotCount: 2)
            for case .started(_, let processID) in try supervisor.check(at: .origin) {
                processIDs.append(processID)
            }
            #expect(processIDs.count == 2)
            #expect(folder.text(of: "gone0") == nil)
            let runningCount = supervisor.runningCount
            #expect(runningCount == 2)
        }
        try eventually("both workers to leave") {
            folder.text(of: "gone0") == "gone\n" && folder.text(of: "gone1") == "gone\n"
        }
        for processID in processIDs { waitpid(processID, nil, 0) }
    }

    @Test("workers that are asked to leave have left, and nothing is started any more")
    func terminate() throws {
        let rig = try ShellRig("trap 'exit 0' TERM; echo up > $FOLDER/up; while :; do sleep 0.01; done")
        _ = try rig.nextEvents()
        let folder = rig.folder
        try eventually("the worker to be up") { folder.text(of: "up") != nil }
        rig.supervisor.terminate()
        #expect(try rig.nextEvents() == [.left(slot: 0)])
        #expect(rig.isOver)
    }

    @Test("workers hear no Ctrl-C of the terminal: each is a process group of its own")
    func processGroups() throws {
        let rig = try ShellRig("read line", slotCount: 2)
        let processIDs = try rig.nextEvents().compactMap { event in
            if case .started(_, let processID) = event { processID } else { nil }
        }
        #expect(processIDs.count == 2)
        #expect(processIDs.allSatisfy { getpgid($0) == $0 })
    }

    @Test("workers do not inherit blocked signals")
    func signalMask() throws {
        let rig = try ShellRig("grep SigBlk /proc/self/status > $FOLDER/mask; read line")
        let folder = rig.folder
        _ = try rig.nextEvents()
        let mask = try firstValue(of: "the mask") {
            folder.text(of: "mask").flatMap { $0.isEmpty ? nil : $0 }
        }
        #expect(mask == "SigBlk:\t0000000000000000\n")
    }

    @Test("a program that is not there is an error that names it")
    func missingProgram() throws {
        var supervisor = try WorkerSupervisor(
            WorkerSupervisor.Command(
                executable: "/nowhere/descent", arguments: { _ in [] }, log: { _ in "/dev/null" }),
            slotCount: 1)
        var thrown: SystemError?
        do { _ = try supervisor.check(at: .origin) } catch { thrown = error }
        #expect(thrown == SystemError("posix_spawn", code: ENOENT, path: "/nowhere/descent"))
    }
}

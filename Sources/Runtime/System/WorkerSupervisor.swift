public import Basics
internal import Glibc

/// Keeps one worker process a slot running: starts them, restarts the dead, and tells how they died.
///
/// Each process reads its standard input from a line that only the supervisor holds the other end of. When the
/// supervisor is gone, however it went, that line ends and the worker leaves: no orphan trains on. (The system's own
/// means, a signal at the parent's death, fires already when the *thread* that started the child ends.)
///
///     var supervisor = try WorkerSupervisor(command, slotCount: 2)
///     while … { for event in supervisor.check(at: SystemClock.now) { … } }
public struct WorkerSupervisor: ~Copyable {
    /// What to start for a slot.
    public struct Command: Sendable {
        public let executable: String
        public let environment: [String]
        /// The arguments of a slot, counted from 0.
        public let arguments: @Sendable (Int) -> [String]
        /// The file that the slot's output is appended to.
        public let log: @Sendable (Int) -> String
        /// The folder of the workers' outboxes: where a crash is reported for the coordinator to count it against the
        /// task; `nil` to leave that.
        public let outboxes: String?

        public init(
            executable: String = "/proc/self/exe", environment: [String] = [], outboxes: String? = nil,
            arguments: @escaping @Sendable (Int) -> [String], log: @escaping @Sendable (Int) -> String
        ) {
            self.executable = executable
            self.environment = environment
            self.outboxes = outboxes
            self.arguments = arguments
            self.log = log
        }
    }

    /// What happened to a slot.
    public enum Event: Hashable, Sendable {
        case started(slot: Int, processID: Int32)
        /// The process left as it should.
        case left(slot: Int)
        /// It died and will be started again.
        case died(Death, restartIn: Duration)
        /// It died, and starting it again would be no use.
        case givenUp(Death)
    }

    /// How a process died.
    public struct Death: Hashable, Sendable {
        public let slot: Int
        public let processID: Int32
        public let ending: ChildProcess.Ending
        /// The last lines that it wrote, without control characters.
        public let lastLines: [String]
    }

    private let command: Command
    private let restarts: Restarts
    private let line: SocketPair
    private var slots: [Slot]
    private var isStopping = false

    /// How patient a supervisor is with what it starts.
    public struct Restarts: Hashable, Sendable {
        /// The pause after a first death; doubles with each further one.
        public var pause: Duration
        public var pauseMax: Duration
        /// A process that lived as long as this starts with a clean slate.
        public var healthyAfter: Duration
        /// Deaths in a row, none after a healthy life, after which a slot is given up.
        public var deathsMax: Int

        public init(
            pause: Duration = .milliseconds(250), pauseMax: Duration = .seconds(30),
            healthyAfter: Duration = .seconds(30), deathsMax: Int = 12
        ) {
            self.pause = pause
            self.pauseMax = pauseMax
            self.healthyAfter = healthyAfter
            self.deathsMax = deathsMax
        }
    }

    private struct Slot {
        var state: State
        var deathCount = 0
    }

    private enum State {
        case waiting(until: Instant)
        case running(ChildProcess, since: Instant)
        case over
    }

    /// The exit codes with which a worker says that starting it again would be no use: refused, or left alone for long.
    private static let hopelessCodes = [ExitCode.configuration, .unavailable].map(\.rawValue)

    /// A supervisor that starts its processes at the first ``check(at:)``.
    ///
    /// - Throws: ``SystemError`` when descriptors run out.
    public init(_ command: Command, slotCount: Int, restarts: Restarts = Restarts()) throws(SystemError) {
        // Blocking, as programs expect of their standard input.
        line = try SocketPair(isBlocking: true)
        self.command = command
        self.restarts = restarts
        slots = (0..<slotCount).map { _ in Slot(state: .waiting(until: .origin)) }
    }

    /// Cuts the line to all workers, and leaves them to leave.
    deinit {
        close(line.first)
        close(line.second)
    }

    /// How many processes run.
    public var runningCount: Int { slots.count { if case .running = $0.state { true } else { false } } }

    /// True when every slot has left or was given up.
    public var isOver: Bool { slots.allSatisfy { if case .over = $0.state { true } else { false } } }

    /// Starts what is due, and finds who has died since the last time.
    ///
    /// - Throws: ``SystemError`` when the system cannot start a process.
    public mutating func check(at now: Instant) throws(SystemError) -> [Event] {
        var events: [Event] = []
        for index in slots.indices {
            switch slots[index].state {
            case .waiting(let until) where until <= now && !isStopping:
                let child = try ChildProcess.start(
                    command.executable, name: "descent", command.arguments(index),
                    environment: command.environment,
                    standardInput: line.second, output: command.log(index))
                slots[index].state = .running(child, since: now)
                events.append(.started(slot: index, processID: child.processID))
            case .running(let child, let since):
                guard let ending = child.ending() else { continue }
                events.append(ended(index, child, ending, after: now - since, at: now))
            case .waiting where isStopping: slots[index].state = .over
            case .waiting, .over: break
            }
        }
        return events
    }

    private mutating func ended(
        _ index: Int, _ child: ChildProcess, _ ending: ChildProcess.Ending, after life: Duration,
        at now: Instant
    ) -> Event {
        let wasAsked = ending == .signalled(SIGTERM) || ending == .signalled(SIGINT)
        if ending == .exited(0) || (isStopping && wasAsked) {
            slots[index].state = .over
            return .left(slot: index)
        }
        let death = Death(
            slot: index, processID: child.processID, ending: ending,
            lastLines: LogTail.lines(of: command.log(index), count: 10))
        let isHopeless = WorkerSupervisor.hopelessCodes.contains { ending == .exited($0) }
        if ending.isCrash, !isHopeless, let outboxes = command.outboxes {
            let last = death.lastLines.last.map { "; it said last: \($0)" } ?? ""
            Outbox.reportCrash(
                of: child.processID, in: outboxes, message: "the worker process \(ending)\(last)")
        }
        slots[index].deathCount = life >= restarts.healthyAfter ? 1 : slots[index].deathCount + 1
        if isStopping || isHopeless || slots[index].deathCount >= restarts.deathsMax {
            slots[index].state = .over
            return .givenUp(death)
        }
        let doublings = min(slots[index].deathCount - 1, 16)
        let pause = min(restarts.pauseMax, restarts.pause * (1 << doublings))
        slots[index].state = .waiting(until: now + pause)
        return .died(death, restartIn: pause)
    }

    /// Starts nothing more; processes that run are left alone.
    public mutating func stopRestarting() { isStopping = true }

    /// Starts nothing more, and asks every process to leave once it has finished what it trains.
    public mutating func interrupt() { stop(signal: SIGINT) }

    /// Starts nothing more, and asks every process to leave at once.
    public mutating func terminate() { stop(signal: SIGTERM) }

    /// Starts nothing more, and ends every process where it stands.
    public mutating func kill() { stop(signal: SIGKILL) }

    private mutating func stop(signal: Int32) {
        isStopping = true
        for slot in slots { if case .running(let child, _) = slot.state { child.send(signal: signal) } }
    }
}

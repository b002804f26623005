internal import Basics
internal import Glibc
internal import ZeroMQ

/// Runs one sweep as real processes and strikes them until it has ended.
///
/// A coordinator, a supervisor with its workers, and a ``ChaosProxy`` between them: all that a cluster has, on one
/// machine. Whatever happens, the files of the run must come out as those of a calm one.
public struct ChaosStorm: ~Copyable {
    private let options: Options
    private let proxy: ChaosProxy
    private var schedule: ChaosSchedule
    private var coordinator: ChildProcess?
    private var fleet: ChildProcess?
    private var coordinatorDue: Instant?
    private var fleetDue: Instant?
    /// Which of many disks the workers have.
    private var disk = 0
    private var frozen: [(process: Int32, until: Instant)] = []
    private let line: SocketPair

    /// What to storm.
    public struct Options: Sendable {
        public var seed: UInt64
        /// The run that is stormed; new.
        public var directory: RunDirectory
        public var executable = "/proc/self/exe"
        /// The arguments of the coordinator, which ends with 0 when the sweep is done.
        public var coordinatorArguments: [String]
        /// The arguments of the supervisor of workers that connect to a port of this machine and keep what they have on
        /// the disk of this number.
        public var fleetArguments: @Sendable (_ port: UInt16, _ disk: Int) -> [String]
        /// The mean time between two faults.
        public var pauseMean = Duration.milliseconds(1500)
        /// No fault comes after this; the sweep must then end by itself.
        public var duration: Duration

        public init(
            seed: UInt64, directory: RunDirectory, duration: Duration, coordinatorArguments: [String],
            fleetArguments: @escaping @Sendable (_ port: UInt16, _ disk: Int) -> [String]
        ) {
            self.seed = seed
            self.directory = directory
            self.duration = duration
            self.coordinatorArguments = coordinatorArguments
            self.fleetArguments = fleetArguments
        }
    }

    /// How a storm ended.
    public struct Outcome: Hashable, Sendable {
        /// How the coordinator ended by itself.
        public let ending: ChildProcess.Ending
        /// Faults that struck.
        public let faultCount: Int
        /// Starts of the coordinator.
        public let coordinatorCount: Int
        public let elapsed: Duration
        public let wasInterrupted: Bool
    }

    private static let turn = Duration.milliseconds(20)
    /// The first fault waits for something to strike.
    private static let firstPause = Duration.milliseconds(700)

    /// - Throws: ``SystemError`` or `ZeroMQError` when sockets or threads run out.
    public init(_ options: Options) throws {
        try options.directory.create()
        let endpoint = options.directory.endpoint
        let line = try SocketPair(isBlocking: true)
        let proxy = try ChaosProxy(seed: options.seed) { EndpointFile(contentsOf: endpoint)?.loopbackPort }
        self.options = options
        self.line = line
        self.proxy = proxy
        schedule = ChaosSchedule(seed: options.seed, pauseMean: options.pauseMean)
    }

    /// Storms until the coordinator has ended by itself.
    ///
    /// - Parameters:
    ///   - signals: Ends the storm and every process of it.
    ///   - say: Told of each fault, with the time since the beginning.
    /// - Returns: How it ended.
    /// - Throws: ``SystemError`` when a process cannot be started.
    public mutating func run(
        signals: StopSignals?, say: (Duration, ChaosEvent) -> Void
    ) throws -> Outcome {
        defer { end() }
        let start = SystemClock.now
        (coordinatorDue, fleetDue) = (start, start)
        var (faultCount, coordinatorCount) = (0, 0)
        var next = schedule.next()
        var nextDue = start + ChaosStorm.firstPause
        let poller = Poller()
        while true {
            let now = SystemClock.now
            if let due = coordinatorDue, due <= now {
                coordinator = try startProcess(options.coordinatorArguments, log: "coordinator")
                coordinatorDue = nil
                coordinatorCount += 1
            }
            if let due = fleetDue, due <= now {
                fleet = try startProcess(options.fleetArguments(proxy.port, disk), log: "fleet")
                fleetDue = nil
            }
            thaw(at: now)
            if nextDue <= now, now - start < options.duration {
                say(now - start, next.event)
                strike(next.event, at: now)
                faultCount += 1
                next = schedule.next()
                nextDue = now + next.after
            }
            restartFleet(at: now)
            let wasInterrupted = (signals?.take() ?? 0) > 0
            if let ending = coordinator?.ending() ?? (wasInterrupted ? .signalled(SIGINT) : nil) {
                if !wasInterrupted { coordinator = nil }
                return Outcome(
                    ending: ending, faultCount: faultCount, coordinatorCount: coordinatorCount,
                    elapsed: SystemClock.now - start, wasInterrupted: wasInterrupted)
            }
            _ = try poller.wait(for: ChaosStorm.turn)
        }
    }

    private func startProcess(_ arguments: [String], log: String) throws(SystemError) -> ChildProcess {
        try ChildProcess.start(
            options.executable, name: "descent", arguments, standardInput: line.second,
            output: "\(options.directory.logs)/\(log).log")
    }

    /// A fleet whose workers found no coordinator for too long has left; another comes.
    private mutating func restartFleet(at now: Instant) {
        guard fleet?.ending() != nil else { return }
        fleet = nil
        fleetDue = now + .milliseconds(500)
    }

    private mutating func strike(_ event: ChaosEvent, at now: Instant) {
        switch event {
        case .killWorker:
            if let worker = anyWorker() { kill(worker, SIGKILL) }
        case .dismissWorker:
            if let worker = anyWorker() { kill(worker, SIGTERM) }
        case .moveFleet:
            // It is replaced when it has left.
            fleet?.send(signal: SIGTERM)
            disk += 1
        case .loseFleet:
            killFleet(at: now)
            disk += 1
        case .killFleet: killFleet(at: now)
        case .killCoordinator(let away): killCoordinator(backAt: now + away)
        case .killEverything(let away):
            for worker in workers { kill(worker, SIGKILL) }
            killFleet(at: now)
            killCoordinator(backAt: now + away)
        case .freezeWorker(let duration):
            if let worker = anyWorker() { freeze(worker, until: now + duration) }
        case .freezeCoordinator(let duration):
            if let coordinator { freeze(coordinator.processID, until: now + duration) }
        case .network(let fault, let duration): proxy.apply(fault, for: duration)
        }
    }

    private var workers: [Int32] {
        fleet.map { ProcessTable.children(of: $0.processID) } ?? []
    }

    private mutating func anyWorker() -> Int32? {
        let workers = workers
        return workers.isEmpty ? nil : workers[schedule.choice(below: workers.count)]
    }

    private mutating func killFleet(at now: Instant) {
        guard let process = fleet else { return }
        ChaosStorm.killAndReap(process)
        (fleet, fleetDue) = (nil, now + .milliseconds(200))
    }

    private mutating func killCoordinator(backAt due: Instant) {
        guard let process = coordinator else { return }
        // It may have ended by itself in this very moment; it is started again all the same, and ends again.
        ChaosStorm.killAndReap(process)
        (coordinator, coordinatorDue) = (nil, due)
    }

    private static func killAndReap(_ process: ChildProcess) {
        process.send(signal: SIGKILL)
        var status: Int32 = 0
        waitpid(process.processID, &status, 0)
    }

    private mutating func freeze(_ process: Int32, until: Instant) {
        kill(process, SIGSTOP)
        frozen.append((process, until))
    }

    private mutating func thaw(at now: Instant) {
        for entry in frozen where entry.until <= now { kill(entry.process, SIGCONT) }
        frozen.removeAll { $0.until <= now }
    }

    /// Leaves no process and no thread behind.
    private mutating func end() {
        for entry in frozen { kill(entry.process, SIGCONT) }
        for process in [coordinator, fleet].compactMap(\.self) {
            for child in ProcessTable.children(of: process.processID) { kill(child, SIGKILL) }
            ChaosStorm.killAndReap(process)
        }
        proxy.stop()
    }
}

/// What `/proc` tells of the processes of this machine.
enum ProcessTable {
    /// The processes that one started and that are still there, in the order of their numbers.
    static func children(of parent: Int32) -> [Int32] {
        Folder.names(in: "/proc").compactMap { Int32($0) }.filter { candidate in
            guard let bytes = (try? AtomicFile.read("/proc/\(candidate)/stat")) ?? nil,
                // After the command's name in brackets: state, then the parent's number.
                let end = bytes.lastIndex(of: UInt8(ascii: ")"))
            else { return false }
            let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
            guard fields.count > 1, fields[0].first != UInt8(ascii: "Z") else { return false }
            return Int32(String(decoding: fields[1], as: UTF8.self)) == parent
        }.sorted()
    }
}

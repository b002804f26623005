internal import Basics
internal import Glibc
public import Sweeps
internal import ZeroMQ

/// Runs one sweep as real processes and strikes them until it has ended.
///
/// A coordinator, a supervisor with its workers, a ``ChaosProxy`` between them, and a user who steers meanwhile: all
/// that a cluster has, on one machine. Whatever happens, the files of the run must come out as those of a calm one.
public struct ChaosStorm: ~Copyable {
    let options: Options
    private let proxy: ChaosProxy
    private var schedule: ChaosSchedule
    var wishes: ChaosWishes
    /// Changes the run.
    var user: ChaosUser
    /// Looks at it meanwhile.
    var onlooker: ChaosUser
    private var coordinator: ChildProcess?
    private var fleet: ChildProcess?
    var coordinatorDue: Instant?
    private var fleetDue: Instant?
    /// Which of many disks the workers have.
    private var disk = 0
    private var frozen: [(process: Int32, until: Instant)] = []
    private let line: SocketPair

    private var nextFault: (due: Instant, event: ChaosEvent)
    var nextWish: (due: Instant, wish: ChaosWish)
    private var faultCount = 0
    private var coordinatorCount = 0
    /// Faults after which the run gets its whole sweep; `nil` once it has it, or is about to.
    var faultsBeforeExtension: Int?
    /// Whether a coordinator has made the run and listened.
    var isMade = false
    /// Whether the user is about to give the run its whole sweep.
    var isExtending = false
    /// How the coordinator ended by itself; `nil` while it works or is away.
    var lastEnding: ChildProcess.Ending?
    /// Times that it did so although something was left to do.
    var earlyEndCount = 0

    /// What to storm.
    public struct Options: Sendable {
        public var seed: UInt64
        /// The run that is stormed; new.
        public var directory: RunDirectory
        public var executable = "/proc/self/exe"
        /// The arguments of the coordinator, which ends with 0 when the sweep is done.
        public var coordinatorArguments: [String]
        /// The part of the sweep with which the storm begins; `nil` to begin with the whole.
        public var part: Part?
        /// The arguments of the supervisor of workers that connect to a port of this machine and keep what they have on
        /// the disk of this number.
        public var fleetArguments: @Sendable (_ port: UInt16, _ disk: Int) -> [String]
        /// The arguments of what the user does.
        public var userArguments: @Sendable (ChaosUserCommand) -> [String]
        /// The tasks of the sweep.
        public var tasks: [TaskID]
        /// The workers whom the user may send away, by name.
        public var workerNames: [String]
        /// The mean time between two faults, and between two wishes of the user.
        public var pauseMean = Duration.milliseconds(1500)
        /// No fault comes after this; the sweep must then end by itself.
        public var duration: Duration

        /// A smaller sweep, which the user extends to the whole one midway.
        public struct Part: Sendable {
            /// The arguments of the coordinator.
            public let arguments: [String]
            public let tasks: [TaskID]

            public init(arguments: [String], tasks: [TaskID]) {
                self.arguments = arguments
                self.tasks = tasks
            }
        }

        public init(
            seed: UInt64, directory: RunDirectory, duration: Duration, tasks: [TaskID],
            workerNames: [String], coordinatorArguments: [String],
            fleetArguments: @escaping @Sendable (_ port: UInt16, _ disk: Int) -> [String],
            userArguments: @escaping @Sendable (ChaosUserCommand) -> [String]
        ) {
            self.seed = seed
            self.directory = directory
            self.duration = duration
            self.tasks = tasks
            self.workerNames = workerNames
            self.coordinatorArguments = coordinatorArguments
            self.fleetArguments = fleetArguments
            self.userArguments = userArguments
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
        /// Commands that the user gave, by name, those that were never given left out.
        public let commandCounts: [String: Int]
        /// Commands of the user that ended as they must not.
        public let complaints: [String]
        public let elapsed: Duration
        public let wasInterrupted: Bool

        /// Such as `3 pause, 3 unpause, 1 extend`.
        public var commandsText: String {
            ChaosUserCommand.names.compactMap { name in commandCounts[name].map { "\($0) \(name)" } }
                .joined(separator: ", ")
        }
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
        wishes = ChaosWishes(seed: options.seed, pauseMean: options.pauseMean)
        let (fault, wish) = (schedule.next(), wishes.next())
        (nextFault, nextWish) = ((.origin, fault.event), (.origin, wish.wish))
        if options.part != nil { faultsBeforeExtension = wishes.faultsBeforeExtension() }
        func start(_ log: String) -> ([String]) throws -> ChildProcess {
            { arguments in
                try ChildProcess.start(
                    options.executable, name: "descent", arguments, standardInput: line.second,
                    // Not among the logs, in which 'explain' would find what it has printed itself.
                    output: "\(options.directory.path)/\(log).log")
            }
        }
        user = ChaosUser(arguments: options.userArguments, start: start("user"))
        onlooker = ChaosUser(arguments: options.userArguments, start: start("onlooker"))
    }

    /// Storms until the coordinator has ended by itself and every task of the sweep has its result.
    ///
    /// - Parameters:
    ///   - signals: Ends the storm and every process of it.
    ///   - say: Told of each fault and each wish, with the time since the beginning.
    /// - Returns: How it ended.
    /// - Throws: ``SystemError`` when a process cannot be started, or what is wrong with the store.
    public mutating func run(
        signals: StopSignals?, say: (Duration, String) -> Void
    ) throws -> Outcome {
        defer { end() }
        let start = SystemClock.now
        (coordinatorDue, fleetDue) = (start, start)
        nextFault.due = start + ChaosStorm.firstPause
        nextWish.due = start + ChaosStorm.firstPause
        let poller = Poller()
        while true {
            let now = SystemClock.now
            try startWhatIsDue(at: now)
            thaw(at: now)
            if now - start < options.duration, lastEnding == nil {
                strikeIfDue(at: now) { say(now - start, $0) }
                wishIfDue(at: now) { say(now - start, $0) }
            }
            try user.turn(at: now)
            try onlooker.turn(at: now)
            restartFleet(at: now)
            if (signals?.take() ?? 0) > 0 {
                return outcome(.signalled(SIGINT), since: start, wasInterrupted: true)
            }
            if let ending = coordinator?.ending() {
                (coordinator, lastEnding) = (nil, ending)
                user.hurry(at: now)
            }
            if let ending = try conclusion(at: now, { say(now - start, $0) }) {
                return outcome(ending, since: start, wasInterrupted: false)
            }
            _ = try poller.wait(for: ChaosStorm.turn)
        }
    }

    private func outcome(
        _ ending: ChildProcess.Ending, since start: Instant, wasInterrupted: Bool
    ) -> Outcome {
        Outcome(
            ending: ending, faultCount: faultCount, coordinatorCount: coordinatorCount,
            commandCounts: user.counts.merging(onlooker.counts, uniquingKeysWith: +),
            complaints: user.complaints + onlooker.complaints, elapsed: SystemClock.now - start,
            wasInterrupted: wasInterrupted)
    }

    private mutating func startWhatIsDue(at now: Instant) throws(SystemError) {
        if isExtending, user.hasExtended {
            isExtending = false
            coordinatorDue = now
        }
        if let due = coordinatorDue, due <= now, !isExtending {
            let part = isWhole ? nil : options.part?.arguments
            coordinator = try startProcess(part ?? options.coordinatorArguments, log: "coordinator")
            coordinatorDue = nil
            coordinatorCount += 1
        }
        if let due = fleetDue, due <= now {
            fleet = try startProcess(options.fleetArguments(proxy.port, disk), log: "fleet")
            fleetDue = nil
        }
    }

    private mutating func strikeIfDue(at now: Instant, _ say: (String) -> Void) {
        guard nextFault.due <= now else { return }
        say("\(nextFault.event)")
        strike(nextFault.event, at: now)
        faultCount += 1
        let next = schedule.next()
        nextFault = (now + next.after, next.event)
        if let count = faultsBeforeExtension, faultCount >= count { extend(at: now, say) }
    }

    var isWhole: Bool { options.part == nil || user.hasExtended }

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

    mutating func killCoordinator(backAt due: Instant) {
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
        user.end()
        onlooker.end()
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

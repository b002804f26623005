internal import Basics
internal import Coordination
internal import Sweeps
internal import ZeroMQ

/// The main thread of a run: watches coordinator, workers and signals, and tells people how it goes.
struct SweepWatch: ~Copyable {
    private let run: OpenedRun
    private let server: CoordinatorServer
    private var supervisor: WorkerSupervisor
    private let signals: StopSignals?
    private let hasLocalWorkers: Bool
    private let start: Instant
    private let log: EventLog
    private var line: ProgressLine

    private var signalCount = 0
    /// Since when the store has failed while the user waits for the end.
    private var storeFailsSince: Instant?
    private var ending: Ending?
    /// When the last worker must have left after the end.
    private var leaveBy: Instant?
    private var lastDeath: WorkerSupervisor.Death?

    /// How the watch ended.
    struct Ending {
        let reason: Coordinator.Summary.Reason
        let disagreementCount: Int
    }

    private static let checkInterval = Duration.milliseconds(200)
    /// How long workers may take to leave by themselves once the sweep has ended.
    private static let leaveGrace = Duration.seconds(10)
    /// The same after a second Ctrl-C.
    private static let stopGrace = Duration.seconds(2)
    /// How long a store that cannot be written may hold up an end that was asked for.
    private static let storeGrace = Duration.seconds(5)

    init(
        _ run: OpenedRun, server: CoordinatorServer, supervisor: consuming WorkerSupervisor,
        signals: StopSignals?, start: Instant, output: Int32, hasLocalWorkers: Bool
    ) {
        self.run = run
        self.server = server
        self.supervisor = supervisor
        self.signals = signals
        self.hasLocalWorkers = hasLocalWorkers
        self.start = start
        log = EventLog(path: run.directory.logs + "/coordinator.log")
        line = ProgressLine(output: output)
    }

    /// Watches until the sweep has ended and the workers have left.
    ///
    /// - Throws: ``RunError/noWorkers(_:)`` when all local workers were given up, ``RunError/storeFails(_:)`` when the
    ///   end that was asked for could not be stored, or what broke the server.
    mutating func watch() throws -> Ending {
        log.say("coordinator of '\(run.grid.spec.name)' listens on \(server.endpoint)")
        if !hasLocalWorkers { line.say(invitation) }
        var poller = Poller()
        if let signals { _ = poller.watch(descriptor: signals.descriptor) }
        _ = poller.watch(descriptor: server.newsDescriptor)
        while true {
            _ = try poller.wait(for: SweepWatch.checkInterval)
            for news in server.takeNews() { try take(news) }
            takeSignals()
            for event in try supervisor.check(at: SystemClock.now) { take(event) }
            giveUpStore()
            giveUpWaiting()
            if let ending, haveWorkersLeft {
                line.finish(report())
                if let problem = server.picture.storeProblem { throw RunError.storeFails(problem) }
                return ending
            }
            try giveUpWithoutWorkers()
            line.show(report(), at: SystemClock.now)
        }
    }

    /// How workers find this coordinator.
    private var invitation: String {
        let here = "workers: descent worker --run \(run.directory)"
        guard server.curveKey != nil else { return "listening on \(server.endpoint); \(here)" }
        // The port is the same on every interface.
        let port = server.endpoint.split(separator: ":").last ?? ""
        return "listening on \(server.endpoint), encrypted; \(here)\n"
            + "    on another machine, with a key of 'descent keys make': "
            + "descent worker --connect tcp://\(Host.name):\(port) --key NAME.key"
    }

    private mutating func take(_ news: CoordinatorServer.News) throws {
        switch news {
        case .warning(let warning):
            log.say(warning)
            if ending == nil { line.say(warning) }
        case .notice(let notice):
            log.say("\(notice)")
            // Workers that leave after the end are no news to people.
            if notice.isWarning, ending == nil { line.say("\(notice)") }
            if case .storeFailing = notice, ending == nil {
                line.say(
                    "    the run goes on by itself once the store can be written; Ctrl-C gives up, and "
                        + "'descent resume \(run.directory)' continues later")
            }
        case .ended: break
        case .finished(let summary):
            ending = Ending(reason: summary.reason, disagreementCount: summary.disagreementCount)
            supervisor.stopRestarting()
            leaveBy = SystemClock.now + (signalCount > 1 ? SweepWatch.stopGrace : SweepWatch.leaveGrace)
        case .broken(let reason): throw RunError.broken(reason)
        }
    }

    private mutating func takeSignals() {
        for request in signals?.takeRequests() ?? [] {
            // Who takes the machine away does not wait for tasks to finish.
            signalCount += request == .finish ? 1 : 2
            if signalCount == 1 {
                line.say("finishing the tasks that run; press Ctrl-C again to stop at once")
                server.send(.drain)
            } else {
                line.say("stopping; what is finished is stored")
                supervisor.stopRestarting()
                server.send(.stop)
                leaveBy = SystemClock.now + SweepWatch.stopGrace
            }
        }
    }

    private mutating func take(_ event: WorkerSupervisor.Event) {
        switch event {
        case .started(let slot, let processID): log.say("worker slot \(slot): process \(processID) started")
        case .left(let slot): log.say("worker slot \(slot) left")
        case .died(let death, let pause):
            tell(death, "starting it again in \(pause.forPeople)")
        case .givenUp(let death):
            lastDeath = death
            if ending == nil { tell(death, "it is not started again") }
        }
    }

    private mutating func tell(_ death: WorkerSupervisor.Death, _ consequence: String) {
        let text = "worker slot \(death.slot) \(death.ending); \(consequence)"
        log.say(text)
        line.say(text)
        for last in death.lastLines.suffix(3) { line.say("    \(last)") }
        line.say("    the rest is in \(run.directory.log(slot: death.slot))")
    }

    /// Whether nobody is left to say goodbye to.
    private var haveWorkersLeft: Bool {
        if supervisor.runningCount > 0 { return false }
        let isConnected = server.picture.workers.contains { !$0.isSuspect }
        return !isConnected || leaveBy == nil
    }

    /// Stops for good where the user wants the end and the store keeps it from coming: nothing that runs could be kept.
    private mutating func giveUpStore() {
        guard signalCount > 0, ending == nil, leaveBy == nil, server.picture.storeProblem != nil else {
            storeFailsSince = nil
            return
        }
        let now = SystemClock.now
        let since = storeFailsSince ?? now
        storeFailsSince = since
        guard now - since >= SweepWatch.storeGrace else { return }
        line.say("the store still cannot be written; stopping without the tasks that run")
        supervisor.stopRestarting()
        server.send(.stop)
        leaveBy = now + SweepWatch.leaveGrace
    }

    /// Stops waiting for what does not end by itself: workers that do not leave, a store that cannot be written.
    private mutating func giveUpWaiting() {
        guard let leaveBy, SystemClock.now >= leaveBy else { return }
        supervisor.kill()
        self.leaveBy = nil
        if ending == nil {
            let count = server.picture.disagreementCount
            ending = Ending(reason: .stopped, disagreementCount: count)
        }
    }

    /// Ends the run when every local worker was given up and no other has come.
    private mutating func giveUpWithoutWorkers() throws {
        guard hasLocalWorkers, ending == nil, supervisor.isOver, let lastDeath,
            !server.picture.workers.contains(where: { !$0.isSuspect })
        else { return }
        line.finish(report())
        let last = lastDeath.lastLines.last.map { " and said last: \($0)" } ?? ""
        throw RunError.noWorkers("worker slot \(lastDeath.slot) \(lastDeath.ending)\(last)")
    }

    private func report() -> ProgressReport {
        let picture = server.picture
        let counts = picture.counts
        let now = SystemClock.now
        var report = ProgressReport()
        report.done = counts.done
        report.failed = counts.failed
        report.total = counts.total
        report.workers = picture.workers.count { !$0.isSuspect }
        // What waits behind a task in training does not run.
        report.running = picture.workers.count { !$0.isSuspect && !$0.holding.isEmpty }
        report.elapsed = now - start
        report.paused = counts.paused
        report.cancelled = counts.cancelled
        report.tasksPerSecond = picture.tasksPerSecond
        report.remaining = picture.forecast.map {
            ProgressEstimate.Remaining(expected: $0.expected, low: $0.low, high: $0.high)
        }
        report.problem = picture.storeProblem
        return report
    }
}

internal import Basics
internal import ZeroMQ

/// Worker processes on a machine that has no coordinator: what `descent worker --slots N` is.
public struct WorkerFleet: ~Copyable {
    private var supervisor: WorkerSupervisor
    private var worst = ExitCode.done

    private static let checkInterval = Duration.milliseconds(200)

    /// - Throws: ``SystemError`` when descriptors run out.
    public init(_ command: WorkerSupervisor.Command, slotCount: Int) throws(SystemError) {
        supervisor = try WorkerSupervisor(command, slotCount: slotCount)
    }

    /// Keeps the workers running until all have left.
    ///
    /// - Parameters:
    ///   - signals: Asks to leave: Ctrl-C once after the tasks in training; twice, or SIGTERM, at once.
    ///   - say: Told what people should know, one line at a time.
    /// - Returns: 0 when all left as they should, else the code of the worst.
    /// - Throws: ``SystemError`` when a process cannot be started.
    public mutating func run(signals: StopSignals?, say: (String) -> Void) throws -> ExitCode {
        var poller = Poller()
        if let signals { _ = poller.watch(descriptor: signals.descriptor) }
        while true {
            for event in try supervisor.check(at: SystemClock.now) { take(event, say) }
            if supervisor.isOver { return worst }
            _ = try poller.wait(for: WorkerFleet.checkInterval)
            for request in signals?.takeRequests() ?? [] {
                // Workers understand the same signals.
                switch request {
                case .finish:
                    say("leaving; once more stops at once")
                    supervisor.interrupt()
                case .handBack:
                    say("handing back what is in training")
                    supervisor.terminate()
                }
            }
        }
    }

    private mutating func take(_ event: WorkerSupervisor.Event, _ say: (String) -> Void) {
        switch event {
        case .started(let slot, let processID): say("slot \(slot): process \(processID) started")
        case .left(let slot): say("slot \(slot) left")
        case .died(let death, let pause):
            say("slot \(death.slot) \(death.ending); starting it again in \(pause.forPeople)")
            for line in death.lastLines.suffix(3) { say("    \(line)") }
        case .givenUp(let death):
            say("slot \(death.slot) \(death.ending); it is not started again")
            for line in death.lastLines.suffix(3) { say("    \(line)") }
            if case .exited(let code) = death.ending, let code = ExitCode(rawValue: code) {
                worst = code
            } else {
                worst = .internalError
            }
        }
    }
}

internal import Basics

/// A fault that a storm brings upon the processes of a run, or upon the network between them.
public enum ChaosEvent: Hashable, Sendable, CustomStringConvertible {
    /// SIGKILL for one worker process; its supervisor starts another.
    case killWorker
    /// SIGTERM for one worker process: it hands its task back with its state, and its supervisor starts no other.
    case dismissWorker
    /// SIGTERM for the supervisor of all workers; others come, with another disk.
    case moveFleet
    /// SIGKILL for the supervisor of all workers, and their disk is gone, too.
    case loseFleet
    /// SIGKILL for the supervisor of all workers, which takes them with it.
    case killFleet
    /// SIGKILL for the coordinator, which is started again after a while, on another port.
    case killCoordinator(awayFor: Duration)
    /// SIGKILL for all of them in one moment.
    case killEverything(awayFor: Duration)
    /// SIGSTOP and SIGCONT for one worker process.
    case freezeWorker(Duration)
    /// SIGSTOP and SIGCONT for the coordinator.
    case freezeCoordinator(Duration)
    case network(ChaosProxy.Fault, Duration)

    public var description: String {
        switch self {
        case .killWorker: "kill a worker"
        case .dismissWorker: "ask a worker to hand back and leave"
        case .moveFleet: "ask all workers to hand back and leave; others come, with another disk"
        case .loseFleet: "kill all workers and their supervisor, and take their disk"
        case .killFleet: "kill all workers and their supervisor"
        case .killCoordinator(let away): "kill the coordinator, back in \(away.forPeople)"
        case .killEverything(let away): "kill everything, back in \(away.forPeople)"
        case .freezeWorker(let duration): "freeze a worker for \(duration.forPeople)"
        case .freezeCoordinator(let duration): "freeze the coordinator for \(duration.forPeople)"
        case .network(let fault, let duration): "\(fault), for \(duration.forPeople)"
        }
    }
}

/// Which faults come when: the same for the same seed.
struct ChaosSchedule: Sendable {
    private var generator: SeededGenerator
    private let pauseMean: Duration

    /// - Parameters:
    ///   - seed: Decides everything.
    ///   - pauseMean: The mean time between two faults.
    init(seed: UInt64, pauseMean: Duration) {
        generator = SeededGenerator(seed: seed, stream: "chaos")
        self.pauseMean = pauseMean
    }

    /// The next fault, and how long after the one before it.
    mutating func next() -> (after: Duration, event: ChaosEvent) {
        let pause = pauseMean * generator.uniform(0.2, 1.8)
        let event: ChaosEvent =
            switch generator.index(below: 17) {
            case 0, 1: .killWorker
            case 2: .killFleet
            case 3, 4: .killCoordinator(awayFor: duration(0, 3))
            case 5: .killEverything(awayFor: duration(0, 2))
            case 6: .freezeWorker(duration(0.5, 5))
            case 7: .freezeCoordinator(duration(0.5, 5))
            case 8: .network(.delay(upTo: duration(0.01, 0.5)), duration(0.5, 5))
            case 9: .network(.cut, duration(0, 3))
            case 10: .network(.stall(.toServer), duration(0.5, 5))
            case 11: .network(.stall(.toClient), duration(0.5, 5))
            case 12: .network(.halfOpen, duration(0.5, 3))
            case 13: .dismissWorker
            case 14: .moveFleet
            case 15: .loseFleet
            default: .network(generator.index(below: 2) == 0 ? .duplicate : .truncate, .zero)
            }
        return (pause, event)
    }

    private mutating func duration(_ low: Double, _ high: Double) -> Duration {
        .milliseconds(Int(generator.uniform(low, high) * 1000))
    }

    /// Which of some processes is struck.
    mutating func choice(below count: Int) -> Int { generator.index(below: count) }
}

import Basics
import Workers

/// Who brings faults of one kind.
enum Nemesis: Hashable, Sendable, CaseIterable {
    case cutter
    case workerKiller
    case coordinatorKiller
    case workerStopper
    case coordinatorStopper
    case storeBreaker
    case drainer
    case steerer
    case checkpointDamager

    /// The mean time between two strikes; `nil` where it never strikes.
    func interval(in faults: Faults) -> Duration? {
        switch self {
        case .cutter: faults.cutEvery
        case .workerKiller: faults.workerCrashEvery
        case .coordinatorKiller: faults.coordinatorCrashEvery
        case .workerStopper: faults.workerPauseEvery
        case .coordinatorStopper: faults.coordinatorPauseEvery
        case .storeBreaker: faults.storeFailureEvery
        case .drainer: faults.workerDrainEvery
        case .steerer: faults.steeringEvery
        case .checkpointDamager: faults.checkpointDamageEvery
        }
    }
}

extension SimulatedCluster {
    mutating func scheduleNemeses() {
        for nemesis in Nemesis.allCases { schedule(nemesis) }
    }

    private mutating func schedule(_ nemesis: Nemesis) {
        guard let interval = nemesis.interval(in: faults) else { return }
        agenda.add(
            .strikes(nemesis), at: now + .milliseconds(crashes.index(below: Int(interval.inSeconds * 2000))))
    }

    /// A time between nothing and the longest, short ones as likely as long ones.
    private mutating func spell(_ longest: Int) -> Duration {
        let share = crashes.uniform()
        return .milliseconds(Int(share * share * Double(longest) * 1000))
    }

    mutating func strike(_ nemesis: Nemesis) {
        guard isFaulty else { return }
        let worker = crashes.index(below: workers.count)
        switch nemesis {
        case .cutter:
            let length = spell(90)
            switch crashes.index(below: 3) {
            case 0: cut(worker, [.toCoordinator], for: length)
            case 1: cut(worker, [.toWorker], for: length)
            default: cut(worker, [.toCoordinator, .toWorker], for: length)
            }
        case .workerKiller: crashWorker(worker, restartAfter: spell(60))
        case .coordinatorKiller: crashCoordinator(restartAfter: spell(60))
        case .workerStopper: pauseWorker(worker, for: spell(90))
        case .coordinatorStopper: pauseCoordinator(for: spell(60))
        case .storeBreaker: breakStore(for: spell(30))
        case .drainer:
            guard workers[worker].pausedUntil <= now else { break }
            tell(worker, .command(crashes.index(below: 2) == 0 ? .drain : .handBack))
        case .checkpointDamager: damageCheckpoint()
        case .steerer: steerAtRandom(worker)
        }
        schedule(nemesis)
    }

    /// Cuts a worker's connection, one way or both.
    package mutating func cut(_ worker: Int, _ directions: [SimulatedNetwork.Direction], for length: Duration)
    {
        history.note(
            now, 20, worker, directions.count,
            "\(workers[worker].name) is cut off \(directions) for \(length)")
        for direction in directions { network.cut(worker, direction, until: now + length) }
    }

    /// Stops a worker's process for a while, as SIGSTOP does.
    package mutating func pauseWorker(_ worker: Int, for length: Duration) {
        guard workers[worker].machine != nil else { return }
        history.note(now, 21, worker, 0, "\(workers[worker].name) stands still for \(length)")
        workers[worker].pausedUntil = max(workers[worker].pausedUntil, now + length)
    }

    /// Stops the coordinator's process for a while, as SIGSTOP does.
    package mutating func pauseCoordinator(for length: Duration) {
        guard coordinator.machine != nil else { return }
        history.note(now, 22, 0, 0, "coordinator stands still for \(length)")
        coordinator.pausedUntil = max(coordinator.pausedUntil, now + length)
    }

    /// Lets every commit fail for a while.
    package mutating func breakStore(for length: Duration) {
        history.note(now, 23, 0, 0, "store fails for \(length)")
        storeFailsUntil = now + length
    }

    /// Ends all faults and starts what is down.
    mutating func heal() {
        history.note(now, 24, 0, 0, "all is healed")
        isFaulty = false
        network.heal()
        storeFailsUntil = now
        releaseAll()
        // What was postponed comes when it was promised: processes that stand still go on by themselves.
    }
}

import Basics
package import Coordination
package import Sweeps

extension SimulatedCluster {
    /// The user wants something, of some tasks or of a worker.
    mutating func steerAtRandom(_ worker: Int) {
        let choice = crashes.index(below: 6)
        if choice == 5 { return ask(.dismiss(workers[worker].name)) }
        let verbs: [SteeringVerb] = [.pause, .unpause, .cancel, .retry, .pause]
        let first = crashes.index(below: workload.items.count)
        let count = 1 + crashes.index(below: workload.items.count - first)
        steer(verbs[choice], Array(first..<first + count))
    }

    /// The user wants this of these tasks.
    ///
    /// Failed tasks stay failed, or a task that always crashes would come to another end than in a calm run.
    package mutating func steer(_ verb: SteeringVerb, _ tasks: [Int]) {
        let chosen =
            verb == .retry
            ? tasks.filter { coordinator.machine?.situation(of: $0).condition == .cancelled } : tasks
        // The reason names the wish, so that the store can tell which are durable.
        ask(.steer(verb, taskIndices: chosen, namesCondition: true, reason: "wish \(askedCount)"))
    }

    /// Asks the coordinator, if it is there; wishes do not go through the lossy network.
    package mutating func ask(_ request: Coordinator.Request) {
        guard coordinator.machine != nil, coordinator.pausedUntil <= now else { return }
        let number = UInt64(askedCount)
        askedCount += 1
        coordinator.asked[number] = request
        history.note(now, 25, askedCount, 0, "the user asks for \(request)")
        tellCoordinator(
            .asked(request, number: number), life: coordinator.life,
            again: .coordinatorTicks(life: coordinator.life))
    }

    /// Lets everything run that was paused or cancelled: the sweep must come to its end.
    mutating func releaseAll() {
        guard coordinator.pausedUntil <= now else {
            agenda.add(.releases, at: coordinator.pausedUntil)
            return
        }
        let all = Array(workload.items.indices)
        steer(.unpause, all)
        steer(.retry, all)
    }

    /// What the user was told must be durable by then.
    mutating func checkAnswer(_ answer: Coordinator.Answer, _ number: UInt64) {
        history.note(now, 26, Int(number), 0, "the user is told: \(answer)")
        guard let request = coordinator.asked.removeValue(forKey: number) else {
            violation = violation ?? "wish \(number) was answered and never asked"
            return
        }
        guard case .steer(_, _, _, let wish) = request, case .steered(let count) = answer, count > 0 else {
            return
        }
        require(store.wishes.contains(wish), "\(wish) is said to be done before it is durable")
    }
}

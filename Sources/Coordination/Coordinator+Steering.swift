import Messaging
public import Sweeps

extension Coordinator {
    /// What the user asks for while the sweep runs.
    public enum Request: Hashable, Sendable {
        /// Do this to the tasks at these indices, those that the verb does not touch left alone.
        case steer(SteeringVerb, taskIndices: [Int], namesCondition: Bool, reason: String)
        /// Let a worker, or all workers of a host, leave after what they train.
        case dismiss(String)
    }

    /// What became of a request.
    public enum Answer: Hashable, Sendable {
        /// So many tasks were touched, durably.
        case steered(Int)
        /// These workers will leave; empty where nobody has that name.
        case dismissed([String])
        /// Nothing can be changed any more: the sweep has ended.
        case ended
    }

    /// Where the task at `index` stands, in the words that people steer by.
    public func situation(of index: Int) -> TaskSituation {
        let record = tasks[index]
        var situation = TaskSituation(.waiting, hold: record.hold, attempts: record.attempts)
        switch record.state {
        case .waiting:
            situation.condition =
                switch record.hold {
                case .paused: .paused
                case .cancelled: .cancelled
                case nil: .waiting
                }
        case .held(let place):
            situation.condition = .running
            situation.worker = workers[place].name
        case .recording, .done: situation.condition = .done
        case .failed(let failureClass):
            situation.condition = .failed
            situation.failure = failureClass
        }
        return situation
    }

    mutating func answer(_ request: Request, _ number: UInt64) {
        guard mode != .ended else {
            effects.append(.answer(.ended, to: number))
            return
        }
        switch request {
        case .steer(let verb, let indices, let namesCondition, let reason):
            steer(verb, indices, namesCondition: namesCondition, reason: reason, number)
        case .dismiss(let name): dismiss(name, number)
        }
    }

    /// Does at once what the user wants, and says so when it is durable.
    private mutating func steer(
        _ verb: SteeringVerb, _ indices: [Int], namesCondition: Bool, reason: String, _ number: UInt64
    ) {
        var touched: [TaskID] = []
        for index in indices where index >= 0 && index < tasks.taskCount {
            guard verb.touches(situation(of: index), namesCondition: namesCondition) else { continue }
            touched.append(tasks[index].id)
            switch verb {
            case .pause: tasks.setHold(index, .paused)
            case .unpause: tasks.setHold(index, nil)
            case .cancel: cancel(index)
            case .retry: forgive(index)
            }
        }
        if verb == .pause, !touched.isEmpty { awaitsPaused = true }
        guard !touched.isEmpty else {
            effects.append(.answer(.steered(0), to: number))
            return
        }
        effects.append(.log(.steered(verb, count: touched.count, reason: reason)))
        write(
            .steered(verb, touched, reason: reason), then: .answer(.steered(touched.count), to: number))
        // Workers that found nothing to do are asked again.
        for place in workers.places { noteReady(place) }
    }

    /// Takes a task from whoever has it; a result that is on its way is kept all the same.
    private mutating func cancel(_ index: Int) {
        if case .held(let place) = tasks[index].state {
            workers[place].holding.removeAll { $0.taskIndex == index }
            send(.revoke(tasks.assignment(index)), to: place)
            tasks.move(index, to: .waiting)
            noteReady(place)
        }
        tasks[index].attemptIsOpen = false
        hosts.forget(index)
        tasks.setHold(index, .cancelled)
    }

    private mutating func forgive(_ index: Int) {
        if case .failed(let failureClass) = tasks[index].state {
            failuresByClass[failureClass]? -= 1
            tasks.move(index, to: .waiting)
        }
        tasks[index].failureCount = 0
        hosts.forget(index)
        tasks.setHold(index, nil)
    }

    private mutating func dismiss(_ name: String, _ number: UInt64) {
        let meant = workers.places.filter { workers[$0].name == name }
        let onHost = workers.places.filter { workers[$0].description?.host == name }
        var names: [String] = []
        for place in meant.isEmpty ? onHost : meant {
            workers.dismiss(place)
            names.append(workers[place].name)
            effects.append(.log(.dismissed(workers[place].name)))
            send(.leave, to: place)
        }
        effects.append(.answer(.dismissed(names), to: number))
    }
}

internal import Basics
internal import Coordination
public import ResultStore
public import Sweeps
internal import ZeroMQ

/// Steers a run by predicate: through its coordinator where one works on it, else in the store.
///
/// Either way what was said is durable when the call returns, and holds for whoever works on the run later.
public struct RunSteering: Sendable {
    private let directory: RunDirectory
    private let schema: Schema

    /// A task that is meant.
    public struct Selected: Hashable, Sendable {
        public let id: TaskID
        public let axisValues: [Setting]
        public let situation: TaskSituation
    }

    /// What a predicate picks.
    public struct Selection: Hashable, Sendable {
        public let axes: [Axis]
        public let tasks: [Selected]
        let namesCondition: Bool
    }

    public init(_ directory: RunDirectory, schema: Schema) {
        self.directory = directory
        self.schema = schema
    }

    /// The tasks that the verb would touch, read from the store; changes nothing.
    ///
    /// - Throws: ``RunError/predicate(_:)`` where the predicate is not understood, or what is wrong with the run.
    public func select(_ verb: SteeringVerb, where text: String?) throws -> Selection {
        try RunSteering.select(
            verb, where: text, in: try OpenedRun.open(directory, schema: schema, for: .reading))
    }

    /// Does what the verb says to the tasks that are meant.
    ///
    /// - Parameters:
    ///   - verb: What to do.
    ///   - text: A ``Predicate``; every task where `nil`.
    ///   - reason: Why, for whoever asks later.
    /// - Returns: How many tasks were touched.
    /// - Throws: ``RunError``, or what is wrong with the store.
    public func steer(_ verb: SteeringVerb, where text: String?, reason: String) throws -> Int {
        guard directory.holdsSweep else { throw RunError.noSweep(directory: directory.path) }
        return try patiently {
            if let client = try CoordinatorClient(of: directory) {
                return try client.ask(.steer(verb, where: text, reason: reason)).taskCount ?? 0
            }
            let run = try OpenedRun.open(directory, schema: schema, for: .writing, purpose: .changing)
            return try RunSteering.steer(verb, where: text, reason: reason, in: run)
        }
    }

    /// How long to go on where coordinators come and go.
    private static let patience = Duration.seconds(60)

    /// Tries again while the run changes hands.
    ///
    /// A coordinator that went may have done what it was asked for. What is wished a second time then touches fewer
    /// tasks, and those that are left as they should be.
    private func patiently<Value>(_ attempt: () throws -> Value) throws -> Value {
        let deadline = SystemClock.now + RunSteering.patience
        let poller = Poller()
        while true {
            do {
                return try attempt()
            } catch let error where RunSteering.maySoonSucceed(error) && SystemClock.now < deadline {
                _ = try poller.wait(for: .milliseconds(50))
            }
        }
    }

    private static func maySoonSucceed(_ error: any Error) -> Bool {
        switch error {
        case RunError.changingHands, RunError.declined(_, .tryAgain): true
        // A coordinator has started since we looked.
        case RunLock.Failure.held: true
        default: false
        }
    }

    /// The same on a run that this process holds.
    public static func steer(
        _ verb: SteeringVerb, where text: String?, reason: String, in run: OpenedRun
    ) throws -> Int {
        let tasks = try select(verb, where: text, in: run).tasks.map(\.id)
        if !tasks.isEmpty { _ = try run.store.commit([.steered(verb, tasks, reason: reason)], at: .now) }
        return tasks.count
    }

    /// Asks a worker, or all workers of a host, to leave after what they train.
    ///
    /// - Returns: The workers that will.
    /// - Throws: ``RunError/noCoordinator(directory:)`` where nobody works on the run, ``RunError/noWorker(_:known:)``
    ///   where nobody has that name.
    public func dismiss(_ worker: String) throws -> [String] {
        guard directory.holdsSweep else { throw RunError.noSweep(directory: directory.path) }
        return try patiently {
            guard let client = try CoordinatorClient(of: directory) else {
                throw RunError.noCoordinator(directory: directory.path)
            }
            let names = try client.ask(.dismiss(worker)).workers ?? []
            if names.isEmpty {
                let known = try client.ask(.picture).picture?.workers.map(\.name) ?? []
                throw RunError.noWorker(worker, known: known)
            }
            return names
        }
    }

    private static func select(
        _ verb: SteeringVerb, where text: String?, in run: OpenedRun
    ) throws -> Selection {
        let predicate: Predicate?
        do throws(Predicate.Problem) {
            predicate = try text.map { (text) throws(Predicate.Problem) in
                try Predicate(text, axes: run.grid.axes)
            }
        } catch {
            throw RunError.predicate(error.description)
        }
        let namesCondition = predicate?.namesCondition ?? false
        let tasks = try run.store.loadTasks().compactMap { record -> Selected? in
            let situation = record.situation
            guard verb.touches(situation, namesCondition: namesCondition) else { return nil }
            let values = run.grid.axisValues(at: record.ordinal)
            guard predicate?.matches(record.id, axisValues: values, situation) ?? true else { return nil }
            return Selected(id: record.id, axisValues: values, situation: situation)
        }
        return Selection(axes: run.grid.axes, tasks: tasks, namesCondition: namesCondition)
    }
}

extension SweepStore.TaskRecord {
    /// Where the task stands, in the words that people steer by.
    public var situation: TaskSituation {
        switch state {
        case .waiting:
            let condition: TaskCondition =
                switch hold {
                case .paused: .paused
                case .cancelled: .cancelled
                case nil: .waiting
                }
            return TaskSituation(condition, hold: hold, attempts: attempts)
        case .running(let worker):
            return TaskSituation(.running, hold: hold, attempts: attempts, worker: worker)
        case .done: return TaskSituation(.done, hold: hold, attempts: attempts)
        case .failed(let failureClass, _):
            return TaskSituation(.failed, hold: hold, attempts: attempts, failure: failureClass)
        }
    }
}

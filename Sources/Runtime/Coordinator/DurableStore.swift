internal import Basics
public import Coordination
internal import Messaging
public import ResultStore
internal import Sweeps

/// Where a coordinator's writes become durable.
public protocol DurableStore: Sendable {
    /// Makes all writes durable, in their order, or none; every write may come twice.
    ///
    /// - Throws: One sentence for people as the error's description.
    func keep(_ writes: [StoreWrite]) throws
}

extension SweepStore: DurableStore {
    public func keep(_ writes: [StoreWrite]) throws {
        let now = WallTime.now
        _ = try commit(writes.map { SweepStore.Write($0, receivedAt: now) }, at: now)
    }
}

extension SweepStore.Write {
    /// A write of the coordinator as the store knows it.
    init(_ write: StoreWrite, receivedAt now: WallTime) {
        switch write {
        case .attemptStarted(let assignment, let worker):
            self = .attemptStarted(assignment, worker: SweepStore.Worker(worker))
        case .result(let report, let worker):
            // Clocks of other machines are not to be trusted; ours is late by the way of the message.
            let milliseconds = report.elapsed.wholeNanoseconds / 1_000_000
            let provenance = SweepStore.Provenance(
                worker: worker.name, host: worker.host, blasCore: worker.numericProfile.blasCore, threads: 1,
                started: WallTime(milliseconds: now.milliseconds - milliseconds),
                seconds: report.elapsed.inSeconds)
            self = .result(report.assignment, bytes: report.bytes, hash: report.contentHash, provenance)
        case .attemptEnded(let report, _, let isFinal):
            self = .failure(
                report.assignment, report.failureClass, message: report.message, isFinal: isFinal)
        case .disagreement(let assignment, _, let received, let worker):
            self = .disagreement(assignment, received: received, worker: worker.name)
        case .steered(let verb, let tasks, let reason): self = .steered(verb, tasks, reason: reason)
        }
    }
}

extension SweepStore.Worker {
    init(_ worker: WorkerDescription) {
        self.init(name: worker.name, host: worker.host, profile: worker.numericProfile.text)
    }
}

extension TaskStanding {
    /// What the store knows of a task, with those failures that count against it.
    package init(_ record: SweepStore.TaskRecord, _ cost: SweepRun.PredictedCost? = nil) {
        let state: State =
            switch record.state {
            case .waiting: .waiting
            case .running(let worker): .running(worker: worker)
            case .done(let hash): .done(hash)
            case .failed(let failureClass, _): .failed(failureClass)
            }
        self.init(
            id: record.id, attempts: record.attempts,
            failureCount: record.failures.count { $0.countsAgainstTask }, state: state, hold: record.hold,
            cost: cost?.whole ?? 0, stretchCost: cost?.stretch ?? 0)
    }
}

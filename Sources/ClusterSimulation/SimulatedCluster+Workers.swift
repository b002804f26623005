import Basics
import Messaging
import Sweeps
package import Workers

/// A worker's process: gone with a crash, all but the outbox.
struct SimulatedWorker: Sendable {
    let name: String
    let slot: Int
    /// How many times as long as planned training takes here.
    let slowness: Double
    var machine: Worker?
    /// Different for each start, so that nothing of an earlier process reaches a later one.
    var life = 0
    var session: SessionID?
    /// Survives crashes.
    var outbox: [AttemptReport] = []
    var trained: TaskOrder?
    /// The task in training shall stop at the end of the epoch.
    var isInterrupted = false
    /// Different for each training, so that a cancelled one falls silent.
    var training = 0
    var pausedUntil = Instant.origin
    /// The sweep has ended for this worker.
    var hasLeft = false

    init(index: Int, slowness: Double) {
        let names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"]
        name = index < names.count ? names[index] : "worker\(index)"
        slot = index
        self.slowness = slowness
    }

    var hostNumber: Int { slot / 2 }

    var description: WorkerDescription {
        WorkerDescription(
            name: name, host: "node\(hostNumber)", processID: 100 + life, slot: slot, build: "simulated",
            coreCount: 2,
            memoryBytes: 1 << 30,
            numericProfile: NumericProfile(blasCore: "Haswell", blasVersion: "0", instructionSet: "avx2"))
    }
}

extension SimulatedCluster {
    mutating func startWorker(_ index: Int) {
        guard workers[index].machine == nil, !workers[index].hasLeft else { return }
        workers[index].life += 1
        workers[index].trained = nil
        var limits = Worker.Limits.standard
        limits.checkpointChunkBytes = SimulatedCluster.checkpointChunkBytes
        if isFaulty { limits.lifetime = faults.allocation }
        workers[index].machine = Worker(
            workers[index].description, outbox: workers[index].outbox, limits: limits, at: now)
        history.note(now, 10, index, workers[index].life, "\(workers[index].name) starts")
        connect(index, life: workers[index].life, again: .workerConnects(index, life: workers[index].life))
        agenda.add(.workerTicks(index, life: workers[index].life), at: now + .milliseconds(500))
    }

    /// Kills a worker and starts it again a while later.
    package mutating func crashWorker(_ index: Int, restartAfter delay: Duration = .seconds(2)) {
        guard workers[index].machine != nil else { return }
        crashCount += 1
        history.note(now, 11, index, workers[index].life, "\(workers[index].name) crashes")
        endProcess(index)
        agenda.add(.workerStarts(index), at: now + delay)
    }

    private mutating func endProcess(_ index: Int) {
        workers[index].machine = nil
        workers[index].session = nil
        workers[index].trained = nil
        workers[index].life += 1
        workers[index].pausedUntil = now
    }

    private mutating func waits(_ happening: Happening, _ index: Int) -> Bool {
        guard workers[index].pausedUntil > now else { return false }
        agenda.add(happening, at: workers[index].pausedUntil)
        return true
    }

    mutating func connect(_ index: Int, life: Int, again: Happening) {
        guard workers[index].life == life, !waits(again, index) else { return }
        let session = SessionID(using: &names)
        workers[index].session = session
        workerBySession[session] = index
        tell(index, .connected)
    }

    mutating func tick(_ index: Int, life: Int, again: Happening) {
        guard workers[index].life == life, !waits(again, index) else { return }
        tell(index, .tick)
        agenda.add(again, at: now + .milliseconds(500))
    }

    mutating func arrive(
        _ envelope: CoordinatorEnvelope, at index: Int, _ session: SessionID, again: Happening
    ) {
        guard workers[index].session == session, workers[index].machine != nil, !waits(again, index) else {
            return
        }
        history.note(
            now, 12, index, Int(envelope.header.sequence),
            "\(workers[index].name) ← coordinator \(Traffic.toWorker(envelope).text)")
        tell(index, .received(envelope))
    }

    package mutating func tell(_ index: Int, _ event: Worker.Event) {
        let life = workers[index].life
        let effects = workers[index].machine?.handle(event, at: now) ?? []
        for effect in effects where workers[index].life == life {
            if isFaulty, faults.crashMidway > 0, crashes.uniform() < faults.crashMidway {
                crashWorker(index)
                return
            }
            if index == 0 { workerEffectCount += 1 }
            if index == 0, workerEffectCount == options.workerDiesAtEffect {
                crashWorker(index)
                return
            }
            perform(effect, index)
        }
    }

    private mutating func perform(_ effect: Worker.Effect, _ index: Int) {
        switch effect {
        case .send(let envelope): post(envelope, from: index)
        case .startTask(let order, let checkpoint): startTraining(order, from: checkpoint, index)
        case .interruptTask(let assignment):
            require(
                workers[index].trained?.assignment == assignment,
                "\(assignment) is interrupted but not in training")
            workers[index].isInterrupted = true
        case .checkpointIsSafe(let assignment, let epoch): checkSafe(assignment, epoch: epoch)
        case .cancelTask(let assignment):
            require(
                workers[index].trained?.assignment == assignment,
                "\(assignment) is cancelled but not in training")
            workers[index].trained = nil
            workers[index].training += 1
        case .keepInOutbox(let report): workers[index].outbox.append(report)
        case .removeFromOutbox(let assignments):
            for report in workers[index].outbox
            where assignments.contains(report.assignment) && report.contentHash != nil {
                require(
                    store.hasResult(report.assignment.task),
                    "the acknowledged result of \(report.assignment) is not stored")
            }
            workers[index].outbox.removeAll { assignments.contains($0.assignment) }
        case .reconnect:
            workers[index].session = nil
            let delay = Duration.milliseconds(200 + names.index(below: 1000))
            agenda.add(.workerConnects(index, life: workers[index].life), at: now + delay)
        case .log(let notice): history.note(now, 13, index, 0, "\(workers[index].name): \(notice)")
        case .exit(let exit): leave(exit, index)
        }
    }

    private mutating func leave(_ exit: Worker.Exit, _ index: Int) {
        history.note(now, 14, index, 0, "\(workers[index].name) leaves: \(exit)")
        endProcess(index)
        switch exit {
        case .sweepEnded:
            workers[index].hasLeft = true
            store.checkEnd(sickHost: faults.sickHost)
        case .commanded: agenda.add(.workerStarts(index), at: now + .seconds(5))
        case .orphaned, .refused: violation = violation ?? "\(workers[index].name) leaves: \(exit)"
        }
    }

    private mutating func post(_ envelope: WorkerEnvelope, from index: Int) {
        guard let session = workers[index].session else { return }
        messageCount += 1
        let traffic = Traffic.toCoordinator(envelope)
        for time in network.arrivals(traffic, index, .toCoordinator, at: now) {
            guard case .toCoordinator(let arriving)? = carried(traffic) else { continue }
            agenda.add(.arrivesAtCoordinator(arriving, session), at: time)
        }
    }

    mutating func require(_ condition: Bool, _ text: @autoclosure () -> String) {
        if !condition, violation == nil { violation = text() }
    }

    // MARK: - Training

    private mutating func startTraining(_ order: TaskOrder, from checkpoint: [UInt8]?, _ index: Int) {
        let name = workers[index].name
        require(workers[index].trained == nil, "\(name) trains two tasks at once")
        workers[index].trained = order
        workers[index].training += 1
        workers[index].isInterrupted = false
        scheduleTraining(index, step: epochToResume(order, checkpoint) + 1)
    }

    private mutating func scheduleTraining(_ index: Int, step: Int) {
        guard let order = workers[index].trained else { return }
        let cost = workload.items[workload.index(of: order.assignment.task)].cost
        let part = Duration.nanoseconds(Int64(cost.inSeconds * workers[index].slowness * 1e9 / 4))
        agenda.add(
            .trains(index, life: workers[index].life, training: workers[index].training, step: step),
            at: now + part)
    }

    mutating func train(_ index: Int, life: Int, training: Int, step: Int, again: Happening) {
        guard workers[index].life == life, workers[index].training == training, !waits(again, index),
            let order = workers[index].trained
        else { return }
        let assignment = order.assignment
        let task = workload.index(of: assignment.task)
        guard step < 4 else {
            workers[index].trained = nil
            trainingCounts[task] += 1
            history.note(now, 15, index, task, "\(workers[index].name) ends training of \(assignment)")
            let outcome = outcome(of: task, assignment, index)
            if isSick(index), crashes.index(below: 2) == 0 {
                // The process dies; its supervisor reports that, and the next process delivers the report.
                workers[index].outbox.append(outcome)
                crashWorker(index)
            } else {
                tell(index, .ended(outcome))
            }
            return
        }
        let isInterrupted = workers[index].isInterrupted
        if isInterrupted { workers[index].trained = nil } else { scheduleTraining(index, step: step + 1) }
        tell(index, .progressed(assignment, TaskProgress(epoch: step, epochCount: 4, errorTest: 0.5)))
        if workers[index].life == life { offerCheckpoint(of: assignment, epoch: step, index) }
        if isInterrupted, workers[index].life == life { tell(index, .interrupted(assignment)) }
    }

    /// Whether nothing comes to a good end on the worker's host.
    private func isSick(_ index: Int) -> Bool { isFaulty && faults.sickHost == workers[index].hostNumber }

    private mutating func outcome(of task: Int, _ assignment: Assignment, _ index: Int) -> AttemptReport {
        let item = workload.items[task]
        func failure(_ failureClass: FailureClass) -> AttemptReport {
            .failure(FailureReport(assignment: assignment, failureClass: failureClass, message: "simulated"))
        }
        if item.behaviour == .invalid { return failure(.invalidConfiguration) }
        if item.behaviour == .poison { return failure(.crash) }
        if isSick(index) { return failure(crashes.index(below: 2) == 0 ? .crash : .inputOutput) }
        if crashesLeft[task] > 0 {
            crashesLeft[task] -= 1
            return failure(.crash)
        }
        let elapsed = Duration.nanoseconds(Int64(item.cost.inSeconds * workers[index].slowness * 1e9))
        return .result(
            ResultReport(assignment: assignment, contentHash: item.hash, bytes: item.result, elapsed: elapsed)
        )
    }
}

import Basics
import Coordination
import Messaging
import Sweeps

/// The coordinator's process: gone with a crash, all but the store.
struct SimulatedCoordinator: Sendable {
    var machine: Coordinator?
    var commit = GroupCommit()
    var batch: [StoreWrite] = []
    var isCommitScheduled = false
    /// Different for each start, so that nothing of an earlier process reaches a later one.
    var life = 0
    var pausedUntil = Instant.origin
    /// The HELLO that is being answered, with which WELCOME is compared.
    var hello: Hello?
    /// Wishes that were not answered yet, by number.
    var asked: [UInt64: Coordinator.Request] = [:]
}

extension SimulatedCluster {
    mutating func startCoordinator() {
        guard coordinator.machine == nil else { return }
        let incarnation = store.beginIncarnation()
        var limits = Coordinator.Limits.standard
        limits.mutation = options.mutation
        coordinator = SimulatedCoordinator(
            machine: Coordinator(
                sweep: sweep, incarnation: incarnation, tasks: store.standings, limits: limits, at: now),
            life: coordinator.life + 1)
        hasFinished = false
        history.note(now, 1, coordinator.life, 0, "coordinator starts for the \(incarnation). time")
        agenda.add(.coordinatorTicks(life: coordinator.life), at: now)
        if !isFaulty { releaseAll() }
    }

    /// Kills the coordinator and starts it again a while later.
    package mutating func crashCoordinator(restartAfter delay: Duration = .seconds(3)) {
        guard coordinator.machine != nil else { return }
        crashCount += 1
        history.note(now, 2, coordinator.life, 0, "coordinator crashes")
        // A commit under way is atomic: either it reached the disk or not.
        if !coordinator.batch.isEmpty, crashes.index(below: 2) == 0 {
            store.apply(coordinator.batch, first: coordinator.commit.expected)
        }
        coordinator = SimulatedCoordinator(life: coordinator.life + 1)
        agenda.add(.coordinatorStarts, at: now + delay)
    }

    /// Postpones what happens to a stopped process until it goes on.
    private mutating func waits(_ happening: Happening) -> Bool {
        guard coordinator.pausedUntil > now else { return false }
        agenda.add(happening, at: coordinator.pausedUntil)
        return true
    }

    mutating func arrive(_ envelope: WorkerEnvelope, from session: SessionID, again: Happening) {
        guard coordinator.machine != nil, !waits(again) else { return }
        if case .hello(let hello) = envelope.message { coordinator.hello = hello }
        let sender = name(session)
        history.note(
            now, 3, workerBySession[session] ?? -1, Int(envelope.header.sequence),
            "coordinator ← \(sender) \(Traffic.toCoordinator(envelope).text)")
        tellCoordinator(.received(envelope, from: session), life: coordinator.life, again: again)
        coordinator.hello = nil
    }

    mutating func tickCoordinator(life: Int, again: Happening) {
        guard coordinator.life == life, !waits(again) else { return }
        tellCoordinator(.tick, life: life, again: again)
        agenda.add(.coordinatorTicks(life: life), at: now + .milliseconds(500))
    }

    mutating func tellCoordinator(_ event: Coordinator.Event, life: Int, again: Happening) {
        guard coordinator.life == life, coordinator.machine != nil, !waits(again) else { return }
        let effects = coordinator.machine?.handle(event, at: now) ?? []
        for effect in effects {
            if isFaulty, faults.crashMidway > 0, crashes.uniform() < faults.crashMidway {
                crashCoordinator()
                return
            }
            coordinatorEffectCount += 1
            if coordinatorEffectCount == options.coordinatorDiesAtEffect {
                crashCoordinator()
                return
            }
            perform(effect)
        }
    }

    private mutating func perform(_ effect: Coordinator.Effect) {
        switch effect {
        case .send(let envelope, let session):
            checkSending(envelope.message)
            post(envelope, to: session)
        case .dispatch(let dispatches, let header, let session):
            let orders = dispatches.map { order($0) }
            post(
                CoordinatorEnvelope(header, orders.count == 1 ? .task(orders[0]) : .tasks(orders)),
                to: session)
        case .store(let write, let sequence):
            coordinator.commit.add(write, sequence: sequence, at: now)
            scheduleCommit()
        case .log(let notice):
            history.note(now, 4, 0, 0, "coordinator: \(notice)")
            checkGivingUp(notice)
        case .answer(let answer, let number): checkAnswer(answer, number)
        case .keepCheckpoint(let assembly, let assignment, _): keepCheckpoint(assembly, of: assignment)
        case .readCheckpoint(let request, _, let session): readCheckpoint(request, for: session)
        case .forgetCheckpoints(let index): forgetCheckpoints(of: index)
        case .finished(let summary):
            history.note(now, 5, summary.counts.done, summary.counts.failed, "sweep ends: \(summary.counts)")
            hasFinished = true
            store.checkEnd(sickHost: faults.sickHost)
        }
    }

    private mutating func order(_ dispatch: Coordinator.Dispatch) -> TaskOrder {
        let assignment = dispatch.assignment
        store.checkDispatch(assignment)
        return TaskOrder(
            assignment: assignment, lease: .seconds(20),
            configuration: workload.items[dispatch.taskIndex].configuration, environment: [:],
            checkpoints: assignment.attempt > 1 ? checkpoints.epochs(of: dispatch.taskIndex) : [])
    }

    /// Compares what is about to be said with what is durable.
    private mutating func checkSending(_ message: CoordinatorMessage) {
        switch message {
        case .resultAck(let assignment, let disposition): store.checkAcknowledgement(assignment, disposition)
        case .resultsAck(let assignments):
            for assignment in assignments { store.checkAcknowledgement(assignment, .recorded) }
        case .welcome(let welcome):
            let activeCount = coordinator.hello?.holdings.active.count ?? 0
            for held in welcome.verdicts.prefix(activeCount) where held.verdict == .keep {
                store.checkKept(held.assignment)
            }
        case .refused(let refusal): violation = violation ?? "a worker is refused: \(refusal.message)"
        case .whoAreYou, .task, .tasks, .revoke, .ping, .drain, .shutdown, .leave, .checkpointWanted,
            .checkpointChunk,
            .checkpointTaken, .checkpointGone:
            break
        }
    }

    /// A task that failed on the sick host only is not given up while somebody else could try it.
    private mutating func checkGivingUp(_ notice: Coordinator.Notice) {
        guard case .attemptFailed(let report, let name, isFinal: true) = notice,
            report.failureClass != .invalidConfiguration, let picture = coordinator.machine?.picture,
            let host = workers.first(where: { $0.name == name })?.description.host
        else { return }
        // Whoever must leave may not have the time.
        let others = picture.workers.filter { other in
            other.timeLeft == nil && other.capacity > 0 && !other.isDismissed && !other.isSetAside
                && other.description?.host != host
        }
        store.checkGivingUp(report, on: host, others: others.map(\.name))
    }

    private mutating func post(_ envelope: CoordinatorEnvelope, to session: SessionID) {
        messageCount += 1
        guard let worker = workerBySession[session] else { return }
        guard workers[worker].session == session else {
            // The transport finds out about a dead peer sometimes, and never at once.
            if crashes.index(below: 2) == 0 {
                agenda.add(.sessionLost(session, life: coordinator.life), at: now + .milliseconds(1))
            }
            return
        }
        let traffic = Traffic.toWorker(envelope)
        for time in network.arrivals(traffic, worker, .toWorker, at: now) {
            guard case .toWorker(let arriving)? = carried(traffic) else { continue }
            agenda.add(.arrivesAtWorker(arriving, worker: worker, session), at: time)
        }
    }

    /// The message as it comes out of the wire format, in the runs that go through it.
    mutating func carried(_ traffic: Traffic) -> Traffic? {
        guard isThroughWire else { return traffic }
        do {
            return try traffic.throughWire()
        } catch {
            violation = violation ?? "\(traffic.text) cannot be read: \(error)"
            return nil
        }
    }

    // MARK: - Store

    private mutating func scheduleCommit() {
        guard !coordinator.isCommitScheduled, let deadline = coordinator.commit.deadline else { return }
        coordinator.isCommitScheduled = true
        agenda.add(.commitIsDue(life: coordinator.life), at: deadline)
    }

    mutating func commit(life: Int, again: Happening) {
        guard coordinator.life == life, !waits(again) else { return }
        coordinator.isCommitScheduled = false
        guard coordinator.commit.isDue(at: now) else { return }
        coordinator.batch = coordinator.commit.takeBatch()
        let slowest = isFaulty && faults.storeFailureEvery != nil ? 500 : 10
        agenda.add(.commitEnds(life: life), at: now + .milliseconds(1 + crashes.index(below: slowest)))
    }

    mutating func endCommit(life: Int, again: Happening) {
        guard coordinator.life == life, !waits(again) else { return }
        let first = coordinator.commit.expected
        let batch = coordinator.batch
        coordinator.batch = []
        if storeFailsUntil > now {
            // Now and then the rows are there although the commit says it failed.
            if crashes.index(below: 4) == 0 { store.apply(batch, first: first) }
            coordinator.commit.failed()
            history.note(now, 6, batch.count, 0, "store fails to commit \(batch.count) writes from \(first)")
            tellCoordinator(.storeFailed("no space left on device"), life: life, again: again)
        } else {
            store.apply(batch, first: first)
            let last = coordinator.commit.succeeded()
            history.note(now, 7, Int(last), 0, "store commits \(batch.count) writes through \(last)")
            tellCoordinator(.stored(through: last), life: life, again: again)
        }
        if coordinator.life == life { scheduleCommit() }
    }

    func name(_ session: SessionID) -> String {
        workerBySession[session].map { workers[$0].name } ?? "\(session)"
    }
}

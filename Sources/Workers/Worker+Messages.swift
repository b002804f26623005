import Basics
import Messaging
import Sweeps

extension Worker {
    // MARK: - Receiving

    mutating func connect(at time: Instant) {
        sequenceSent = 0
        sequenceSeen = 0
        taskSequenceSeen = 0
        connectedAt = time
        connectionCount += 1
        for index in outbox.indices { outbox[index].sentAt = nil }
        upload?.offeredAt = nil
        if !active.isEmpty { active[0].fetch?.askedAt = nil }
        sayHello(at: time)
    }

    mutating func receive(_ envelope: CoordinatorEnvelope, at time: Instant) {
        let header = envelope.header
        if case .refused(let refusal) = envelope.message {
            exit(.refused(refusal))
            return
        }
        // A frame of an earlier coordinator, or of another sweep's, is no word of ours.
        guard link != .down, header.incarnation >= incarnation, sweep == .unknown || header.sweep == sweep
        else { return }
        heardAt = time
        sequenceSeen = max(sequenceSeen, header.sequence)
        switch envelope.message {
        case .welcome(let welcome): accept(welcome, header, at: time)
        case .whoAreYou: sayHelloAgain(at: time)
        case _ where header.incarnation > incarnation: sayHelloAgain(at: time)
        case .task(let order): take([order], header, at: time)
        case .tasks(let orders): take(orders, header, at: time)
        case .resultAck(let assignment, let disposition): forget(assignment, disposition)
        case .resultsAck(let assignments): forget(recorded: assignments)
        case .revoke(let assignment): cancel(assignment, at: time)
        case .ping: break
        case .drain: giveBack { $0.startedAs == nil }
        case .leave: drain(at: time)
        case .shutdown: leave(.sweepEnded, at: time)
        case .checkpointWanted(let request): sendPiece(request, at: time)
        case .checkpointChunk(let chunk): takePiece(chunk, at: time)
        case .checkpointTaken(let assignment, let epoch, let isKept):
            checkpointIsTaken(assignment, epoch: epoch, isKept: isKept)
        case .checkpointGone(let assignment, let epoch): dropFetched(assignment, epoch, at: time)
        case .refused: break
        }
    }

    mutating func receiveUnreadable(_ error: WireError) {
        if case .version = error {
            exit(.refused(Refusal(.version, error.description)))
        } else {
            effects.append(.log(.unreadable(error)))
        }
    }

    private mutating func accept(_ welcome: Welcome, _ header: MessageHeader, at time: Instant) {
        link = .welcomed
        sweep = header.sweep
        incarnation = header.incarnation
        heartbeatInterval = welcome.heartbeatInterval
        heartbeatAt = time
        checkpointBytesMax = welcome.checkpointBytesMax
        sendsSeveral = welcome.takesSeveral
        effects.append(.log(.welcomed(incarnation: incarnation)))
        for held in welcome.verdicts {
            switch held.verdict {
            case .keep:
                // The acknowledgement of a report is on its way.
                if let index = outboxIndex(held.assignment) { outbox[index].sentAt = time }
            case .drop: cancel(held.assignment, at: time)
            case .forget: forget(held.assignment, .superseded)
            case .foreign:
                cancel(held.assignment, at: time)
                setAside(held.assignment)
            case .sendReport:
                if let index = outboxIndex(held.assignment) { outbox[index].sentAt = nil }
            }
        }
        sendReports(at: time)
        offerCheckpoint(at: time)
        fetchCheckpoint(at: time)
    }

    // MARK: - Sending

    mutating func send(_ message: WorkerMessage) {
        guard link != .down else { return }
        sequenceSent += 1
        let header = MessageHeader(
            sweep: sweep, incarnation: incarnation, sequence: sequenceSent, acknowledged: sequenceSeen)
        effects.append(.send(Envelope(header, message)))
    }

    mutating func sayHello(at time: Instant) {
        link = .greeting(since: time)
        capacityReported = capacity
        send(
            .hello(
                Hello(
                    worker: description, holdings: holdings, capacity: capacity,
                    connection: connectionCount, timeLeft: leaveAt.map { max(.zero, $0 - lastEvent) })))
    }

    /// Introduces itself again, but once for many messages that were not understood.
    private mutating func sayHelloAgain(at time: Instant) {
        if case .greeting(let since) = link, time - since < heartbeatInterval { return }
        sayHello(at: time)
    }

    mutating func sendHeartbeat(at time: Instant) {
        guard link == .welcomed else { return }
        heartbeatAt = time
        capacityReported = capacity
        send(.heartbeat(Heartbeat(holdings: holdings, capacity: capacity, uptime: time - startedAt)))
    }

    /// Sends every report that was not sent in this session or has waited long for its acknowledgement.
    mutating func sendReports(at time: Instant) {
        guard link == .welcomed else { return }
        gathering = nil
        var (results, byteCount): ([ResultReport], Int) = ([], 0)
        for index in outbox.indices {
            if let sentAt = outbox[index].sentAt, time - sentAt < limits.resendInterval { continue }
            outbox[index].sentAt = time
            switch outbox[index].report {
            case .result(let report):
                if byteCount + report.bytes.count > limits.gatherBytesMax
                    || results.count == limits.gatherCountMax
                {
                    send(results)
                    (results, byteCount) = ([], 0)
                }
                results.append(report)
                byteCount += report.bytes.count
            case .failure(let report): send(.failure(report))
            }
        }
        send(results)
    }

    /// Sends results together, where the coordinator can read that.
    private mutating func send(_ results: [ResultReport]) {
        if sendsSeveral, results.count > 1 {
            send(.results(results))
        } else {
            for result in results { send(.result(result)) }
        }
    }

    /// Sends what has just been put into the outbox, or lets it wait for others that are as good as done.
    ///
    /// A message costs more than a task of a microsecond, on both sides. Whatever waits is in the outbox on disk already,
    /// heartbeats list it, and the next tick sends it at the latest.
    mutating func deliverReports(at time: Instant) {
        var waiting = gathering ?? Gathering(since: time)
        waiting.count += 1
        if isWorthWaiting(waiting, at: time) { gathering = waiting } else { sendReports(at: time) }
    }

    /// Sends what has waited for others, as soon as nothing more is to be expected.
    mutating func sendGathered(at time: Instant) {
        if let gathering, !isWorthWaiting(gathering, at: time) { sendReports(at: time) }
    }

    private func isWorthWaiting(_ waiting: Gathering, at time: Instant) -> Bool {
        link == .welcomed && sendsSeveral && leaving == nil && !active.isEmpty
            && waiting.count < limits.gatherCountMax && time - waiting.since < limits.gatherSpan
            && prefetch.takesLess(than: limits.gatherSpan)
    }

    /// Sends the newest progress of what is in training, not too often.
    mutating func sendProgress(at time: Instant) {
        guard link == .welcomed, time - progressAt >= limits.progressInterval, let first = active.first,
            first.hasNewProgress, let progress = first.progress
        else { return }
        active[0].hasNewProgress = false
        progressAt = time
        send(.progress(first.order.assignment, progress))
    }

    /// Everything this worker has in hands.
    var holdings: Holdings {
        Holdings(
            active: active.map { ActiveAttempt($0.order.assignment, progress: $0.progress) },
            ended: outbox.map { EndedAttempt($0.report.assignment, contentHash: $0.report.contentHash) })
    }

    /// How many tasks to hold; see ``Prefetch``.
    var capacity: Int { leaving == nil ? 1 + prefetch.count : 0 }
}

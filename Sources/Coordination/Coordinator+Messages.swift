import Basics
import Messaging
import Sweeps

extension Coordinator {
    mutating func receive(_ envelope: WorkerEnvelope, from session: SessionID, at time: Instant) {
        let header = envelope.header
        if case .hello(let hello) = envelope.message {
            receiveHello(hello, header, from: session, at: time)
            return
        }
        guard let place = workers.place(of: session) else {
            if envelope.message != .goodbye { answer(.whoAreYou, header, to: session) }
            return
        }
        // A frame from before the last restart says nothing about this incarnation.
        guard header.incarnation == incarnation, header.sweep == sweep else { return }
        let isNews = noteSequence(header, place)
        workers[place].deadline = time + limits.lease
        switch envelope.message {
        case .hello: break
        case .heartbeat(let heartbeat): if isNews { receiveHeartbeat(heartbeat, header, from: place) }
        case .progress(let assignment, let progress):
            if isNews { note(progress, of: assignment, from: place) }
        case .result(let report): receiveResult(report, from: place)
        case .results(let reports): for report in reports { receiveResult(report, from: place) }
        case .failure(let report): receiveFailure(report, from: place)
        case .release(let assignments, let failureClass): takeBack(assignments, failureClass, from: place)
        case .checkpoint(let assignment, let seal):
            receiveOffer(seal, of: assignment, from: place, at: time)
        case .checkpointChunk(let chunk): receivePiece(chunk, from: place, at: time)
        case .checkpointWanted(let request): receiveRequest(request, from: place, at: time)
        case .goodbye: leave(place)
        }
    }

    /// Whether the message is newer than all before it in its session.
    ///
    /// A report that was overtaken by a newer one is no truth any more.
    private mutating func noteSequence(_ header: MessageHeader, _ place: Int) -> Bool {
        guard let seen = workers[place].session?.sequenceSeen, header.sequence > seen else { return false }
        workers[place].session?.sequenceSeen = header.sequence
        return true
    }

    mutating func receiveUnreadable(_ error: WireError, from session: SessionID, at time: Instant) {
        effects.append(.log(.unreadable(error, from: session)))
        if case .version = error {
            answer(.refused(Refusal(.version, error.description)), to: session)
            return
        }
        guard let place = workers.place(of: session) else { return }
        workers[place].session?.unreadableCount += 1
        guard let count = workers[place].session?.unreadableCount, count > limits.unreadableMax else {
            return
        }
        shutOut(place, Refusal(.misconduct, "\(count) messages could not be read, the last was \(error)"))
    }

    /// Ends a session that is not listened to any more; what its worker held waits for another.
    mutating func ban(_ session: SessionID, _ refusal: Refusal) {
        guard let place = workers.place(of: session) else {
            answer(.refused(refusal), to: session)
            effects.append(.log(.refused(refusal, worker: "session \(session)")))
            return
        }
        shutOut(place, refusal)
    }

    private mutating func shutOut(_ place: Int, _ refusal: Refusal) {
        send(.refused(refusal), to: place)
        effects.append(.log(.refused(refusal, worker: workers[place].name)))
        suspect(place)
        giveUp(place)
    }

    private mutating func receiveHeartbeat(_ heartbeat: Heartbeat, _ header: MessageHeader, from place: Int) {
        workers.setCapacity(place, min(heartbeat.capacity, limits.capacityMax))
        var listed: [Int] = []
        for active in heartbeat.holdings.active {
            if let index = keep(active, at: place) {
                listed.append(index)
            } else {
                send(.revoke(active.assignment), to: place)
            }
        }
        for ended in heartbeat.holdings.ended {
            if let index = tasks.index(of: ended.assignment.task) { listed.append(index) }
            settle(ended, from: place)
        }
        noteMissing(listed, header, at: place)
        send(reply(to: place), to: place)
        noteReady(place)
    }

    private func reply(to place: Int) -> CoordinatorMessage {
        switch mode {
        case .ended: .shutdown
        case .draining: .drain
        // Said until the worker has left: each of them may be lost.
        case .working, .paused: workers[place].isDismissed ? .leave : .ping
        }
    }

    /// Counts how often in a row each task was left out, and gives up those that were so twice.
    ///
    /// Once is not enough: on a network that reorders, TASK may still be on its way although a later message has
    /// been seen.
    private mutating func noteMissing(_ listed: [Int], _ header: MessageHeader, at place: Int) {
        var lost: [Int] = []
        for position in workers[place].holding.indices {
            let held = workers[place].holding[position]
            if listed.contains(held.taskIndex) {
                workers[place].holding[position].missedCount = 0
            } else if let sent = held.sentSequence, sent <= header.acknowledged {
                workers[place].holding[position].missedCount += 1
                if held.missedCount >= 1 { lost.append(held.taskIndex) }
            }
        }
        for index in lost { lose(index, from: place) }
    }

    private mutating func note(_ progress: TaskProgress, of assignment: Assignment, from place: Int) {
        guard let index = tasks.index(of: assignment.task),
            let position = workers[place].holdingIndex(of: index),
            workers[place].holding[position].attempt == assignment.attempt
        else { return }
        workers[place].holding[position].progress = progress
    }

    private mutating func leave(_ place: Int) {
        effects.append(.log(.workerLeft(workers[place].name)))
        for held in workers[place].holding { lose(held.taskIndex, from: place) }
        workers.remove(place)
    }

    // MARK: - Sending

    /// Sends within the worker's session; what cannot be sent is said again after the next HELLO.
    mutating func send(_ message: CoordinatorMessage, to place: Int) {
        guard let (header, session) = nextHeader(place) else { return }
        effects.append(.send(Envelope(header, message), to: session))
    }

    mutating func sendToAll(_ message: CoordinatorMessage) {
        for place in workers.places { send(message, to: place) }
    }

    /// Answers somebody who has no session, or whose header could not be read.
    mutating func answer(
        _ message: CoordinatorMessage, _ header: MessageHeader? = nil, to session: SessionID
    ) {
        let answer = MessageHeader(
            sweep: sweep, incarnation: incarnation, sequence: 0, acknowledged: header?.sequence ?? 0)
        effects.append(.send(Envelope(answer, message), to: session))
    }

    mutating func nextHeader(_ place: Int) -> (MessageHeader, SessionID)? {
        guard var session = workers[place].session else { return nil }
        session.sequenceSent += 1
        workers[place].session = session
        let header = MessageHeader(
            sweep: sweep, incarnation: incarnation, sequence: session.sequenceSent,
            acknowledged: session.sequenceSeen)
        return (header, session.id)
    }
}

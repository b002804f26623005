import Basics
import Messaging
import Sweeps

extension Coordinator {
    /// Takes a worker on, or again, and passes a verdict on everything it holds.
    mutating func receiveHello(
        _ hello: Hello, _ header: MessageHeader, from session: SessionID, at time: Instant
    ) {
        guard let place = admit(hello, header, from: session, at: time) else { return }
        workers[place].deadline = time + limits.lease
        workers.setCapacity(place, min(hello.capacity, limits.capacityMax))
        workers[place].session?.sequenceSeen = header.sequence
        workers[place].session?.takesSeveral = hello.takesSeveral
        workers[place].leavesAt = hello.timeLeft.map { lastEvent + $0 }

        var verdicts: [HeldVerdict] = []
        var listed: [Int] = []
        for active in hello.holdings.active {
            let index = tasks.index(of: active.assignment.task)
            let kept = keep(active, at: place)
            if let kept { listed.append(kept) }
            verdicts.append(
                HeldVerdict(active.assignment, kept != nil ? .keep : index != nil ? .drop : .foreign))
        }
        let keptCount = listed.count
        for ended in hello.holdings.ended {
            let verdict = verdict(on: ended, from: place)
            if verdict == .sendReport, let index = tasks.index(of: ended.assignment.task) {
                listed.append(index)
            }
            verdicts.append(HeldVerdict(ended.assignment, verdict))
        }
        for held in workers[place].holding {
            guard let sent = held.sentSequence, sent <= header.acknowledged, !listed.contains(held.taskIndex)
            else { continue }
            lose(held.taskIndex, from: place)
        }
        if keptCount > 0 { effects.append(.log(.workerReturned(workers[place].name, kept: keptCount))) }
        let welcome = Welcome(
            heartbeatInterval: limits.heartbeatInterval, lease: limits.lease, verdicts: verdicts,
            checkpointBytesMax: limits.checkpointBytesMax)
        send(.welcome(welcome), to: place)
        if mode == .draining { send(.drain, to: place) }
        if workers[place].isDismissed, mode == .working || mode == .paused { send(.leave, to: place) }
        if mode == .ended { send(.shutdown, to: place) }
        noteReady(place)
    }

    /// The place of the worker that says HELLO, connected to its session; `nil` when it is refused or repeats itself.
    private mutating func admit(
        _ hello: Hello, _ header: MessageHeader, from session: SessionID, at time: Instant
    ) -> Int? {
        guard header.sweep == sweep || header.sweep == .unknown else {
            let text =
                "this coordinator serves sweep \(sweep), not \(header.sweep): connect to the other's address"
            return refuse(Refusal(.sweep, text), hello, header, session)
        }
        if let refusal = judgeNumerics(of: hello.worker) {
            return refuse(refusal, hello, header, session)
        }
        if let place = workers.place(of: session) {
            guard workers[place].name == hello.worker.name else {
                let text =
                    "one session was used by two workers, \(workers[place].name) and \(hello.worker.name)"
                return refuse(Refusal(.misconduct, text), hello, header, session)
            }
            // A HELLO that is no news has been answered, and what it lists may no longer be so.
            return header.sequence > (workers[place].session?.sequenceSeen ?? 0) ? place : nil
        }
        guard let place = workers.place(named: hello.worker.name) else {
            guard workers.count < limits.workersMax else {
                let text = "\(limits.workersMax) workers are here already: raise the limit or start fewer"
                return refuse(Refusal(.full, text), hello, header, session)
            }
            let place = workers.add(hello.worker.name, deadline: time + limits.lease)
            connect(place, hello, session)
            return place
        }
        if let known = workers[place].description,
            (known.host, known.processID) == (hello.worker.host, hello.worker.processID)
        {
            // The worker has opened a newer socket since it said this.
            guard hello.connection > workers[place].connection else { return nil }
        } else if workers[place].description != nil {
            workers[place].takeoverCount += 1
            guard workers[place].takeoverCount <= limits.takeoversMax else {
                let text =
                    "other processes keep joining as \(hello.worker.name): give every worker its own name"
                return refuse(Refusal(.replaced, text), hello, header, session)
            }
        }
        connect(place, hello, session)
        return place
    }

    private mutating func connect(_ place: Int, _ hello: Hello, _ session: SessionID) {
        let known = workers[place].description
        let isNew = known.map { ($0.host, $0.processID) != (hello.worker.host, hello.worker.processID) }
        noteProcess(hello, isNew: isNew ?? (hello.connection == 1))
        workers.connect(place, WorkerBook.Session(id: session, capacity: 0))
        if workers[place].description != hello.worker {
            effects.append(.log(.workerJoined(hello.worker)))
            // A new process under the name was started by somebody who wants it here.
            workers[place].isDismissed = false
        }
        workers[place].description = hello.worker
        workers[place].connection = hello.connection
        // Whatever was sent before was sent in another session: the worker has it by now or never will.
        for position in workers[place].holding.indices
        where workers[place].holding[position].sentSequence != nil {
            workers[place].holding[position].sentSequence = 0
        }
    }

    private mutating func refuse(
        _ refusal: Refusal, _ hello: Hello, _ header: MessageHeader, _ session: SessionID
    ) -> Int? {
        answer(.refused(refusal), header, to: session)
        effects.append(.log(.refused(refusal, worker: hello.worker.name)))
        return nil
    }

    /// Whether an attempt that a worker lists is its own; one that everybody believed lost becomes its own again.
    ///
    /// - Returns: The task's index, or `nil` for an attempt the worker shall stop.
    mutating func keep(_ active: ActiveAttempt, at place: Int) -> Int? {
        guard let index = tasks.index(of: active.assignment.task),
            active.assignment.attempt == tasks[index].attempts || limits.mutation == .skipFence
        else { return nil }
        switch tasks[index].state {
        case .held(by: place): break
        case .waiting where tasks[index].attemptIsOpen: hold(index, at: place, sentSequence: 0)
        case .held where limits.mutation == .skipFence: return index
        default: return nil
        }
        guard let position = workers[place].holdingIndex(of: index) else { return nil }
        workers[place].holding[position].progress = active.progress
        return index
    }

    /// The transport lost the worker: from now on it is a suspect.
    mutating func loseSession(_ session: SessionID, at time: Instant) {
        guard let place = workers.place(of: session) else { return }
        suspect(place)
        workers[place].deadline = time + limits.lease
    }

    /// Cuts the session and keeps what the worker holds, for it may come back.
    mutating func suspect(_ place: Int) {
        effects.append(.log(.workerSuspected(workers[place].name)))
        workers.disconnect(place)
    }

    /// The suspect did not come back.
    mutating func giveUp(_ place: Int) {
        effects.append(.log(.workerLost(workers[place].name)))
        for held in workers[place].holding { lose(held.taskIndex, from: place) }
        workers.remove(place)
    }
}

import Basics
import Messaging
import Sweeps

/// Which worker gets which task.
extension Coordinator {
    /// Remembers a worker that may have room.
    mutating func noteReady(_ place: Int) {
        guard hasRoom(place), !workers[place].isQueuedAsReady else { return }
        workers[place].isQueuedAsReady = true
        ready.append(place)
    }

    private func hasRoom(_ place: Int) -> Bool {
        guard let session = workers[place].session, !workers[place].isDismissed, !isSetAside(place) else {
            return false
        }
        return workers[place].holding.count < session.capacity
    }

    /// Gives tasks to workers with room, in turn, while there are both.
    mutating func dispatchTasks() {
        guard mode == .working, storeProblem == nil else { return }
        while tasks.counts.waiting > 0, let place = ready.popFirst() {
            guard workers.isInUse(place) else { continue }
            workers[place].isQueuedAsReady = false
            guard hasRoom(place) else { continue }
            // A second task in hand hides the way to the coordinator, but the last tasks of a sweep must not wait
            // behind others while workers are idle.
            guard workers[place].holding.isEmpty || tasks.counts.waiting >= workers.connectedCount else {
                continue
            }
            guard let description = workers[place].description else { return }
            // A worker whose time is too short for any task waits for a shorter one, or leaves.
            guard let index = takeWaiting(for: place) else { continue }
            start(index, at: place, description)
            noteReady(place)
        }
    }

    private mutating func start(_ index: Int, at place: Int, _ description: WorkerDescription) {
        if limits.mutation != .reuseAttemptNumber || tasks[index].attempts == 0 { tasks[index].attempts += 1 }
        tasks[index].attemptIsOpen = true
        // What an earlier attempt left may be lost by now: this one's own count.
        tasks[index].checkpointEpoch = -1
        hold(index, at: place, sentSequence: nil)
        let attempt = tasks[index].attempts
        write(
            .attemptStarted(tasks.assignment(index), worker: description),
            then: .dispatch(taskIndex: index, attempt: attempt))
        if limits.mutation == .dispatchBeforeCommit {
            var orders: [Orders] = []
            gather(index, attempt: attempt, in: &orders)
            dispatch(orders)
        }
    }

    /// What goes out to one worker in one message.
    struct Orders {
        let place: Int
        let session: SessionID
        /// Of the newest of them: each has a sequence number of its own.
        var header: MessageHeader
        var dispatches: [Dispatch]
    }

    /// Most tasks in one message.
    private static let ordersMax = 64

    /// Lets a task go out to its worker, now that its attempt number is durable.
    mutating func gather(_ index: Int, attempt: UInt32, in orders: inout [Orders]) {
        guard case .held(let place) = tasks[index].state, tasks[index].attempts == attempt,
            let position = workers[place].holdingIndex(of: index),
            workers[place].holding[position].sentSequence == nil
        else { return }
        guard mode == .working || mode == .paused, let (header, session) = nextHeader(place) else {
            // Never sent, so nobody can come back with it.
            tasks[index].attemptIsOpen = false
            drop(index, from: place)
            tasks.move(index, to: .waiting)
            return
        }
        workers[place].holding[position].sentSequence = header.sequence
        let dispatch = Dispatch(tasks.assignment(index), taskIndex: index)
        let last = orders.lastIndex { $0.place == place }
        let max = workers[place].session?.takesSeveral == true ? Coordinator.ordersMax : 1
        if let last, orders[last].dispatches.count < max {
            orders[last].dispatches.append(dispatch)
            orders[last].header = header
        } else {
            orders.append(Orders(place: place, session: session, header: header, dispatches: [dispatch]))
        }
    }

    /// Sends TASK or TASKS, a message a worker.
    mutating func dispatch(_ orders: [Orders]) {
        for order in orders {
            effects.append(.dispatch(order.dispatches, header: order.header, to: order.session))
        }
    }
}

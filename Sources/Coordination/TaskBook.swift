import Basics
import Sweeps

/// Every task of the sweep with its state, the counts by state, and the queue of those that wait.
///
/// Tasks wait in the order in which they were given: one that comes back goes before all that were never tried.
struct TaskBook: Sendable {
    struct Record: Sendable {
        let id: TaskID
        fileprivate(set) var state: State
        /// What the user has said about it.
        fileprivate(set) var hold: Hold?
        /// Its predicted cost; see ``TaskStanding/cost``.
        let cost: Float
        /// See ``TaskStanding/stretchCost``.
        let stretchCost: Float
        /// The highest attempt number in use; 0 for a task never tried.
        var attempts: UInt32
        /// Failures that count against the task.
        var failureCount: Int
        /// Nothing is known of the end of the highest attempt: it may still run somewhere, or be in an outbox.
        var attemptIsOpen: Bool
        /// Which attempt gave the result; 0 where an earlier coordinator stored it.
        var resultAttempt: UInt32 = 0
        /// After which epoch the newest checkpoint was taken that a worker brought here; -1 for none.
        var checkpointEpoch = -1
        fileprivate var isQueued = false

        /// Whether it may be handed out.
        var isReady: Bool { state == .waiting && hold == nil }
    }

    enum State: Hashable, Sendable {
        case waiting
        /// Handed to the worker in this place of the worker book.
        case held(by: Int)
        /// A result came and is not durable yet.
        case recording(ContentHash)
        case done(ContentHash)
        case failed(FailureClass)
    }

    private(set) var counts = Coordinator.TaskCounts()
    /// The cost of all tasks that wait to be handed out.
    private(set) var costWaiting = CostSum()
    private var records: [Record] = []
    private var indexByID: [TaskID: Int] = [:]
    private var queue = MinHeap<Int>()

    /// The books of tasks that all wait, or are done or have failed; held ones are entered one by one.
    ///
    /// - Precondition: No id stands twice.
    init(_ standings: [TaskStanding]) {
        records.reserveCapacity(standings.count)
        indexByID.reserveCapacity(standings.count)
        var waiting: [Int] = []
        for (index, standing) in standings.enumerated() {
            let state: State =
                switch standing.state {
                case .waiting, .running: .waiting
                case .done(let hash): .done(hash)
                case .failed(let failureClass): .failed(failureClass)
                }
            var record = Record(
                id: standing.id, state: state, hold: standing.hold, cost: standing.cost,
                stretchCost: standing.stretchCost,
                attempts: standing.attempts, failureCount: standing.failureCount, attemptIsOpen: false)
            if case .running = standing.state { record.attemptIsOpen = true }
            record.isQueued = record.isReady
            if record.isQueued { waiting.append(index) }
            let previous = indexByID.updateValue(index, forKey: standing.id)
            precondition(previous == nil, "task \(standing.id) stands twice in the sweep")
            records.append(record)
            count(record, 1)
        }
        queue = MinHeap(sorted: waiting)
    }

    var taskCount: Int { records.count }

    func index(of id: TaskID) -> Int? { indexByID[id] }

    subscript(index: Int) -> Record {
        get { records[index] }
        _modify { yield &records[index] }
    }

    /// The newest attempt of the task at `index`.
    func assignment(_ index: Int) -> Assignment {
        Assignment(task: records[index].id, attempt: records[index].attempts)
    }

    /// Moves a task to another state, and into the queue when it waits again.
    mutating func move(_ index: Int, to state: State) {
        count(records[index], -1)
        records[index].state = state
        // A result ends whatever was said about the task.
        if case .recording = state { records[index].hold = nil }
        count(records[index], 1)
        enqueue(index)
    }

    /// Keeps a task from being handed out, or lets it be handed out again.
    mutating func setHold(_ index: Int, _ hold: Hold?) {
        count(records[index], -1)
        records[index].hold = hold
        count(records[index], 1)
        enqueue(index)
    }

    private mutating func enqueue(_ index: Int) {
        guard records[index].isReady, !records[index].isQueued else { return }
        records[index].isQueued = true
        queue.push(index)
    }

    /// The first task that waits, taken out of the queue; it still waits until it is moved, or put back.
    mutating func takeWaiting() -> Int? {
        while let index = queue.pop() {
            records[index].isQueued = false
            // A task may have been adopted, recorded, given up or paused since it was queued.
            if records[index].isReady { return index }
        }
        return nil
    }

    /// Lets a task wait that was taken and not moved.
    mutating func putBack(_ index: Int) { enqueue(index) }

    private mutating func count(_ record: Record, _ difference: Int) {
        switch record.state {
        case .waiting: count(waitingWith: record.hold, record.cost, difference)
        case .held: counts.held += difference
        case .recording: counts.recording += difference
        case .done: counts.done += difference
        case .failed: counts.failed += difference
        }
    }

    private mutating func count(waitingWith hold: Hold?, _ cost: Float, _ difference: Int) {
        switch hold {
        case .paused: counts.paused += difference
        case .cancelled: counts.cancelled += difference
        case nil:
            counts.waiting += difference
            costWaiting.add(cost, difference)
        }
    }

    /// Counts everything anew: for simulators and tests.
    func checkCounts() {
        var fresh = TaskBook([])
        for record in records {
            fresh.count(record, 1)
            precondition(!record.isReady || record.isQueued, "\(record.id) waits outside the queue")
        }
        precondition(fresh.counts == counts, "counted \(fresh.counts) where the books say \(counts)")
    }
}

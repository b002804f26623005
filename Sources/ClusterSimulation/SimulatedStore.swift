import Basics
import Coordination
import Messaging
import Sweeps

/// The store of a simulated run: rows survive every crash, writes under way do not.
///
/// It is also the ledger: whatever breaks a rule of the protocol is noted as a ``violation``, judged by the rows alone
/// and not by what the coordinator believes.
struct SimulatedStore: Sendable {
    struct Row: Sendable {
        var attempts: UInt32 = 0
        var worker = ""
        var ended: Set<UInt32> = []
        var failureCount = 0
        var failed: FailureClass?
        var result: ContentHash?
        var hold: Hold?
        /// Where it has failed.
        var failedOn: Set<String> = []
    }

    private(set) var rows: [Row]
    private(set) var incarnation: UInt64 = 0
    private(set) var violation: String?
    /// What the user asked for and is durable, by the reason given.
    private(set) var wishes: Set<String> = []
    private let workload: Workload
    /// The highest sequence number applied in this incarnation: what comes again changes nothing.
    private var appliedThrough: UInt64 = 0

    init(_ workload: Workload) {
        self.workload = workload
        rows = Array(repeating: Row(), count: workload.items.count)
    }

    mutating func beginIncarnation() -> UInt64 {
        incarnation += 1
        appliedThrough = 0
        return incarnation
    }

    /// What a coordinator that starts now reads.
    var standings: [TaskStanding] {
        zip(workload.items, rows).map { item, row in
            var standing = TaskStanding(
                id: item.id, attempts: row.attempts, failureCount: row.failureCount, hold: row.hold,
                cost: Float(item.cost.inSeconds), stretchCost: Float(item.cost.inSeconds / 4))
            if let hash = row.result {
                standing.state = .done(hash)
            } else if let failed = row.failed {
                standing.state = .failed(failed)
            } else if row.attempts > 0, !row.ended.contains(row.attempts) {
                standing.state = .running(worker: row.worker)
            }
            return standing
        }
    }

    /// Makes a batch durable; `first` is the sequence number of its first write.
    mutating func apply(_ batch: [StoreWrite], first: UInt64) {
        for (offset, write) in batch.enumerated() where first + UInt64(offset) > appliedThrough {
            appliedThrough = first + UInt64(offset)
            apply(write)
        }
    }

    private mutating func apply(_ write: StoreWrite) {
        guard let assignment = write.assignment else {
            if case .steered(let verb, let tasks, let wish) = write {
                wishes.insert(wish)
                steer(verb, tasks)
            }
            return
        }
        let index = workload.index(of: assignment.task)
        let row = rows[index]
        let expected = workload.items[index].hash
        switch write {
        case .attemptStarted(_, let worker):
            check(
                assignment.attempt == row.attempts + 1,
                "\(assignment) after attempt \(row.attempts)")
            check(row.result == nil, "\(assignment) starts though the task has its result")
            if let hold = row.hold {
                check(false, "\(assignment) starts though the task is \(hold.rawValue)")
            }
            rows[index].attempts = assignment.attempt
            rows[index].worker = worker.name
        case .result(let report, _):
            check(row.result == nil, "a second result of \(assignment.task) is written")
            check(
                report.contentHash == expected,
                "\(assignment) has another result than a calm run")
            check(assignment.attempt <= row.attempts, "\(assignment) has a result but never began")
            rows[index].result = report.contentHash
            rows[index].failed = nil
            rows[index].hold = nil
        case .attemptEnded(let report, let worker, let isFinal):
            check(
                assignment.attempt == row.attempts,
                "\(assignment) ends though it is not the newest attempt")
            check(!row.ended.contains(assignment.attempt), "\(assignment) ends twice")
            check(row.result == nil, "\(assignment) fails though the task has its result")
            rows[index].ended.insert(assignment.attempt)
            if report.failureClass.countsAgainstTask {
                rows[index].failureCount += 1
                rows[index].failedOn.insert(worker.host)
            }
            if isFinal { rows[index].failed = report.failureClass }
        case .disagreement: check(false, "\(assignment) disagrees though training is deterministic")
        case .steered: break
        }
    }

    private mutating func steer(_ verb: SteeringVerb, _ tasks: [TaskID]) {
        for task in tasks {
            let index = workload.index(of: task)
            // A result that became durable in the same moment stands.
            guard rows[index].result == nil else { continue }
            switch verb {
            case .pause: rows[index].hold = .paused
            case .unpause: rows[index].hold = nil
            case .cancel:
                rows[index].hold = .cancelled
                if rows[index].attempts > 0 { rows[index].ended.insert(rows[index].attempts) }
            case .retry:
                rows[index].hold = nil
                rows[index].failed = nil
                rows[index].failureCount = 0
            }
        }
    }

    // MARK: - Rules

    mutating func check(_ condition: Bool, _ text: @autoclosure () -> String) {
        if !condition, violation == nil { violation = text() }
    }

    func hasResult(_ task: TaskID) -> Bool { rows[workload.index(of: task)].result != nil }

    /// TASK goes out only under a durable number.
    mutating func checkDispatch(_ assignment: Assignment) {
        let row = rows[workload.index(of: assignment.task)]
        check(row.attempts == assignment.attempt, "\(assignment) is sent, durable is attempt \(row.attempts)")
        check(row.result == nil, "\(assignment) is sent though the task has its result")
    }

    /// A task that has failed on one host only is given up when nobody else can try it, or after a great many failures.
    mutating func checkGivingUp(_ report: FailureReport, on host: String, others: [String]) {
        let row = rows[workload.index(of: report.assignment.task)]
        check(
            !row.failedOn.isSubset(of: [host]) || others.isEmpty || row.failureCount >= 5,
            "\(report.assignment.task) is given up on the word of \(host) though \(others) could try it")
    }

    /// Only the newest attempt of a task without a result may leave a checkpoint.
    mutating func checkFence(ofCheckpoint assignment: Assignment) {
        let row = rows[workload.index(of: assignment.task)]
        check(
            row.attempts == assignment.attempt,
            "a checkpoint of \(assignment) is kept though attempt \(row.attempts) began")
    }

    /// An acknowledgement goes out only when what it acknowledges is durable.
    mutating func checkAcknowledgement(_ assignment: Assignment, _ disposition: Disposition) {
        let row = rows[workload.index(of: assignment.task)]
        let isSettled =
            row.result != nil || row.ended.contains(assignment.attempt)
            || disposition == .superseded && (row.attempts > assignment.attempt || row.failed != nil)
        check(isSettled, "\(assignment) is acknowledged (\(disposition.rawValue)) before anything is durable")
    }

    /// Only the newest attempt may go on.
    mutating func checkKept(_ assignment: Assignment) {
        let row = rows[workload.index(of: assignment.task)]
        check(
            assignment.attempt >= row.attempts, "\(assignment) may go on though attempt \(row.attempts) began"
        )
    }

    /// Each task has come to the end that it must come to.
    ///
    /// Where a host was sick a task may also have been given up there, because nobody else was there to try it.
    mutating func checkEnd(sickHost: Int?) {
        for (item, row) in zip(workload.items, rows) where row.hold != .cancelled {
            switch item.behaviour {
            case .sound, .shaky:
                let isSpoiled =
                    sickHost.map { row.failed != nil && row.failedOn.contains("node\($0)") } ?? false
                check(
                    row.result == item.hash || isSpoiled,
                    "\(item.id) ended without its result (\(row.failed?.rawValue ?? "open"))")
            case .invalid:
                check(row.failed == .invalidConfiguration, "\(item.id) is invalid and did not fail as such")
                check(row.failureCount == 1, "\(item.id) is invalid and was tried \(row.failureCount) times")
            case .poison:
                check(row.failed?.mayBeOfHost == true, "\(item.id) always crashes and did not fail as such")
                // Three, and up to three more where a host was under suspicion.
                check(
                    3...6 ~= row.failureCount,
                    "\(item.id) always crashes and was given up after \(row.failureCount)")
            }
        }
    }
}

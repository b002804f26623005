import Basics
import Sweeps

/// What failures say about the hosts that they happened on.
///
/// A task that fails may be to blame itself, or its host. What became of it elsewhere tells:
///
/// - It failed on one host, and was not tried elsewhere: this speaks against the host, until it is known better.
/// - It failed on two hosts: this speaks against the task and against no host.
/// - It failed on some hosts, and another gave its result: this speaks against those hosts, proven.
///
/// A host becomes suspect when so many different tasks in a row speak against it; a result that it gives clears it of
/// all that was before. What is done about a suspect is not decided here; see ``Coordinator/isSetAside(_:)``.
///
/// Hosts are entered at their first failure, so that a healthy cluster pays one comparison a result.
struct HostBook: Sendable {
    struct Record: Sendable {
        let name: String
        /// One entry for each task that speaks against the host, oldest first.
        fileprivate(set) var evidence: [Evidence] = []
        /// What happened before this moment does not count any more.
        fileprivate var clearedAt = 0
        /// When a worker was last lost with what it trained.
        fileprivate var lossAt: Instant?
        /// It gets no tasks.
        var isSetAside = false
        /// People were told so, and not yet that it is over.
        var isAnnounced = false
    }

    struct Evidence: Hashable, Sendable {
        let taskIndex: Int
        let failureClass: FailureClass
        /// A number that grows with every event of the book.
        fileprivate let moment: Int
    }

    /// Failures of one task on one host.
    struct Trial: Sendable {
        let host: String
        fileprivate(set) var count: Int
        fileprivate var failureClass: FailureClass
        fileprivate var moment: Int
    }

    /// So many tasks in a row make a host suspect.
    private let tasksMax: Int
    private(set) var records: [Record] = []
    private var indexByName: [String: Int] = [:]
    /// Where tasks have failed that have no result and were not given up.
    private var trialsByTask: [Int: [Trial]] = [:]
    private var moment = 0
    /// Changes whenever a host may have become suspect or is so no more.
    private(set) var changeCount = 0

    /// So much evidence is kept for a host; more proves nothing more.
    private static let evidenceMax = 64

    init(tasksMax: Int) { self.tasksMax = tasksMax }

    var isEmpty: Bool { records.isEmpty }

    func isSuspect(_ record: Record) -> Bool { record.evidence.count >= tasksMax }

    func record(of host: String) -> Record? { indexByName[host].map { records[$0] } }

    /// Where the task has failed, without hosts where nothing but their own loss befell it.
    func trials(of task: Int) -> [Trial] { trialsByTask[task] ?? [] }

    func hasFailed(_ task: Int, on host: String) -> Bool { trials(of: task).contains { $0.host == host } }

    mutating func setAside(_ host: Int, _ isSetAside: Bool) { records[host].isSetAside = isSetAside }
    mutating func announce(_ host: Int, _ isAnnounced: Bool) { records[host].isAnnounced = isAnnounced }

    // MARK: - What happened

    /// A task failed in a way that may be its host's fault.
    mutating func noteFailure(of task: Int, on host: String, _ failureClass: FailureClass) {
        let place = enter(host)
        moment += 1
        var trials = trials(of: task)
        if let known = trials.firstIndex(where: { $0.host == host }) {
            trials[known].count += 1
            trials[known].failureClass = failureClass
            trials[known].moment = moment
        } else {
            trials.append(Trial(host: host, count: 1, failureClass: failureClass, moment: moment))
        }
        trialsByTask[task] = trials
        if trials.count == 1 {
            add(Evidence(taskIndex: task, failureClass: failureClass, moment: moment), at: place)
        } else {
            for trial in trials { withdraw(task, on: trial.host) }
        }
    }

    /// A worker vanished while it trained, and did not come back.
    ///
    /// All workers that a host loses within `span` were lost at one blow, which is one event and not many in a row.
    mutating func noteLoss(of task: Int, on host: String, at time: Instant, within span: Duration) {
        let place = enter(host)
        moment += 1
        if let last = records[place].lossAt, time - last < span { return }
        records[place].lossAt = time
        add(Evidence(taskIndex: task, failureClass: .infrastructureLost, moment: moment), at: place)
    }

    /// A host gave a result: nothing is wrong with it, and much with those that had failed the same task before.
    mutating func noteResult(of task: Int, on host: String) {
        guard !isEmpty else { return }
        moment += 1
        clear(host)
        for trial in trialsByTask.removeValue(forKey: task) ?? [] where trial.host != host {
            guard let place = indexByName[trial.host], records[place].clearedAt < trial.moment else {
                continue
            }
            add(
                Evidence(taskIndex: task, failureClass: trial.failureClass, moment: trial.moment), at: place)
        }
    }

    /// The task was given up, or people have taken it into their hands: it says nothing about hosts any more.
    mutating func forget(_ task: Int) {
        for trial in trialsByTask.removeValue(forKey: task) ?? [] { withdraw(task, on: trial.host) }
    }

    /// Somebody has started a worker on the host anew: it gets a new chance.
    mutating func clear(_ host: String) {
        guard let place = indexByName[host] else { return }
        records[place].clearedAt = moment
        guard !records[place].evidence.isEmpty else { return }
        records[place].evidence = []
        changeCount += 1
    }

    // MARK: - Entries

    private mutating func enter(_ host: String) -> Int {
        if let place = indexByName[host] { return place }
        indexByName[host] = records.count
        records.append(Record(name: host))
        return records.count - 1
    }

    private mutating func add(_ evidence: Evidence, at place: Int) {
        records[place].evidence.removeAll { $0.taskIndex == evidence.taskIndex }
        records[place].evidence.append(evidence)
        if records[place].evidence.count > HostBook.evidenceMax { records[place].evidence.removeFirst() }
        changeCount += 1
    }

    private mutating func withdraw(_ task: Int, on host: String) {
        guard let place = indexByName[host] else { return }
        records[place].evidence.removeAll { $0.taskIndex == task }
        changeCount += 1
    }
}

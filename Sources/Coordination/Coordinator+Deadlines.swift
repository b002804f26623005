import Basics
import Messaging
public import Sweeps

/// Which tasks a worker has the time for that must leave at a known moment.
///
/// Nothing is started that could not end before, unless its state can be kept on the way: then it goes on elsewhere,
/// and no epoch is lost.
extension Coordinator {
    /// How much of a task a worker has time for.
    enum Room: Hashable {
        /// Not even for a part that could be kept; it would need so many seconds.
        case none(needed: Double)
        /// For a part, which can be kept and handed on.
        case part
        case all
    }

    /// How much of a task the worker at a place can do before it must leave.
    ///
    /// All where the worker has no deadline. Where nothing was measured yet there is no telling, and the worker may
    /// try: a task that it gives back costs time, and an idle worker nothing but hope.
    func room(for task: TaskBook.Record, at place: Int) -> Room {
        guard let leavesAt = workers[place].leavesAt, let secondsPerCost = secondsPerCost(place) else {
            return .all
        }
        let left = (leavesAt - lastEvent).inSeconds
        // Two standard deviations on the safe side, and never less than a quarter of the prediction.
        let secondsAtMost = secondsPerCost * (1 + max(0.25, 2 * fleetSpeed.spread))
        let whole = task.cost.asCounted * secondsAtMost
        if whole <= left { return .all }
        guard task.stretchCost > 0, limits.checkpointBytesMax > 0 else { return .none(needed: whole) }
        // Two stretches: the first may end before a checkpoint is due. Then the way of the state to its safety.
        let reserve = limits.handBackReserve.inSeconds
        let part = reserve + max(reserve, 2 * Double(task.stretchCost) * secondsAtMost)
        return part <= left ? .part : .none(needed: min(part, whole))
    }

    /// How many waiting tasks are looked at for one that fits.
    private static let lookaheadMax = 512

    /// The first waiting task that the worker at a place may try and can end, or else the first that it can do a part
    /// of, taken out of the queue.
    mutating func takeWaiting(for place: Int) -> Int? {
        if workers[place].secondsLacking != nil { workers[place].secondsLacking = nil }
        guard !hosts.isEmpty || workers[place].leavesAt != nil else { return tasks.takeWaiting() }
        var passedOver: [Int] = []
        var partly: Int?
        var least: Double?
        defer { for index in passedOver where index != partly { tasks.putBack(index) } }
        while passedOver.count < Coordinator.lookaheadMax, let index = tasks.takeWaiting() {
            if mayTry(index, at: place) {
                switch room(for: tasks[index], at: place) {
                case .all:
                    partly = nil
                    return index
                case .part: partly = partly ?? index
                case .none(let needed): least = min(least ?? needed, needed)
                }
            }
            passedOver.append(index)
        }
        if partly == nil { workers[place].secondsLacking = least }
        return partly
    }

    // MARK: - For people

    /// A sweep in which tasks wait and nobody has the time for any.
    public struct Standstill: Hashable, Sendable, CustomStringConvertible {
        public let waitingCount: Int
        /// What the least of the tasks needs on the worker that it suits best.
        public let secondsNeeded: Double
        /// How long the worker can stay that stays longest.
        public let secondsLeft: Double

        /// One sentence for people, with what to do.
        public var description: String {
            "\(waitingCount) tasks wait and no worker here can stay long enough for one: the shortest needs about "
                + "\(Int(secondsNeeded.rounded(.up))) s, the longest stay ends in \(Int(max(0, secondsLeft))) s; start "
                + "workers that may stay longer (--deadline, --until)"
        }
    }

    /// `nil` while anything runs, or might.
    var standstill: Standstill? {
        guard mode == .working, storeProblem == nil, tasks.counts.waiting > 0, tasks.counts.held == 0 else {
            return nil
        }
        var (needed, left) = (Double.infinity, 0.0)
        for place in workers.places where isServing(place) && !isSetAside(place) {
            guard let lacking = workers[place].secondsLacking, let leavesAt = workers[place].leavesAt else {
                return nil
            }
            needed = min(needed, lacking)
            left = max(left, (leavesAt - lastEvent).inSeconds)
        }
        guard needed.isFinite else { return nil }
        return Standstill(waitingCount: tasks.counts.waiting, secondsNeeded: needed, secondsLeft: left)
    }

    /// Tells people once that the sweep stands still, and again when it has moved meanwhile.
    mutating func noteStandstill() {
        guard let standstill else {
            if tasks.counts.held > 0 { hasToldStandstill = false }
            return
        }
        guard !hasToldStandstill else { return }
        hasToldStandstill = true
        effects.append(.log(.standstill(standstill)))
    }

    /// What keeps a task from being handed out at this moment.
    public enum Obstacle: Hashable, Sendable, CustomStringConvertible {
        /// The coordinator hands out nothing.
        case mode(Mode)
        /// The store cannot be written.
        case store(String)
        /// Nobody is here that takes tasks.
        case noWorker
        /// It failed on these hosts, and waits for a worker on another.
        case failedOn([String], waitsFor: [String])
        /// Nobody can stay long enough; seconds needed at least, and the longest stay.
        case noTime(needed: Double, left: Double)
        /// Others come first.
        case others(Int)

        public var description: String {
            switch self {
            case .mode(let mode): "the sweep is \(mode.rawValue): nothing is handed out"
            case .store(let reason): "nothing is handed out while the store cannot be written: \(reason)"
            case .noWorker: "no worker is here that takes tasks"
            case .failedOn(let hosts, let names):
                "it failed on \(hosts.joined(separator: ", ")) and waits for a worker elsewhere: "
                    + names.joined(separator: ", ")
            case .noTime(let needed, let left):
                "it needs about \(Int(needed.rounded(.up))) s, and the longest stay of a worker here ends in "
                    + "\(Int(max(0, left))) s: start one that may stay longer (--deadline, --until)"
            case .others(let count): "\(count) tasks wait, and the workers here are busy"
            }
        }
    }

    private func nameWithState(_ host: String) -> String {
        hosts.record(of: host)?.isSetAside ?? false ? "\(host) (set aside)" : host
    }

    /// Why a task is not handed out; `nil` unless it waits.
    public func obstacle(of task: TaskID) -> Obstacle? {
        guard let index = tasks.index(of: task), tasks[index].isReady else { return nil }
        if mode != .working { return .mode(mode) }
        if let problem = storeProblem { return .store(problem.reason) }
        let serving = workers.places.filter { isServing($0) && !isSetAside($0) }
        if serving.isEmpty { return .noWorker }
        let allowed = serving.filter { mayTry(index, at: $0) }
        var (needed, left) = (Double.infinity, 0.0)
        for place in allowed {
            guard case .none(let lacking) = room(for: tasks[index], at: place) else {
                let failed = hosts.trials(of: index).map(\.host)
                // A task that has failed wherever it could goes where there is room, as any other.
                guard !failed.isEmpty,
                    !allowed.contains(where: { failed.contains(workers[$0].description?.host ?? "") })
                else { return .others(tasks.counts.waiting) }
                return .failedOn(failed.map(nameWithState), waitsFor: allowed.map { workers[$0].name })
            }
            needed = min(needed, lacking)
            left = max(left, workers[place].leavesAt.map { ($0 - lastEvent).inSeconds } ?? 0)
        }
        return .noTime(needed: needed, left: left)
    }
}

import Basics
package import Coordination
import Messaging
import Sweeps

/// A whole cluster in one thread: the production coordinator and workers on simulated clock, network, disk and
/// training.
///
/// Time jumps from one happening to the next. Everything random comes from named streams of one seed, so that a seed
/// is a story that can be told again:
///
///     let verdict = SimulatedCluster.run(seed: 7)
///     print(verdict.violation ?? "sound")
///
/// First faults rage; then all is healed, and the sweep must end with every task as in a calm run.
public struct SimulatedCluster: Sendable {
    /// What to simulate.
    public struct Options: Hashable, Sendable {
        /// `nil` draws a number from the seed.
        public var taskCount: Int?
        /// `nil` draws a number from the seed.
        public var workerCount: Int?
        /// `nil` draws a swarm from the seed.
        public var faults: Faults?
        /// How long faults rage.
        public var faultPhase = Duration.seconds(120)
        /// Record a line for everything that happens.
        public var isTracing = false
        /// Send every message through the wire format; `nil` for one seed in sixteen.
        public var isThroughWire: Bool?
        /// Makes every task sound and as long as this; `nil` for a mixture drawn from the seed.
        package var plainTaskCost: Duration?
        /// Every worker starts within this time.
        package var joiningTime = Duration.seconds(3)
        /// Kills the coordinator before it performs this effect, counted from 1 over all its lives.
        package var coordinatorDiesAtEffect: Int?
        /// Kills the first worker before it performs this effect, counted from 1 over all its lives.
        package var workerDiesAtEffect: Int?
        /// A mistake planted into the coordinator.
        package var mutation: Coordinator.Mutation?

        public init() {}
    }

    enum Happening: Sendable {
        case arrivesAtCoordinator(WorkerEnvelope, SessionID)
        case arrivesAtWorker(CoordinatorEnvelope, worker: Int, SessionID)
        case sessionLost(SessionID, life: Int)
        case coordinatorTicks(life: Int)
        case workerTicks(Int, life: Int)
        case commitIsDue(life: Int)
        case commitEnds(life: Int)
        case workerConnects(Int, life: Int)
        case trains(Int, life: Int, training: Int, step: Int)
        case coordinatorStarts
        case workerStarts(Int)
        case checkpointIsWritten(CheckpointAssembly, Assignment, life: Int)
        case checkpointIsRead(CheckpointChunk?, CheckpointRequest, SessionID, life: Int)
        case strikes(Nemesis)
        case heals
        case releases
    }

    let seed: UInt64
    let options: Options
    let faults: Faults
    let workload: Workload
    let sweep = SweepID(0xDE5C)

    private(set) var now = Instant.origin
    var agenda = Agenda<Happening>()
    var network: SimulatedNetwork
    var store: SimulatedStore
    var checkpoints: SimulatedCheckpoints
    var coordinator = SimulatedCoordinator()
    var workers: [SimulatedWorker]
    var workerBySession: [SessionID: Int] = [:]
    var history: History
    /// Crashes that shaky tasks still have in them.
    var crashesLeft: [Int]
    /// How often each task was trained to its end.
    package var trainingCounts: [Int]
    /// After which epochs training went on from a checkpoint that came over the network.
    package var resumedEpochs: [Int] = []
    var crashes: SeededGenerator
    var training: SeededGenerator
    var names: SeededGenerator
    var storeFailsUntil = Instant.origin
    var isFaulty = true
    var hasFinished = false
    /// Wishes of the user so far.
    var askedCount = 0
    /// A rule broken outside the store.
    var violation: String?
    package internal(set) var messageCount = 0
    var crashCount = 0
    var coordinatorEffectCount = 0
    var workerEffectCount = 0
    private var stepCount = 0
    /// Whether every message goes through the wire format on its way; costs time, so some seeds only.
    let isThroughWire: Bool

    /// A cluster about to start.
    package init(seed: UInt64, options: Options) {
        var generator = SeededGenerator(seed: seed, stream: "cluster")
        let taskCount = options.taskCount ?? 1 + generator.index(below: 40)
        let workerCount = options.workerCount ?? 1 + generator.index(below: 6)
        let drawn = Faults.swarm(using: &generator)
        self.seed = seed
        self.options = options
        faults = options.faults ?? drawn
        workload = Workload(taskCount: taskCount, seed: seed, plainCost: options.plainTaskCost)
        network = SimulatedNetwork(workerCount: workerCount, faults: faults, seed: seed)
        store = SimulatedStore(workload)
        checkpoints = SimulatedCheckpoints(taskCount: taskCount)
        workers = (0..<workerCount).map { index in
            let slowness = 1 + Double(generator.index(below: 3))
            return SimulatedWorker(index: index, slowness: options.plainTaskCost == nil ? slowness : 1)
        }
        history = History(isTracing: options.isTracing)
        crashesLeft = workload.items.map { if case .shaky(let crashes) = $0.behaviour { crashes } else { 0 } }
        trainingCounts = Array(repeating: 0, count: taskCount)
        crashes = SeededGenerator(seed: seed, stream: "crashes")
        training = SeededGenerator(seed: seed, stream: "training")
        names = SeededGenerator(seed: seed, stream: "sessions")
        isThroughWire = options.isThroughWire ?? (seed % 16 == 0)

        agenda.add(.coordinatorStarts, at: .origin)
        for worker in workers.indices {
            let milliseconds = Int(options.joiningTime.wholeNanoseconds / 1_000_000)
            agenda.add(
                .workerStarts(worker), at: .origin + .milliseconds(generator.index(below: milliseconds)))
        }
        agenda.add(.heals, at: .origin + options.faultPhase)
        scheduleNemeses()
    }

    /// Simulates one seed to the end of its sweep, or to the first broken rule.
    public static func run(seed: UInt64, options: Options = Options()) -> Verdict {
        var cluster = SimulatedCluster(seed: seed, options: options)
        cluster.run()
        return cluster.verdict
    }

    /// Lets everything happen until the sweep has ended and everybody has left, or a rule is broken.
    package mutating func run() {
        // A single worker could have to do all the work, some of it again, after everything was healed.
        let work = workload.items.reduce(Duration.zero) { $0 + $1.cost } * 8
        let end = Instant.origin + options.faultPhase + work + .seconds(300)
        while violationFound == nil,
            !(hasFinished && coordinator.machine != nil && workers.allSatisfy(\.hasLeft))
        {
            guard now < end, step() else {
                violation =
                    "the sweep does not end: \(coordinator.machine?.picture.counts ?? Coordinator.TaskCounts())"
                break
            }
        }
        if violationFound == nil { store.checkEnd(sickHost: faults.sickHost) }
    }

    /// Whether the coordinator has said that the sweep has ended.
    package var hasEnded: Bool { hasFinished }

    /// Loses the next message that the predicate picks.
    package mutating func dropNext(_ isDropped: @escaping @Sendable (Traffic) -> Bool) {
        network.lossesOrdered.append(isDropped)
    }

    /// The first worker in training.
    package var trainer: Int? { workers.firstIndex { $0.trained != nil } }

    /// Lets everything happen that happens within `duration`.
    package mutating func advance(by duration: Duration) {
        let end = now + duration
        while let next = agenda.nextTime, next <= end, violationFound == nil, step() {}
        now = max(now, end)
    }

    /// Tasks whose result is durable.
    package var doneCount: Int { store.rows.count { $0.result != nil } }

    package var violationFound: String? { violation ?? store.violation }

    package var verdict: Verdict {
        Verdict(
            seed: seed, faults: faults, violation: violationFound, historyHash: history.hash,
            taskCount: workload.items.count, trainingCount: trainingCounts.reduce(0, +),
            resumedCount: resumedEpochs.count,
            messageCount: messageCount,
            crashCount: crashCount, duration: now - .origin, trace: history.lines)
    }

    /// Lets the next thing happen.
    private mutating func step() -> Bool {
        guard let (time, happening) = agenda.next() else { return false }
        now = max(now, time)
        stepCount += 1
        happen(happening)
        // The full comparison of the books is linear in the tasks: in large sweeps it is made now and then.
        if workload.items.count <= 64 || stepCount % 16 == 0 { coordinator.machine?.checkAllInvariants() }
        return true
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .arrivesAtCoordinator(let envelope, let session):
            arrive(envelope, from: session, again: happening)
        case .arrivesAtWorker(let envelope, let worker, let session):
            arrive(envelope, at: worker, session, again: happening)
        case .sessionLost(let session, let life):
            tellCoordinator(.sessionLost(session), life: life, again: happening)
        case .coordinatorTicks(let life): tickCoordinator(life: life, again: happening)
        case .workerTicks(let worker, let life): tick(worker, life: life, again: happening)
        case .commitIsDue(let life): commit(life: life, again: happening)
        case .commitEnds(let life): endCommit(life: life, again: happening)
        case .workerConnects(let worker, let life): connect(worker, life: life, again: happening)
        case .trains(let worker, let life, let training, let step):
            train(worker, life: life, training: training, step: step, again: happening)
        case .coordinatorStarts: startCoordinator()
        case .workerStarts(let worker): startWorker(worker)
        case .checkpointIsWritten(let assembly, let assignment, let life):
            endKeeping(assembly, of: assignment, life: life, again: happening)
        case .checkpointIsRead(let chunk, let request, let session, let life):
            tellCoordinator(.checkpointRead(chunk, request, for: session), life: life, again: happening)
        case .strikes(let nemesis): strike(nemesis)
        case .heals: heal()
        case .releases: releaseAll()
        }
    }
}

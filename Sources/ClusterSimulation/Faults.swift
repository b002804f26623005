public import Basics

/// What goes wrong in a simulated cluster, and how often.
public struct Faults: Hashable, Sendable, CustomStringConvertible {
    /// Chance that a message is lost.
    public var loss = 0.0
    /// Chance that a message arrives twice.
    public var duplication = 0.0
    /// Longest time a message is under way.
    public var delayMax = Duration.milliseconds(2)
    /// Later messages may overtake earlier ones.
    public var reorders = false
    /// Mean time between cuts of one worker's connection, one way or both; `nil` for none.
    public var cutEvery: Duration?
    /// Mean time between crashes of a worker process.
    public var workerCrashEvery: Duration?
    /// Mean time between crashes of the coordinator.
    public var coordinatorCrashEvery: Duration?
    /// Chance that a process dies between two effects of one event.
    public var crashMidway = 0.0
    /// Mean time between stops of a worker process (SIGSTOP, swapping).
    public var workerPauseEvery: Duration?
    /// Mean time between stops of the coordinator.
    public var coordinatorPauseEvery: Duration?
    /// Mean time between spells in which the store cannot commit.
    public var storeFailureEvery: Duration?
    /// Mean time between drains of a worker, which then leaves and comes back.
    public var workerDrainEvery: Duration?
    /// Mean time between wishes of the user: to pause, release, cancel or retry tasks, or to send a worker away.
    public var steeringEvery: Duration?
    /// Mean time between damages to checkpoints on the coordinator's disk.
    public var checkpointDamageEvery: Duration?
    /// Every task crashes on this host, which houses two workers; hosts are counted from 0.
    public var sickHost: Int?
    /// How long a worker may stay before it must leave; `nil` for ever.
    public var allocation: Duration?

    public init() {}

    /// A random choice: every fault is left out of about half of all seeds, so that each can show alone and any two
    /// can meet.
    public static func swarm(using generator: inout SeededGenerator) -> Faults {
        var faults = Faults()
        func chosen(_ generator: inout SeededGenerator) -> Bool { generator.index(below: 2) == 0 }
        func every(_ low: Int, _ high: Int, _ generator: inout SeededGenerator) -> Duration? {
            let drawn = Duration.seconds(low + generator.index(below: high - low))
            return chosen(&generator) ? drawn : nil
        }
        if chosen(&generator) { faults.loss = generator.uniform(0, 0.3) }
        if chosen(&generator) { faults.duplication = generator.uniform(0, 0.3) }
        if chosen(&generator) { faults.delayMax = .milliseconds(1 + generator.index(below: 3000)) }
        faults.reorders = chosen(&generator)
        faults.cutEvery = every(10, 120, &generator)
        faults.workerCrashEvery = every(10, 120, &generator)
        faults.coordinatorCrashEvery = every(20, 180, &generator)
        if chosen(&generator) { faults.crashMidway = generator.uniform(0, 0.005) }
        faults.workerPauseEvery = every(10, 120, &generator)
        faults.coordinatorPauseEvery = every(20, 180, &generator)
        faults.storeFailureEvery = every(10, 120, &generator)
        faults.workerDrainEvery = every(20, 180, &generator)
        faults.steeringEvery = every(5, 60, &generator)
        faults.checkpointDamageEvery = every(5, 60, &generator)
        if chosen(&generator) { faults.sickHost = generator.index(below: 2) }
        faults.allocation = every(30, 180, &generator)
        return faults
    }

    public var description: String {
        var parts: [String] = []
        if loss > 0 { parts.append("loss \(Int(loss * 100)) %") }
        if duplication > 0 { parts.append("duplication \(Int(duplication * 100)) %") }
        parts.append("delay up to \(delayMax)")
        if reorders { parts.append("reordering") }
        if crashMidway > 0 { parts.append("crashes midway") }
        if let sickHost { parts.append("host \(sickHost) sick") }
        if let allocation { parts.append("allocations of \(allocation)") }
        let spells = [
            ("cut", cutEvery), ("worker crash", workerCrashEvery),
            ("coordinator crash", coordinatorCrashEvery),
            ("worker pause", workerPauseEvery), ("coordinator pause", coordinatorPauseEvery),
            ("store failure", storeFailureEvery), ("drain", workerDrainEvery),
            ("steering", steeringEvery), ("damaged checkpoint", checkpointDamageEvery),
        ]
        for (name, every) in spells { if let every { parts.append("\(name) every \(every)") } }
        return parts.joined(separator: ", ")
    }
}

internal import Basics

/// What a simulation found.
public struct Verdict: Hashable, Sendable, CustomStringConvertible {
    public let seed: UInt64
    public let faults: Faults
    /// The rule that was broken first; `nil` when all held to the end.
    public let violation: String?
    /// Two runs of one seed have the same.
    public let historyHash: UInt64
    public let taskCount: Int
    /// Trainings that ran to their end; each beyond one a task is work done again because of a fault.
    public let trainingCount: Int
    /// Trainings that went on from a checkpoint of another worker.
    public let resumedCount: Int
    public let messageCount: Int
    public let crashCount: Int
    /// How long the simulated sweep took.
    public let duration: Duration
    /// One line for each thing that happened; empty unless tracing was asked for.
    public let trace: [String]

    public var isSound: Bool { violation == nil }

    /// One line, which for a violation says how to see it again.
    public var description: String {
        let story =
            "seed \(seed): \(taskCount) tasks, \(trainingCount) trainings (\(resumedCount) resumed), \(crashCount) crashes, "
            + "\(messageCount) messages in \(Int(duration.inSeconds)) s; \(faults)"
        guard let violation else { return story }
        return "\(violation)\n  \(story)\n  to see it: descent simulate --seed \(seed) --trace"
    }
}

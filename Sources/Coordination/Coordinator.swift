public import Basics
public import Messaging

/// Decides which worker runs which task, and when an attempt is lost.
///
/// `Coordinator` is a state machine and nothing else: it opens no socket, reads no clock and writes no row.
/// ``handle(_:at:)`` takes one event and returns the effects it asks for; the caller performs them in order.
public struct Coordinator: Sendable {
    let sweep: SweepID
    let incarnation: UInt64
    let limits: Limits

    /// A coordinator of `tasks` in the order in which they shall be handed out.
    ///
    /// - Parameters:
    ///   - sweep: Which sweep the tasks belong to.
    ///   - incarnation: One more than at the last start, stored durably before any message is sent.
    ///   - tasks: What the store knows of each task. A task's index here is its `taskIndex` in effects.
    ///   - limits: How patient and how generous to be.
    ///   - now: The time, on the clock of all later events.
    public init(
        sweep: SweepID, incarnation: UInt64, tasks: [TaskStanding], limits: Limits = .standard,
        at now: Instant
    ) {
        self.sweep = sweep
        self.incarnation = incarnation
        self.limits = limits
    }

    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] { [] }
}

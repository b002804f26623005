public import Basics
public import Messaging

/// The worker's side of the protocol: takes tasks, reports what it holds, keeps results until they are acknowledged.
///
/// `Worker` is a state machine and nothing else: the training, the socket, the clock and the outbox on disk belong to
/// the caller. ``handle(_:at:)`` takes one event and returns the effects it asks for, to be performed in order.
public struct Worker: Sendable {
    let description: WorkerDescription
    let limits: Limits

    /// A worker that has not met its coordinator yet; its first event is ``Event/connected``.
    ///
    /// - Parameters:
    ///   - description: What HELLO will say.
    ///   - outbox: Reports that an earlier process of this worker left behind, oldest first.
    ///   - limits: How patient to be and how much to take on.
    ///   - now: The time, on the clock of all later events.
    public init(
        _ description: WorkerDescription, outbox: [AttemptReport] = [], limits: Limits = .standard,
        at now: Instant
    ) {
        self.description = description
        self.limits = limits
    }

    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] { [] }
}

/// How often a task's state is kept, and for how long: never part of its identity, for it changes no result.
public struct CheckpointPolicy: Hashable, Sendable {
    /// Seconds of work between two checkpoints; tasks that take less than this keep none and cost nothing.
    public var seconds: Double
    /// Epochs between two checkpoints, whatever time they took; 0 leaves it to ``seconds``.
    public var every: Int
    /// Whether all checkpoints stay, also after the task has ended: for probes that are thought of later.
    public var keepsAll: Bool

    public init(seconds: Double = 30, every: Int = 0, keepsAll: Bool = false) {
        self.seconds = seconds
        self.every = every
        self.keepsAll = keepsAll
    }

    /// The policy that a task's environment asks for.
    public init(environment: Setting) {
        let standard = CheckpointPolicy()
        self.init(
            seconds: environment["checkpoints.seconds"]?.asNumber ?? standard.seconds,
            every: environment["checkpoints.every"]?.asInteger ?? standard.every,
            keepsAll: environment["checkpoints.keep"]?.asText == "all")
    }

    /// The keys of `checkpoints` in sweep files.
    public static let options = [
        Option(
            "seconds", .number(0...1e9), standard: 30, unit: "seconds",
            "Work between two checkpoints of a task; shorter tasks keep none.", isScientific: false),
        Option(
            "every", .integer(0...100_000_000), standard: 0, unit: "epochs",
            "Epochs between two checkpoints, whatever time they took; 0 leaves it to seconds.",
            isScientific: false),
        Option(
            "keep", .choice(["last", "all"]), standard: "last",
            "The newest checkpoint until the task has ended; or one of each measured epoch, for good.",
            isScientific: false),
    ]

    /// Whether a checkpoint is due.
    ///
    /// - Parameters:
    ///   - moment: Where the task is.
    ///   - elapsed: The time since the last checkpoint, or since the task began.
    /// - Returns: True once a limit is reached; where all stay, also wherever the task is measured.
    public func isDue(_ moment: CheckpointMoment, elapsed: Duration) -> Bool {
        if keepsAll, moment.isMeasured { return true }
        if moment.isEnd { return false }
        if every > 0, moment.epoch % every == 0 { return true }
        let (seconds, attoseconds) = elapsed.components
        return Double(seconds) + Double(attoseconds) * 1e-18 >= self.seconds
    }
}

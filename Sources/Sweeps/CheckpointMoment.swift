/// The end of an epoch, at which a task's state could be kept.
public struct CheckpointMoment: Hashable, Sendable {
    /// Passes over the training samples so far.
    public let epoch: Int
    /// Whether the task has just been measured.
    public let isMeasured: Bool
    /// Whether nothing is left to train.
    public let isEnd: Bool

    public init(epoch: Int, isMeasured: Bool = false, isEnd: Bool = false) {
        self.epoch = epoch
        self.isMeasured = isMeasured
        self.isEnd = isEnd
    }
}

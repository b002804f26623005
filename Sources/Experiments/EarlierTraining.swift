public import Sweeps

/// What a task left that was trained alike and measured otherwise: its checkpoints save the training.
public struct EarlierTraining {
    /// After which epochs there is a checkpoint, ascending.
    public let epochs: [Int]
    /// Reads one; `nil` where that is not possible any more.
    public let load: (_ epoch: Int) -> TaskCheckpoint?

    public init(epochs: [Int], load: @escaping (_ epoch: Int) -> TaskCheckpoint?) {
        self.epochs = epochs.sorted()
        self.load = load
    }
}

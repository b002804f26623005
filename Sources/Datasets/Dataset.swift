/// What one task trains and tests on: the drawn subsets, with the label noise applied.
public struct Dataset: Sendable {
    public let train: Samples
    /// Test labels are always clean: true and assigned are equal.
    public let test: Samples
    public let classCount: Int
    /// The values a pixel can take after scaling: random points of the local complexity are drawn from it.
    public let inputRange: ClosedRange<Double>

    public init(train: Samples, test: Samples, classCount: Int, inputRange: ClosedRange<Double>) {
        self.train = train
        self.test = test
        self.classCount = classCount
        self.inputRange = inputRange
    }

    /// How the pixels of both sets are scaled, channel by channel.
    public var scaling: [ChannelScaling] { train.scaling }
}

/// How the pixels of one channel were scaled: x ↦ (x − mean) / deviation for a pixel x in [0, 1].
public struct ChannelScaling: Hashable, Sendable {
    public let mean: Double
    /// Positive.
    public let deviation: Double

    public init(mean: Double, deviation: Double) {
        precondition(deviation > 0, "a deviation of \(deviation)")
        self.mean = mean
        self.deviation = deviation
    }

    /// Pixels as they are.
    public static let none = ChannelScaling(mean: 0, deviation: 1)
}

/// What a task or a part of one takes, predicted before it runs.
public struct Cost: Hashable, Sendable {
    /// Floating-point operations: 2 for each multiply-add of a linear layer or a convolution.
    public var floatingPointOperations: Double
    /// Bytes resident at the peak.
    public var memoryBytes: Double

    public init(floatingPointOperations: Double = 0, memoryBytes: Double = 0) {
        self.floatingPointOperations = floatingPointOperations
        self.memoryBytes = memoryBytes
    }
}

public import Datasets
public import LinearAlgebra
public import Networks

/// What a probe may look at: a network, its parameters of this moment, the data, and the seed for its own draws.
public struct Snapshot<Scalar: Real>: Sendable {
    public let network: any Network<Scalar>
    /// Read only: the trainer goes on with the same block after the probe returns.
    public let parameters: ParameterBlock<Scalar>
    public let dataset: Dataset
    /// How examples are weighed against labels: the loss that training minimises.
    public let loss: any Loss<Scalar>
    /// The task's seed, of which a probe derives streams named after itself, the same at every epoch.
    public let seed: UInt64
    /// Reused between measurements so that a probe allocates once a task; the probe's own name is the key.
    public let scratch: ProbeScratch

    public init(
        network: any Network<Scalar>, parameters: ParameterBlock<Scalar>, dataset: Dataset,
        loss: any Loss<Scalar>, seed: UInt64, scratch: ProbeScratch
    ) {
        self.network = network
        self.parameters = parameters
        self.dataset = dataset
        self.loss = loss
        self.seed = seed
        self.scratch = scratch
    }
}

/// What cost prediction knows of a task before it runs.
public struct ProbeSubject: Hashable, Sendable {
    public let inputCount: Int
    public let classCount: Int
    public let parameterCount: Int
    /// Units of each hidden layer.
    public let hiddenUnitCounts: [Int]
    /// Floating-point operations of one forward pass of one example.
    public let forwardOperations: Double
    public let trainCount: Int
    public let testCount: Int

    public init(
        inputCount: Int, classCount: Int, parameterCount: Int, hiddenUnitCounts: [Int],
        forwardOperations: Double,
        trainCount: Int, testCount: Int
    ) {
        self.inputCount = inputCount
        self.classCount = classCount
        self.parameterCount = parameterCount
        self.hiddenUnitCounts = hiddenUnitCounts
        self.forwardOperations = forwardOperations
        self.trainCount = trainCount
        self.testCount = testCount
    }
}

/// Workspaces and frames that a probe keeps from one measurement of a task to the next.
public final class ProbeScratch: @unchecked Sendable {
    private var kept: [String: Any] = [:]

    public init() {}

    /// The value kept under `key`, made on first use.
    ///
    /// Used by one thread only: the task's.
    public func value<Value>(_ key: String, make: () -> Value) -> Value {
        if let value = kept[key] as? Value { return value }
        let value = make()
        kept[key] = value
        return value
    }
}

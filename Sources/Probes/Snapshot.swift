public import Datasets
public import LinearAlgebra
public import Networks
public import Sweeps

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
    /// Optimiser steps so far.
    public let step: Int
    /// Reused between measurements so that a probe allocates once a task; the probe's own name is the key.
    public let scratch: ProbeScratch

    public init(
        network: any Network<Scalar>, parameters: ParameterBlock<Scalar>, dataset: Dataset,
        loss: any Loss<Scalar>, seed: UInt64, step: Int = 0, scratch: ProbeScratch
    ) {
        self.network = network
        self.parameters = parameters
        self.dataset = dataset
        self.loss = loss
        self.seed = seed
        self.step = step
        self.scratch = scratch
    }
}

/// What is known of a task before it runs: what costs depend on, and whether a probe fits at all.
public struct ProbeSubject: Hashable, Sendable {
    public let inputShape: ImageShape
    public let classCount: Int
    public let parameterCount: Int
    public let hiddenLayers: [HiddenLayer]
    /// Floating-point operations of one forward pass of one example.
    public let forwardOperations: Double
    private let separateWorkspace: WorkspaceSize
    private let joinedWorkspace: WorkspaceSize
    /// Whether the first hidden layer can be had on its own; see `AffineFirstLayer`.
    public let hasAffineFirstLayer: Bool
    public let hasBatchNorm: Bool
    public let trainCount: Int
    public let testCount: Int
    /// The resolved configuration, for what only some probes ask: `model.family`, `dataset.noise.kind`.
    public let configuration: Setting

    /// - Parameters:
    ///   - network: Of the task, in either precision.
    ///   - trainCount: Training samples.
    ///   - testCount: Test samples.
    ///   - configuration: Of the task, resolved.
    public init<Scalar: Real>(
        _ network: any Network<Scalar>, trainCount: Int, testCount: Int, configuration: Setting
    ) {
        inputShape = network.inputShape
        classCount = network.classCount
        parameterCount = network.layout.trainableCount
        hiddenLayers = network.hiddenLayers
        forwardOperations = network.forwardOperations
        separateWorkspace = WorkspaceSize(network, .separate)
        joinedWorkspace = WorkspaceSize(network, .joined)
        hasAffineFirstLayer = network is any AffineFirstLayer<Scalar>
        hasBatchNorm = network.hasBatchNorm
        self.trainCount = trainCount
        self.testCount = testCount
        self.configuration = configuration
    }

    /// Bytes of a workspace in single precision.
    func workspaceBytes(batch: Int, for passes: Passes = .separate) -> Double {
        let size = passes == .joined ? joinedWorkspace : separateWorkspace
        return 4 * (size.fixed + size.perExample * Double(batch))
    }

    public var inputCount: Int { inputShape.count }
    public var hiddenUnitCounts: [Int] { hiddenLayers.map(\.unitCount) }

    /// That metrics of noisy samples stay empty, where no label is wrong.
    ///
    /// - Parameters:
    ///   - metrics: What columns and layer metrics are called.
    ///   - isRefusedEverywhere: Whether the probe has no use without them.
    /// - Returns: One gap, or none where some labels are wrong.
    func gapsWithoutNoise(_ metrics: String, isRefusedEverywhere: Bool = false) -> [ProbeGap] {
        if hasNoise { return [] }
        return [
            ProbeGap(
                "\(metrics) stay empty, because no label is wrong; take a noise, such as dataset.noise: "
                    + "{kind: exact-other, rate: 0.2}", isRefusedEverywhere: isRefusedEverywhere)
        ]
    }

    /// Whether some training labels are wrong.
    public var hasNoise: Bool {
        let kind = configuration["dataset.noise.kind"]?.asText ?? "none"
        return kind != "none" && (configuration["dataset.noise.rate"]?.asNumber ?? 1) > 0
    }
}

/// Numbers of a workspace: as many for each example, and those that do not depend on the batch, such as packed weights.
private struct WorkspaceSize: Hashable, Sendable {
    let perExample: Double
    let fixed: Double

    init<Scalar: Real>(_ network: any Network<Scalar>, _ passes: Passes) {
        let one = Double(network.workspaceCount(batchMax: 128, for: passes))
        let two = Double(network.workspaceCount(batchMax: 256, for: passes))
        perExample = (two - one) / 128
        fixed = max(0, 2 * one - two)
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

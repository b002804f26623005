internal import LinearAlgebra
internal import Networks
public import Probes
public import Sweeps
internal import Training

/// What a task takes, predicted from its configuration and the catalogs: no file is opened.
public struct TaskCost: Hashable, Sendable {
    /// Numbers that training fits (P).
    public let parameterCount: Int
    /// Floating-point operations of one forward pass of one example.
    public let forwardOperations: Double
    /// Floating-point operations of all training steps: three forward passes for each sample and epoch.
    public let trainingOperations: Double
    /// Floating-point operations of losses and errors at all measured epochs.
    public let metricsOperations: Double
    /// Floating-point operations at all measured epochs, probe by probe in catalog order.
    public let probes: [ProbeCost]
    /// Bytes resident at the peak: parameters, optimiser, activations, data, and the largest probe.
    public let memoryBytes: Double
    /// Rows of `measurements.csv`.
    public let rowCount: Int
    /// Optimiser steps.
    public let stepCount: Int
    /// Floating-point operations of the longest stretch between two ends of epochs, at which the state can be kept.
    public let stretchOperations: Double

    /// The share of one probe.
    public struct ProbeCost: Hashable, Sendable {
        public let name: String
        public let operations: Double
        /// What the probe leaves empty.
        public let gaps: [ProbeGap]
    }

    /// Floating-point operations of the whole task.
    public var operations: Double {
        trainingOperations + metricsOperations + probes.reduce(0) { $0 + $1.operations }
    }

    /// Predicts a task.
    ///
    /// - Throws: ``TaskError`` of class `invalidConfiguration`, naming the key.
    public static func predict(_ configuration: Setting) throws(TaskError) -> TaskCost {
        let plan = try TaskPlan(configuration)
        return switch plan.precision {
        case .float32: try predict(plan, Float.self)
        case .float64: try predict(plan, Double.self)
        }
    }

    private static func predict<Scalar: Real>(_ plan: TaskPlan, _: Scalar.Type) throws(TaskError) -> TaskCost
    {
        let subject = try plan.subject()
        let samples = Double(subject.trainCount + subject.testCount)
        let rows = plan.measured.count
        let stepsPerEpoch = (subject.trainCount + plan.recipe.batch - 1) / plan.recipe.batch
        let stepCount = plan.stepCount(stepsPerEpoch: stepsPerEpoch)
        let (epochs, rest) = stepCount.quotientAndRemainder(dividingBy: stepsPerEpoch)
        let examples = epochs * subject.trainCount + rest * plan.recipe.batch
        let costs = plan.probes.map { ($0, $0.cost(for: subject)) }
        let training = 3 * subject.forwardOperations * Double(examples)
        let metrics = subject.forwardOperations * samples
        let measuring = metrics + costs.reduce(0) { $0 + $1.1.floatingPointOperations }
        return TaskCost(
            parameterCount: subject.parameterCount,
            forwardOperations: subject.forwardOperations,
            trainingOperations: training,
            metricsOperations: metrics * Double(rows),
            probes: costs.map { probe, cost in
                ProbeCost(
                    name: type(of: probe).entry.name, operations: cost.floatingPointOperations * Double(rows),
                    gaps: probe.gaps(for: subject))
            },
            memoryBytes: try trainingBytes(plan, subject, Scalar.self) + plan.dataBytes(subject)
                + (costs.map(\.1.memoryBytes).max() ?? 0),
            rowCount: rows,
            stepCount: stepCount,
            stretchOperations: training * Double(stepsPerEpoch) / Double(max(stepCount, stepsPerEpoch))
                + measuring)
    }

    /// Bytes of parameters, gradients and optimiser state, and of the workspaces that train and measure.
    private static func trainingBytes<Scalar: Real>(
        _ plan: TaskPlan, _ subject: ProbeSubject, _: Scalar.Type
    ) throws(TaskError) -> Double {
        let network: any Network<Scalar> = try plan.makeNetwork(
            input: subject.inputShape, classCount: subject.classCount)
        let batch = Workspace<Scalar>.places(for: plan.recipe.batch)
        var numbers = (2 + plan.recipe.optimizer.stateBlockCount) * subject.parameterCount
        numbers += network.workspaceCount(batchMax: batch, for: .joined)
        if batch < Evaluator<Scalar>.batchMin {
            numbers += network.workspaceCount(batchMax: Evaluator<Scalar>.batchMin, for: .joined)
        }
        return Double(numbers * MemoryLayout<Scalar>.stride)
    }
}

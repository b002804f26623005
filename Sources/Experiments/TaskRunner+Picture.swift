internal import LinearAlgebra
internal import Probes
public import Sweeps

extension TaskRunner {
    /// Computes the picture of the linear regions around three training samples, for stored weights.
    ///
    /// - Parameters:
    ///   - weights: The bytes of a safetensors file with PyTorch's names and shapes.
    ///   - configuration: The resolved configuration of the task: data and network; nothing is trained or probed.
    ///   - environment: Where files are.
    /// - Returns: The regions, in double precision whatever the network trains in.
    /// - Throws: ``TaskError`` for weights that do not fit, and for networks that have no linear regions.
    public func partitionPicture(
        weights: [UInt8], configuration: Setting, environment: Setting
    ) throws(TaskError) -> PartitionPicture {
        let plan = try TaskPlan(configuration)
        if let problem = LinearRegions(options: [:]).problem(with: try plan.subject()) {
            throw .invalid("no picture of linear regions: \(problem)")
        }
        return switch plan.precision {
        case .float32: try picture(weights, plan, environment, Float.self)
        case .float64: try picture(weights, plan, environment, Double.self)
        }
    }

    private func picture<Scalar: Real>(
        _ weights: [UInt8], _ plan: TaskPlan, _ environment: Setting, _: Scalar.Type
    ) throws(TaskError) -> PartitionPicture {
        let run: TaskRun<Scalar> = try makeRun(plan, environment)
        try run.load(weights)
        guard let picture = PartitionPicture(run.snapshot) else {
            throw .invalid(
                "no picture of linear regions: the network has diverged, or no three training samples span a plane"
            )
        }
        if picture.cells.isEmpty {
            throw .invalid(
                "no picture of linear regions: there are more than memory has room for; take a narrower network"
            )
        }
        return picture
    }
}

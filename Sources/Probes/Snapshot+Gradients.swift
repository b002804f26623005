internal import LinearAlgebra
internal import Networks

extension Snapshot {
    /// Fills `workspace.inputGradient` [D × B] with each example's own loss by its input, and `workspace.logits`.
    ///
    /// - Parameters:
    ///   - workspace: The examples are the first columns of its input; made for joined passes.
    ///   - labels: Of all points.
    ///   - start: The label of the first column.
    ///   - batch: Columns (B).
    func differentiateByInputs(
        _ workspace: Workspace<Scalar>, labels: [Int32], from start: Int, batch: Int
    ) {
        labels.withUnsafeBufferPointer { labels in
            guard let first = labels.baseAddress else { return }
            network.differentiate(
                parameters, workspace, batch: batch, normalization: .running, gradients: nil,
                needsInputGradient: true
            ) { examples in
                // The sum of the losses: each column's gradient is its own example's.
                loss.gradient(
                    workspace.logits.columns(examples), labels: first + start + examples.lowerBound,
                    scale: 1, into: workspace.logitGradient.columns(examples))
            }
        }
    }
}

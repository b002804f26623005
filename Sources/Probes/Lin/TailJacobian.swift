internal import LinearAlgebra
internal import Networks

/// How the logits change with each hidden layer's pre-activations where every activation is left out: Wᴸ ⋯ Wˡ⁺¹.
struct TailJacobian {
    /// [U × K] a layer, row by row in double precision: logit k's derivative stands in column k.
    let layers: [[Double]]

    /// One pass back serves all layers: column k of the batch carries the unit vector of logit k.
    init<Scalar: Real>(_ snapshot: Snapshot<Scalar>) {
        let network = snapshot.network
        let classCount = network.classCount
        let workspace = snapshot.scratch.value("tail jacobian workspace") {
            network.makeWorkspace(batchMax: classCount)
        }
        // The Jacobian of a linear network is the same everywhere: any input will do.
        for row in 0..<workspace.input.rows {
            for column in 0..<classCount { workspace.input[row, column] = 0 }
        }
        network.forward(snapshot.parameters, workspace, batch: classCount, pass: ForwardPass(linearFrom: 0))
        for row in 0..<classCount {
            for column in 0..<classCount { workspace.logitGradient[row, column] = row == column ? 1 : 0 }
        }
        let found = Found(network.hiddenLayers.count)
        network.backward(
            snapshot.parameters, workspace, batch: classCount, gradients: nil, needsInputGradient: true
        ) { layer, window in
            found.layers[layer] = (0..<window.rows).flatMap { row in
                (0..<classCount).map { Double(window[row, $0]) }
            }
        }
        layers = found.layers
    }

    private final class Found {
        var layers: [[Double]]
        init(_ count: Int) { layers = [[Double]](repeating: [], count: count) }
    }
}

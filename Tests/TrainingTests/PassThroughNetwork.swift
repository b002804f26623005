import Datasets
import LinearAlgebra
import Networks
import Sweeps

/// A network whose logits are its inputs: what it answers is written into the samples.
struct PassThroughNetwork<Scalar: Real>: Network {
    let classCount: Int
    let inputShape: ImageShape
    let layout: ParameterLayout
    let hiddenLayers: [HiddenLayer] = []
    let forwardOperations = 0.0

    init(classCount: Int) {
        self.classCount = classCount
        inputShape = ImageShape(channels: 1, height: 1, width: classCount)
        var layout = ParameterLayout()
        layout.append("unused", shape: [1])
        self.layout = layout
    }

    func initialize(_ parameters: ParameterBlock<Scalar>, seed: UInt64) {}

    func workspaceCount(batchMax: Int, for passes: Passes) -> Int { 0 }

    func makeWorkspace(batchMax: Int, for passes: Passes) -> Workspace<Scalar> {
        Workspace(
            batchMax: batchMax, inputCount: classCount, firstCount: 1, classCount: classCount, innerCounts: []
        )
    }

    func forward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        pass: ForwardPass<Scalar>
    ) {
        for row in 0..<classCount {
            for column in 0..<batch { workspace.logits[row, column] = workspace.input[row, column] }
        }
    }

    func backward(
        _ parameters: ParameterBlock<Scalar>, _ workspace: Workspace<Scalar>, batch: Int,
        gradients: ParameterBlock<Scalar>?, needsInputGradient: Bool,
        observe: GradientObserver<Scalar>?
    ) {}
}

/// A loss that is 10 minus the logit of the label.
struct TenMinusLogit<Scalar: Real>: Loss {
    func values(
        _ logits: Matrix<Scalar>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Scalar>
    ) {
        for column in 0..<logits.columns { losses[column] = 10 - logits[Int(labels[column]), column] }
    }

    func gradient(
        _ logits: Matrix<Scalar>, labels: UnsafePointer<Int32>, scale: Scalar, into gradient: Matrix<Scalar>
    ) {}
}

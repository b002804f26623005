import Basics
import LinearAlgebra
import Networks
import Sweeps
import Testing

/// Going forward and back in one, against forward, loss and backward one after the other.
@Suite("Joined passes")
struct JoinedPassTests {
    /// More than two blocks of 16, the last not whole.
    private let batch = 37

    @Test(
        "gradients are those of separate passes, again and again",
        arguments: ContractCase.all + ContractCase.large)
    func agree(of subject: ContractCase) throws {
        let network: any Network<Double> = try Catalog.makeNetwork(
            model: subject.model, inputShape: subject.inputShape, classCount: 4)
        let loss: any Loss<Double> = try Catalog.makeLoss(named: subject.loss)
        let labels = (0..<batch).map { Int32($0 % 4) }
        for normalization in [Normalization.running, .batch] {
            let separate = step(network, loss, labels, normalization, passes: [.separate])[0]
            let joined = step(network, loss, labels, normalization, passes: [.joined, .joined])
            #expect(joined[0].parameters == joined[1].parameters, "\(normalization)")
            #expect(joined[0].inputs == joined[1].inputs, "\(normalization)")
            let scale = separate.parameters.reduce(0) { max($0, abs($1)) }
            // The head is one product for all columns or one for each block, summed in an order of BLAS's choice.
            #expect(
                largestDifference(joined[0].parameters, separate.parameters) <= 1e-13 * scale,
                "\(normalization)")
            let slope = separate.inputs.reduce(0) { max($0, abs($1)) }
            #expect(largestDifference(joined[0].inputs, separate.inputs) <= 1e-13 * slope, "\(normalization)")
        }
    }

    @Test("a workspace for joined passes measures to the same bits, in a fraction of the memory")
    func forward() throws {
        let network: any Network<Float> = try Catalog.makeNetwork(
            model: ["family": "convnet", "width": 5],
            inputShape: ImageShape(channels: 1, height: 12, width: 8),
            classCount: 4)
        let parameters = ParameterBlock<Float>(network.layout)
        network.initialize(parameters, seed: 3)
        let logits = [Passes.separate, .joined].map { passes in
            let workspace = network.makeWorkspace(batchMax: batch, for: passes)
            fill(workspace.input)
            network.forward(parameters, workspace, batch: batch)
            return workspace.logits.firstColumns(batch).elements
        }
        #expect(logits[0] == logits[1])
        #expect(
            3 * network.workspaceCount(batchMax: 256, for: .joined)
                < network.workspaceCount(batchMax: 256, for: .separate))
    }

    private typealias Gradients = (parameters: [Double], inputs: [Double])

    /// The gradients of the mean loss, once for each of `passes`, in one workspace.
    private func step(
        _ network: any Network<Double>, _ loss: any Loss<Double>, _ labels: [Int32],
        _ normalization: Normalization, passes: [Passes]
    ) -> [Gradients] {
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 11)
        let gradients = ParameterBlock<Double>(network.layout.trainable)
        let workspace = network.makeWorkspace(batchMax: batch + 3, for: passes[0])
        let assigned = Buffer<Int32>(count: batch)
        assigned.assign(labels)
        fill(workspace.input)
        func slope(_ examples: Range<Int>) {
            loss.gradient(
                workspace.logits.columns(examples), labels: assigned.pointer + examples.lowerBound,
                scale: 1 / Double(batch), into: workspace.logitGradient.columns(examples))
        }
        return passes.map { passes in
            if passes == .joined {
                network.differentiate(
                    parameters, workspace, batch: batch, normalization: normalization, gradients: gradients,
                    needsInputGradient: true, lossGradient: slope)
            } else {
                network.forward(
                    parameters, workspace, batch: batch, pass: ForwardPass(normalization: normalization))
                slope(0..<batch)
                network.backward(
                    parameters, workspace, batch: batch, gradients: gradients, needsInputGradient: true)
            }
            return (gradients.buffer.array, workspace.inputGradient.firstColumns(batch).elements)
        }
    }

    private func fill<Scalar: Real>(_ input: Matrix<Scalar>) {
        var generator = SeededGenerator(seed: 5, stream: "joined passes")
        for row in 0..<input.rows {
            for column in 0..<batch { input[row, column] = Scalar(generator.uniform(-1, 1)) }
        }
    }
}

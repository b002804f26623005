import Basics
import Datasets
import Foundation
import LinearAlgebra
import Networks
import Probes
import Sweeps

/// A small network on small data, for probes to look at.
struct Subject<Scalar: Real> {
    let network: MLP<Scalar>
    let parameters: ParameterBlock<Scalar>
    let dataset: Dataset
    let seed: UInt64

    /// - Parameters:
    ///   - widths: Hidden units, layer by layer.
    ///   - activation: Of all hidden layers.
    ///   - noisy: How many of the 24 training labels are wrong.
    ///   - seed: Of data and parameters.
    init(widths: [Int], activation: Activation = .relu, noisy: Int = 6, seed: UInt64 = 1) {
        let shape = ImageShape(channels: 1, height: 2, width: 3)
        network = MLP(inputShape: shape, widths: widths, classCount: 4, activation: activation)
        parameters = ParameterBlock(network.layout)
        network.initialize(parameters, seed: seed)
        var generator = SeededGenerator(seed: seed, stream: "subject")
        func samples(_ count: Int, noisy: Int) -> Samples {
            let labels = (0..<count).map { _ in Int32(generator.index(below: 4)) }
            let assigned = labels.enumerated().map { $0.offset < noisy ? ($0.element + 1) % 4 : $0.element }
            let inputs = (0..<count * shape.count).map { _ in Float(generator.normal()) }
            return Samples(shape: shape, inputs: inputs, labelsTrue: labels, labelsAssigned: assigned)
        }
        dataset = Dataset(
            train: samples(24, noisy: noisy), test: samples(10, noisy: 0), classCount: 4, inputRange: -2...2)
        self.seed = seed
    }

    func snapshot(loss: any Loss<Scalar> = CrossEntropy<Scalar>()) -> Snapshot<Scalar> {
        Snapshot(
            network: network, parameters: parameters, dataset: dataset, loss: loss, seed: seed,
            scratch: ProbeScratch())
    }

    /// The network's logits [K] and hidden pre-activations of one input, by the textbook, in double precision.
    func reference(_ input: [Double]) -> (logits: [Double], hidden: [[Double]]) {
        var activations = input
        var hidden: [[Double]] = []
        let layerCount = network.layout.windows.count / 2
        for layer in 0..<layerCount {
            let weights = parameters.matrix(network.layout.windows[2 * layer])
            let biases = parameters.matrix(network.layout.windows[2 * layer + 1])
            let sums = (0..<weights.rows).map { row in
                (0..<weights.columns).reduce(Double(biases[row, 0])) {
                    $0 + Double(weights[row, $1]) * activations[$1]
                }
            }
            if layer == layerCount - 1 { return (sums, hidden) }
            hidden.append(sums)
            activations = sums.map { network.activation == .relu ? max($0, 0) : tanh($0) }
        }
        return ([], hidden)
    }

    func input(_ samples: Samples, _ index: Int) -> [Double] {
        let count = samples.shape.count
        return samples.inputs[index * count..<(index + 1) * count].map(Double.init)
    }
}

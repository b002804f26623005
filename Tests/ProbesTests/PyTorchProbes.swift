import Datasets
import Foundation
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

/// What `Tests/Fixtures/make_probes.py` wrote: probes of small MLPs as PyTorch computes them in double precision.
struct PyTorchProbes: Decodable {
    let height: Int
    let width: Int
    let classCount: Int
    /// P of the frame [D × P].
    let directions: Int
    let radii: [Double]
    let cases: [Case]

    struct Case: Decodable {
        let activation: String
        let loss: String
        let widths: [Int]
        /// Weights and biases, layer by layer.
        let parameters: [[Double]]
        /// [N × D]: one example a row.
        let trainInputs: [Float]
        let testInputs: [Float]
        let labelsTrue: [Int32]
        let labelsAssigned: [Int32]
        let frame: [Double]
        /// One norm a training example.
        let jacobianNorms: [Double]
        /// [radius][linear layer]: units that change sign, summed over the points; the logits are the last layer.
        let trainCounts: [[Int]]
        let testCounts: [[Int]]
    }

    static func load(file: String = #filePath) throws -> PyTorchProbes {
        let tests = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appendingPathComponent("Fixtures/probes.json"))
        return try JSONDecoder().decode(PyTorchProbes.self, from: data)
    }

    /// What a probe is given to see a case.
    func snapshot<Scalar: Real>(of wanted: Case, _: Scalar.Type) throws -> Snapshot<Scalar> {
        let shape = ImageShape(channels: 1, height: height, width: width)
        func samples(_ inputs: [Float], _ labelsTrue: [Int32], _ labelsAssigned: [Int32]) -> Samples {
            Samples(shape: shape, inputs: inputs, labelsTrue: labelsTrue, labelsAssigned: labelsAssigned)
        }
        let testLabels = [Int32](repeating: 0, count: wanted.testInputs.count / shape.count)
        let network = MLP<Scalar>(
            inputShape: shape, widths: wanted.widths, classCount: classCount,
            activation: try #require(Activation(rawValue: wanted.activation)))
        let parameters = ParameterBlock<Scalar>(network.layout)
        for (window, values) in zip(network.layout.windows, wanted.parameters) {
            let matrix = parameters.matrix(window)
            try #require(values.count == matrix.rows * matrix.columns)
            for (index, value) in values.enumerated() {
                matrix[index / matrix.columns, index % matrix.columns] = Scalar(value)
            }
        }
        let loss: any Loss<Scalar> =
            wanted.loss == "mse" ? MeanSquaredError<Scalar>() : CrossEntropy<Scalar>()
        return Snapshot(
            network: network, parameters: parameters,
            dataset: Dataset(
                train: samples(wanted.trainInputs, wanted.labelsTrue, wanted.labelsAssigned),
                test: samples(wanted.testInputs, testLabels, testLabels), classCount: classCount,
                inputRange: -2...2),
            loss: loss, seed: 1, scratch: ProbeScratch())
    }
}

import Basics
import Datasets
import LinearAlgebra
import Networks
import Sweeps

/// A ReLU network with these hidden widths.
func makeMLP<Scalar: Real>(
    inputShape: ImageShape, hidden: [Int], classCount: Int, of _: Scalar.Type = Scalar.self
) -> any Network<Scalar> {
    MLP<Scalar>(inputShape: inputShape, widths: hidden, classCount: classCount)
}

/// Normal inputs of five pixels with labels of three classes that a network can learn.
func randomSamples(_ count: Int) -> Samples {
    var generator = SeededGenerator(seed: 11, stream: "samples")
    let inputs = (0..<count * 5).map { _ in Float(generator.normal()) }
    let labels = (0..<count).map { index in
        Int32(inputs[index * 5] > 0 ? 1 : inputs[index * 5 + 1] > 0 ? 2 : 0)
    }
    return Samples(
        shape: ImageShape(channels: 1, height: 1, width: 5), inputs: inputs, labelsTrue: labels,
        labelsAssigned: labels)
}

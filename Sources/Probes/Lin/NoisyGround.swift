internal import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// Training points and draws of noise, kept for a whole task: the same at every amplitude and epoch.
final class NoisyGround<Scalar: Real> {
    private let points: SamplePoints<Scalar>
    private let labels: [Int32]
    /// Standard normal numbers as large as the points [D × n], one a draw.
    private let sampleNoise: [SamplePoints<Scalar>]
    /// Standard normal numbers for every weight matrix, zero for the other parameters, one a draw.
    private let weightNoise: [ParameterBlock<Scalar>]
    /// A copy of the network's parameters, moved.
    private let moved: ParameterBlock<Scalar>

    init(_ snapshot: Snapshot<Scalar>, pointCount: Int, sampleDraws: Int, weightDraws: Int) {
        let train = snapshot.dataset.train
        let indices = train.stratifiedIndices(
            count: pointCount, seed: snapshot.seed, stream: "attraction-basins points")
        points = SamplePoints(train, at: indices)
        labels = indices.map { train.labelsAssigned[$0] }
        let inputCount = snapshot.network.inputShape.count
        sampleNoise = (0..<sampleDraws).map { draw in
            let noise = SamplePoints<Scalar>(inputCount: inputCount, count: indices.count)
            var generator = SeededGenerator(
                seed: snapshot.seed, stream: "attraction-basins sample noise \(draw)")
            fillNormal(noise.inputs.pointer, count: inputCount * indices.count, &generator)
            return noise
        }
        let layout = snapshot.network.layout
        weightNoise = (0..<weightDraws).map { draw in
            let noise = ParameterBlock<Scalar>(layout)
            var generator = SeededGenerator(
                seed: snapshot.seed, stream: "attraction-basins weight noise \(draw)")
            for window in layout.windows where window.isWeightMatrix {
                fillNormal(noise.buffer.pointer + window.offset, count: window.count, &generator)
            }
            return noise
        }
        moved = ParameterBlock(layout)
    }

    /// The accuracy on the points as they are.
    func accuracy(_ snapshot: Snapshot<Scalar>) -> Double {
        Double(correctCount(snapshot, snapshot.parameters, noise: nil, amplitude: 0)) / Double(labels.count)
    }

    /// The mean accuracy over the draws with noise of an amplitude on every pixel.
    func accuracy(_ snapshot: Snapshot<Scalar>, noiseOnSamples amplitude: Double) -> Double {
        let correct = sampleNoise.reduce(0) { sum, noise in
            sum + correctCount(snapshot, snapshot.parameters, noise: noise, amplitude: Scalar(amplitude))
        }
        return Double(correct) / Double(labels.count * sampleNoise.count)
    }

    /// The mean accuracy over the draws with noise of an amplitude on every weight matrix.
    func accuracy(
        _ snapshot: Snapshot<Scalar>, noiseOnWeights amplitude: Double, isRelative: Bool
    ) -> Double {
        let correct = weightNoise.reduce(0) { sum, noise in
            let parameters = snapshot.parameters.buffer
            moved.buffer.pointer.update(from: parameters.pointer, count: parameters.count)
            for window in moved.layout.windows where window.isWeightMatrix {
                let place = moved.buffer.pointer + window.offset
                let squares = isRelative ? Scalar.sumOfSquares(place, count: window.count) : 0
                let unit = isRelative ? (squares / Double(window.count)).squareRoot() : 1
                add(
                    noise.buffer.pointer + window.offset, times: Scalar(amplitude * unit), to: place,
                    count: window.count)
            }
            return sum + correctCount(snapshot, moved, noise: nil, amplitude: 0)
        }
        return Double(correct) / Double(labels.count * weightNoise.count)
    }

    private func correctCount(
        _ snapshot: Snapshot<Scalar>, _ parameters: ParameterBlock<Scalar>, noise: SamplePoints<Scalar>?,
        amplitude: Scalar
    ) -> Int {
        let workspace = SignalReader.shared(snapshot).workspace
        var (start, correct) = (0, 0)
        while start < labels.count {
            let batch = min(SignalReader<Scalar>.batchMax, labels.count - start)
            let input = workspace.input.firstColumns(batch)
            input.copy(from: points.columns(from: start, count: batch))
            if let noise {
                for row in 0..<input.rows {
                    let source = noise.inputs.pointer + row * noise.inputs.stride + start
                    add(source, times: amplitude, to: input.pointer + row * input.stride, count: batch)
                }
            }
            snapshot.network.forward(parameters, workspace, batch: batch)
            correct += workspace.logits.firstColumns(batch).correctCount(labels[start..<start + batch])
            start += batch
        }
        return correct
    }
}

extension ParameterWindow {
    /// Whether it multiplies signals: a matrix or the kernels of a convolution, no bias and no normalisation.
    var isWeightMatrix: Bool { shape.count >= 2 }
}

extension SamplePoints {
    /// Some points next to each other [D × count].
    func columns(from start: Int, count: Int) -> Matrix<Scalar> {
        Matrix(inputs.pointer + start, rows: inputs.rows, columns: count, stride: inputs.stride)
    }
}

private func fillNormal<Scalar: Real>(
    _ place: UnsafeMutablePointer<Scalar>, count: Int, _ generator: inout SeededGenerator
) {
    for index in 0..<count { place[index] = Scalar(generator.normal()) }
}

/// `target` += `factor` · `source`.
private func add<Scalar: Real>(
    _ source: UnsafePointer<Scalar>, times factor: Scalar, to target: UnsafeMutablePointer<Scalar>, count: Int
) {
    for index in 0..<count { target[index] += factor * source[index] }
}

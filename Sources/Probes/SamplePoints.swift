internal import Basics
internal import Datasets
internal import LinearAlgebra
internal import Sweeps

/// Inputs that a probe looks at, gathered once a task: [D × n], one column a point.
final class SamplePoints<Scalar: Real> {
    let inputs: Matrix<Scalar>
    private let storage: Buffer<Scalar>

    var count: Int { inputs.columns }

    /// Columns to be filled by the caller.
    init(inputCount: Int, count: Int) {
        storage = Buffer(count: inputCount * count)
        inputs = Matrix(storage.pointer, rows: inputCount, columns: count)
    }

    /// The samples at `indices`.
    convenience init(_ samples: Samples, at indices: [Int]) {
        self.init(inputCount: samples.shape.count, count: indices.count)
        samples.gather(indices, into: inputs)
    }

    /// Points uniform in a range, each pixel on its own.
    convenience init(
        uniformIn range: ClosedRange<Double>, inputCount: Int, count: Int, seed: UInt64, stream: String
    ) {
        self.init(inputCount: inputCount, count: count)
        var generator = SeededGenerator(seed: seed, stream: stream)
        for column in 0..<count {
            for row in 0..<inputCount {
                inputs[row, column] = Scalar(generator.uniform(range.lowerBound, range.upperBound))
            }
        }
    }
}

extension Samples {
    /// At most `count` indices, clean and noisy in proportion, ascending; the same for the same seed and stream.
    ///
    /// Where there are samples of both kinds and room for two, there is at least one of each.
    func stratifiedIndices(count: Int, seed: UInt64, stream: String) -> [Int] {
        guard count < self.count else { return Array(0..<self.count) }
        var generator = SeededGenerator(seed: seed, stream: stream)
        let noisy = indices(noisy: true)
        let clean = indices(noisy: false)
        var noisyCount = Int((Double(count) * Double(noisy.count) / Double(self.count)).rounded())
        if !noisy.isEmpty, !clean.isEmpty, count >= 2 { noisyCount = min(max(noisyCount, 1), count - 1) }
        func draw(_ wanted: Int, from candidates: [Int]) -> [Int] {
            generator.permutation(of: candidates.count).prefix(wanted).map { candidates[$0] }
        }
        return (draw(noisyCount, from: noisy) + draw(count - noisyCount, from: clean)).sorted()
    }
}

import Basics
import LinearAlgebra
import Testing

@Suite("Least squares")
struct LeastSquaresTests {
    @Test("finds the affine map that made the targets, whatever the batches")
    func recovers() throws {
        let (featureCount, targetCount, sampleCount) = (5, 3, 40)
        var generator = SeededGenerator(seed: 3, stream: "least squares")
        let features = Buffer<Float>(count: featureCount * sampleCount)
        for index in 0..<features.count { features.pointer[index] = Float(generator.normal()) }
        let wanted = (0..<targetCount * (featureCount + 1)).map { _ in generator.normal() }
        let targets = Buffer<Float>(count: targetCount * sampleCount)
        let x = Matrix(features.pointer, rows: featureCount, columns: sampleCount)
        let z = Matrix(targets.pointer, rows: targetCount, columns: sampleCount)
        for target in 0..<targetCount {
            for sample in 0..<sampleCount {
                let row = wanted[target * (featureCount + 1)..<(target + 1) * (featureCount + 1)]
                z[target, sample] = Float(
                    zip(row, (0..<featureCount).map { Double(x[$0, sample]) } + [1]).reduce(0) {
                        $0 + $1.0 * $1.1
                    })
            }
        }
        for batch in [7, 16, 40] {
            let fit = LeastSquares(
                featureCount: featureCount, targetCount: targetCount, batchMax: batch, ridge: 1e-12)
            for start in stride(from: 0, to: sampleCount, by: batch) {
                let count = min(batch, sampleCount - start)
                fit.add(
                    Matrix(x.pointer + start, rows: featureCount, columns: count, stride: sampleCount),
                    targets: Matrix(z.pointer + start, rows: targetCount, columns: count, stride: sampleCount)
                )
            }
            let found = try #require(fit.solve())
            let largest = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
            // Targets are rounded to single precision.
            #expect(largest < 1e-5)
        }
    }

    @Test("solves equations that depend on each other, by the ridge, and refuses what is not finite")
    func singular() {
        let features = Buffer<Double>(count: 2 * 3)
        features.assign([1, 2, 3, 1, 2, 3])
        let targets = Buffer<Double>(count: 3)
        targets.assign([2, 4, 6])
        let (x, z) = (
            Matrix(features.pointer, rows: 2, columns: 3), Matrix(targets.pointer, rows: 1, columns: 3)
        )
        let fit = LeastSquares(featureCount: 2, targetCount: 1, batchMax: 3)
        fit.add(x, targets: z)
        let map = fit.solve() ?? []
        #expect(map.count == 3 && abs(map[0] + map[1] - 2) < 1e-4 && abs(map[0] - map[1]) < 1e-6)
        let broken = LeastSquares(featureCount: 2, targetCount: 1, batchMax: 3)
        features.pointer[0] = .nan
        broken.add(x, targets: z)
        #expect(broken.solve() == nil)
    }
}

import Foundation
import LinearAlgebra
import Testing

/// Activations and batch normalisation against loops in double precision, in every instruction set.
@Suite("Layer kernels")
struct LayerKernelTests {
    private static let columnCounts = [1, 2, 3, 5, 7, 8, 15, 16, 17, 33, 100]

    private func forEach(_ instructionSet: InstructionSet, _ body: (any VariantCheck) -> Void) {
        body(Check<Float>(LayerVariant(instructionSet)))
        body(Check<Double>(LayerVariant(instructionSet)))
    }

    @Test("erf errs by at most two roundings of 1", arguments: InstructionSet.available)
    func errorFunction(in instructionSet: InstructionSet) {
        forEach(instructionSet) { check in
            #expect(check.erf(-7...7) == nil)
            #expect(check.erf(-1e-3...1e-3) == nil)
            #expect(check.erf(0.99...1.01) == nil)
        }
    }

    @Test("GELU and its slope are z·Φ(z) and Φ(z) + z·φ(z)", arguments: InstructionSet.available)
    func gaussianLinearUnit(in instructionSet: InstructionSet) {
        forEach(instructionSet) { check in
            for columns in Self.columnCounts { #expect(check.gelu(columns) == nil, "\(columns) columns") }
        }
    }

    @Test("leaky ReLU keeps a hundredth of what is negative", arguments: InstructionSet.available)
    func leakyRelu(in instructionSet: InstructionSet) {
        forEach(instructionSet) { check in
            for columns in Self.columnCounts {
                #expect(check.leakyRelu(columns) == nil, "\(columns) columns")
            }
        }
    }

    @Test("a sum adds every element and nothing between the rows", arguments: InstructionSet.available)
    func addition(in instructionSet: InstructionSet) {
        forEach(instructionSet) { check in
            for columns in Self.columnCounts { #expect(check.addition(columns) == nil, "\(columns) columns") }
        }
    }

    @Test("moments are the mean and the biased variance of each row", arguments: InstructionSet.available)
    func moments(in instructionSet: InstructionSet) {
        forEach(instructionSet) { check in
            for columns in Self.columnCounts { #expect(check.moments(columns) == nil, "\(columns) columns") }
        }
    }

    @Test(
        "normalisation and its way back are the formulas, with moments that depend on z or not",
        arguments: InstructionSet.available)
    func normalization(in instructionSet: InstructionSet) {
        forEach(instructionSet) { check in
            for columns in Self.columnCounts {
                for depends in [false, true] {
                    #expect(
                        check.normalization(columns, momentsDepend: depends) == nil,
                        "\(columns) columns, \(depends)")
                }
            }
        }
    }

    @Test("moments have the same bits in every instruction set")
    func sameMoments() {
        let window = TestWindow<Float>(3, 77, seed: 9)
        let all = InstructionSet.available.map { instructionSet in
            let (mean, variance) = (Buffer<Float>(count: 3), Buffer<Float>(count: 3))
            LayerVariant<Float>(instructionSet).moments(window.matrix, mean.pointer, variance.pointer)
            return mean.array + variance.array
        }
        #expect(Set(all).count == 1)
    }

    @Test("NaN stays NaN through every activation", arguments: InstructionSet.available)
    func notANumber(in instructionSet: InstructionSet) {
        forEach(instructionSet) { #expect($0.keepsNaN) }
    }
}

/// The checks of one precision; each gives the first mismatch.
private protocol VariantCheck {
    func erf(_ range: ClosedRange<Double>) -> String?
    func gelu(_ columns: Int) -> String?
    func leakyRelu(_ columns: Int) -> String?
    func addition(_ columns: Int) -> String?
    func moments(_ columns: Int) -> String?
    func normalization(_ columns: Int, momentsDepend: Bool) -> String?
    var keepsNaN: Bool { get }
}

private struct Check<Scalar: Real>: VariantCheck {
    let variant: LayerVariant<Scalar>
    private let rounding = roundingError(Scalar.self)

    init(_ variant: LayerVariant<Scalar>) { self.variant = variant }

    func erf(_ range: ClosedRange<Double>) -> String? {
        let count = 20_001
        let step = (range.upperBound - range.lowerBound) / Double(count - 1)
        let z = TestWindow<Scalar>(1, count) { Scalar(range.lowerBound + step * Double($1)) }
        let a = TestWindow<Scalar>(1, count)
        variant.erf(z.matrix, a.matrix)
        return firstMismatch(a, tolerance: 4 * rounding) { Foundation.erf(z.element($0, $1)) }
    }

    func gelu(_ columns: Int) -> String? {
        let z = TestWindow<Scalar>(2, columns, seed: 2) {
            Scalar(6 * Double(($0 * 31 + $1 * 7) % 41 - 20) / 20)
        }
        let (da, a, dz) = (
            TestWindow<Scalar>(2, columns, seed: 3), TestWindow<Scalar>(2, columns),
            TestWindow<Scalar>(2, columns)
        )
        variant.gelu(z.matrix, a.matrix)
        variant.geluBackward(da.matrix, z.matrix, dz.matrix)
        func distribution(_ z: Double) -> Double { 0.5 * (1 + Foundation.erf(z / 2.0.squareRoot())) }
        func density(_ z: Double) -> Double { Foundation.exp(-z * z / 2) / (2 * Double.pi).squareRoot() }
        // z reaches 6 and multiplies the error of Φ, which is a few roundings of 1.
        let tolerance = 40 * rounding
        return firstMismatch(a, tolerance: tolerance) { z.element($0, $1) * distribution(z.element($0, $1)) }
            ?? firstMismatch(dz, tolerance: tolerance) {
                let x = z.element($0, $1)
                return da.element($0, $1) * (distribution(x) + x * density(x))
            }
    }

    func leakyRelu(_ columns: Int) -> String? {
        let (z, da) = (TestWindow<Scalar>(3, columns, seed: 4), TestWindow<Scalar>(3, columns, seed: 5))
        let (a, dz) = (TestWindow<Scalar>(3, columns), TestWindow<Scalar>(3, columns))
        variant.leakyRelu(z.matrix, a.matrix)
        variant.leakyReluBackward(da.matrix, a.matrix, dz.matrix)
        func slope(_ z: Double) -> Double { z > 0 ? 1 : 0.01 }
        return firstMismatch(a, tolerance: 2 * rounding) { z.element($0, $1) * slope(z.element($0, $1)) }
            ?? firstMismatch(dz, tolerance: 2 * rounding) { da.element($0, $1) * slope(z.element($0, $1)) }
    }

    func addition(_ columns: Int) -> String? {
        let (z, before) = (TestWindow<Scalar>(3, columns, seed: 6), TestWindow<Scalar>(3, columns, seed: 7))
        let sum = TestWindow<Scalar>(3, columns, seed: 7)
        variant.add(z.matrix, sum.matrix)
        return firstMismatch(sum, tolerance: rounding) { z.element($0, $1) + before.element($0, $1) }
    }

    /// Mean and biased variance of a row.
    private func moments(of z: TestWindow<Scalar>, row: Int) -> (mean: Double, variance: Double) {
        let values = (0..<z.matrix.columns).map { z.element(row, $0) }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return (mean, variance)
    }

    func moments(_ columns: Int) -> String? {
        // Far from zero: the variance must not be a difference of squares.
        let z = TestWindow<Scalar>(3, columns) { Scalar(20 + Double(($0 * 13 + $1 * 29) % 17) / 17) }
        let (mean, variance) = (TestWindow<Scalar>(3, 1, padding: 0), TestWindow<Scalar>(3, 1, padding: 0))
        variant.moments(z.matrix, mean.buffer.pointer, variance.buffer.pointer)
        // Seven sums in a lane and four folds, of numbers of 21; the mean's error enters the variance squared.
        return firstMismatch(mean, tolerance: 12 * rounding) { row, _ in moments(of: z, row: row).mean }
            ?? firstMismatch(variance, tolerance: 100 * rounding) { row, _ in
                moments(of: z, row: row).variance
            }
    }

    func normalization(_ columns: Int, momentsDepend: Bool) -> String? {
        let z = TestWindow<Scalar>(3, columns, seed: 10)
        let dy = TestWindow<Scalar>(3, columns, seed: 11)
        let numbers = (12..<16).map { TestWindow<Scalar>(3, 1, padding: 0, seed: $0) }
        for row in 0..<3 {
            let (mean, variance) = moments(of: z, row: row)
            numbers[0].matrix[row, 0] = Scalar(mean)
            numbers[1].matrix[row, 0] = Scalar(1 / (variance + 0.1).squareRoot())
        }
        let rows = RowNormalization(
            mean: numbers[0].buffer.pointer, inverse: numbers[1].buffer.pointer,
            scale: numbers[2].buffer.pointer, shift: numbers[3].buffer.pointer)
        let (y, dz) = (TestWindow<Scalar>(3, columns), TestWindow<Scalar>(3, columns))
        let (dscale, dshift) = (TestWindow<Scalar>(3, 1, padding: 0), TestWindow<Scalar>(3, 1, padding: 0))
        variant.normalize(rows, z.matrix, y.matrix)
        variant.normalizeBackward(
            rows, momentsDepend, dy.matrix, z.matrix, dscale.buffer.pointer, dshift.buffer.pointer, dz.matrix)
        let (mean, inverse) = (numbers[0], numbers[1])
        func unit(_ row: Int, _ column: Int) -> Double {
            (z.element(row, column) - mean.element(row, 0)) * inverse.element(row, 0)
        }
        func sum(_ row: Int, _ term: (Int) -> Double) -> Double { (0..<columns).reduce(0) { $0 + term($1) } }
        func scaleGradient(_ row: Int) -> Double { sum(row) { dy.element(row, $0) * unit(row, $0) } }
        func shiftGradient(_ row: Int) -> Double { sum(row) { dy.element(row, $0) } }
        // Sums of up to a hundred products of numbers up to 3.
        let tolerance = 200 * rounding
        return firstMismatch(y, tolerance: tolerance) {
            unit($0, $1) * numbers[2].element($0, 0) + numbers[3].element($0, 0)
        } ?? firstMismatch(dscale, tolerance: tolerance) { row, _ in scaleGradient(row) }
            ?? firstMismatch(dshift, tolerance: tolerance) { row, _ in shiftGradient(row) }
            ?? firstMismatch(dz, tolerance: tolerance) { row, column in
                let share = momentsDepend ? 1 / Double(columns) : 0
                let centred = dy.element(row, column) - share * shiftGradient(row)
                return numbers[2].element(row, 0) * inverse.element(row, 0)
                    * (centred - share * unit(row, column) * scaleGradient(row))
            }
    }

    var keepsNaN: Bool {
        let z = TestWindow<Scalar>(1, 19) { $1 % 2 == 0 ? .nan : 0.5 }
        return [variant.leakyRelu, variant.gelu, variant.erf].allSatisfy { map in
            let out = TestWindow<Scalar>(1, 19)
            map(z.matrix, out.matrix)
            return (0..<19).allSatisfy { out.matrix[0, $0].isNaN == ($0 % 2 == 0) }
        }
    }
}

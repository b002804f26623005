import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite("Loss kernels")
struct LossKernelTests {
    @Test("losses and gradients follow their definitions", arguments: InstructionSet.available)
    func definitions(in instructionSet: InstructionSet) {
        withEvery("classes", in: [1, 2, 3, 10, 100]) { classes in
            withEvery("columns", in: [0, 1, 2, 3, 5, 8, 15, 16, 17, 33]) { columns in
                check(Variant<Float>(instructionSet), classes, columns)
                check(Variant<Double>(instructionSet), classes, columns)
            }
        }
    }

    private func check<Scalar: Real>(_ variant: Variant<Scalar>, _ classes: Int, _ columns: Int) {
        let rounding = roundingError(Scalar.self)
        let logits = TestWindow<Scalar>(classes, columns, seed: 3)
        for row in 0..<classes { for column in 0..<columns { logits.matrix[row, column] *= 20 } }
        let labels = Buffer<Int32>(count: columns)
        for column in 0..<columns { labels.pointer[column] = Int32(column * 7 % classes) }
        let losses = TestWindow<Scalar>(1, columns)
        let gradient = TestWindow<Scalar>(classes, columns)
        func z(_ row: Int, _ column: Int) -> Double { logits.element(row, column) }
        func target(_ row: Int, _ column: Int) -> Double { Int(labels.pointer[column]) == row ? 1 : 0 }
        func partition(_ column: Int) -> Double { (0..<classes).reduce(0) { $0 + exp(z($1, column)) } }

        variant.crossEntropy(logits.matrix, labels.pointer, losses.buffer.pointer)
        // Differences of logits up to 40 in size keep their relative rounding.
        var mismatch = firstMismatch(losses, tolerance: 40 * 4 * rounding) { _, column in
            log(partition(column)) - z(Int(labels.pointer[column]), column)
        }
        #expect(mismatch == nil, "cross-entropy of \(classes) x \(columns)")

        variant.crossEntropyGradient(logits.matrix, labels.pointer, 0.25, gradient.matrix)
        // A probability inherits the absolute error of a difference of logits as its relative error.
        mismatch = firstMismatch(gradient, tolerance: Double(40 + classes) * 2 * rounding) { row, column in
            0.25 * (exp(z(row, column)) / partition(column) - target(row, column))
        }
        #expect(mismatch == nil, "gradient of cross-entropy of \(classes) x \(columns)")

        variant.meanSquares(logits.matrix, labels.pointer, losses.buffer.pointer)
        mismatch = firstMismatch(losses, tolerance: Double(classes + 4) * rounding) { _, column in
            (0..<classes).reduce(0) { $0 + pow(z($1, column) - target($1, column), 2) } / Double(classes)
        }
        #expect(mismatch == nil, "mean squares of \(classes) x \(columns)")

        variant.meanSquaresGradient(logits.matrix, labels.pointer, 0.25, gradient.matrix)
        mismatch = firstMismatch(gradient, tolerance: 8 * rounding) { row, column in
            0.25 * 2 * (z(row, column) - target(row, column)) / Double(classes)
        }
        #expect(mismatch == nil, "gradient of mean squares of \(classes) x \(columns)")
    }

    @Test(
        "cross-entropy of huge logits neither overflows nor loses its value",
        arguments: InstructionSet.available)
    func hugeLogits(in instructionSet: InstructionSet) {
        let variant = Variant<Float>(instructionSet)
        let logits = TestWindow<Float>(2, 2) { row, column in row == column ? 1e4 : -1e4 }
        let losses = Buffer<Float>(count: 2)
        variant.crossEntropy(logits.matrix, [0, 0], losses.pointer)
        #expect(losses.array == [0, 2e4])
        let gradient = TestWindow<Float>(2, 2)
        variant.crossEntropyGradient(logits.matrix, [0, 0], 1, gradient.matrix)
        #expect([gradient.element(0, 0), gradient.element(0, 1), gradient.element(1, 1)] == [0, -1, 1])
    }

    @Test(
        "a NaN among the logits makes the loss NaN, in its column only", arguments: InstructionSet.available)
    func notANumber(in instructionSet: InstructionSet) {
        let variant = Variant<Float>(instructionSet)
        for row in 0..<4 {
            let logits = TestWindow<Float>(4, 20) { $0 == row && $1 == 18 ? .nan : 0.1 }
            let losses = Buffer<Float>(count: 20)
            let labels = Buffer<Int32>(count: 20)
            variant.crossEntropy(logits.matrix, labels.pointer, losses.pointer)
            #expect(losses.array.indices.filter { losses.array[$0].isNaN } == [18])
        }
    }

    @Test("argmax names the first greatest row, and NaN before all", arguments: InstructionSet.available)
    func argmax(in instructionSet: InstructionSet) {
        check(Variant<Float>(instructionSet))
        check(Variant<Double>(instructionSet))
        func check<Scalar: Real>(_ variant: Variant<Scalar>) {
            for columns in [1, 2, 7, 16, 35] {
                // A few values only, so that ties abound.
                let logits = TestWindow<Scalar>(6, columns, seed: 2)
                for row in 0..<6 {
                    for column in 0..<columns {
                        logits.matrix[row, column] = (logits.matrix[row, column] * 2).rounded()
                    }
                }
                if columns > 5 { logits.matrix[4, 5] = .nan }
                let classes = Buffer<Int32>(count: columns + 1)
                classes.pointer[columns] = 99
                variant.argmax(logits.matrix, classes.pointer)
                let expected = (0..<columns).map { column in
                    let values = (0..<6).map { logits.matrix[$0, column] }
                    let best = values.firstIndex { $0.isNaN } ?? values.firstIndex(of: values.max() ?? 0)
                    return Int32(best ?? -1)
                }
                #expect(classes.array == expected + [99])
            }
        }
    }
}

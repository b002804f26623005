import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// Every elementwise kernel in every instruction set of this processor, against the plain formula in double precision.
@Suite("Elementwise kernels")
struct ElementwiseKernelTests {
    /// Around every vector length from 2 to 16 lanes, and the loops before it.
    static let columnCounts = Array(0...35) + [63, 64, 65, 100]

    @Test("biases, activations and slopes follow their formulas", arguments: InstructionSet.available)
    func formulas(in instructionSet: InstructionSet) {
        check(Variant<Float>(instructionSet))
        check(Variant<Double>(instructionSet))
    }

    private func check<Scalar: Real>(_ variant: Variant<Scalar>) {
        let rounding = roundingError(Scalar.self)
        withEvery("columns", in: Self.columnCounts) { columns in
            let (z, da) = (
                TestWindow<Scalar>(3, columns, seed: 4), TestWindow<Scalar>(3, columns, padding: 1)
            )
            let bias = TestWindow<Scalar>(3, 1, padding: 0, seed: 5)
            func expect(
                _ name: String, tolerance: Double, _ run: (TestWindow<Scalar>) -> Void,
                _ expected: (Int, Int) -> Double
            ) {
                let out = TestWindow<Scalar>(3, columns, padding: 2, seed: 6)
                run(out)
                let mismatch = firstMismatch(out, tolerance: tolerance, expected: expected)
                #expect(mismatch == nil, "\(name) of \(columns) columns")
            }
            func biased(_ row: Int, _ column: Int) -> Double {
                Double(z.matrix[row, column] + bias.matrix[row, 0])
            }
            expect("add bias", tolerance: 0) {
                $0.matrix.copy(from: z.matrix)
                variant.addBias($0.matrix, bias.buffer.pointer)
            } _: {
                biased($0, $1)
            }
            expect("add bias and relu in place", tolerance: 0) {
                $0.matrix.copy(from: z.matrix)
                variant.addBiasRelu($0.matrix, bias.buffer.pointer, $0.matrix)
            } _: {
                max(0, biased($0, $1))
            }
            expect("relu", tolerance: 0) {
                variant.relu(z.matrix, $0.matrix)
            } _: {
                max(0, z.element($0, $1))
            }
            expect("relu backward", tolerance: 0) {
                variant.reluBackward(da.matrix, z.matrix, $0.matrix)
            } _: {
                z.element($0, $1) > 0 ? da.element($0, $1) : 0
            }
            expect("tanh", tolerance: 8 * rounding) {
                variant.tanh(z.matrix, $0.matrix)
            } _: {
                tanh(z.element($0, $1))
            }
            expect("tanh backward", tolerance: 3 * rounding) {
                variant.tanhBackward(da.matrix, z.matrix, $0.matrix)
            } _: {
                da.element($0, $1) * (1 - z.element($0, $1) * z.element($0, $1))
            }
            expect("exp", tolerance: 3 * rounding) {
                variant.exp(z.matrix, $0.matrix)
            } _: {
                exp(z.element($0, $1))
            }
        }
    }

    @Test("adding the bias and ReLU into another window keeps both", arguments: InstructionSet.available)
    func separateWindows(in instructionSet: InstructionSet) {
        let variant = Variant<Float>(instructionSet)
        let (z, sum) = (TestWindow<Float>(2, 21, seed: 4), TestWindow<Float>(2, 21, seed: 4))
        let (a, expected) = (TestWindow<Float>(2, 21), TestWindow<Float>(2, 21))
        let bias = TestWindow<Float>(2, 1, padding: 0, seed: 5)
        variant.addBiasRelu(z.matrix, bias.buffer.pointer, a.matrix)
        variant.addBias(sum.matrix, bias.buffer.pointer)
        variant.relu(sum.matrix, expected.matrix)
        #expect(z.buffer.array == sum.buffer.array)
        #expect(a.buffer.array == expected.buffer.array)
    }

    @Test("NaN stays NaN through every activation", arguments: InstructionSet.available)
    func notANumber(in instructionSet: InstructionSet) {
        check(Variant<Float>(instructionSet))
        check(Variant<Double>(instructionSet))
        func check<Scalar: Real>(_ variant: Variant<Scalar>) {
            let z = TestWindow<Scalar>(1, 19) { $1 % 2 == 0 ? .nan : 0.5 }
            for map in [variant.relu, variant.tanh, variant.exp, variant.log] {
                let out = TestWindow<Scalar>(1, 19)
                map(z.matrix, out.matrix)
                let areNaN = (0..<19).map { out.matrix[0, $0].isNaN }
                #expect(areNaN == (0..<19).map { $0 % 2 == 0 })
            }
        }
    }
}

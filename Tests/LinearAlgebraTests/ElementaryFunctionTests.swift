import Foundation
import LinearAlgebra
import Testing

/// Our exp, tanh and log against the C library's in double precision.
@Suite("Elementary functions")
struct ElementaryFunctionTests {
    /// The greatest error in units of the last place of the exact result, on an even grid of the range.
    private func error<Scalar: Real>(
        _ map: Variant<Scalar>.Map, _ reference: (Double) -> Double, _ range: ClosedRange<Double>
    ) -> Double {
        let count = 200_003
        let (x, y) = (Buffer<Scalar>(count: count), Buffer<Scalar>(count: count))
        let step = (range.upperBound - range.lowerBound) / Double(count - 1)
        for index in 0..<count { x.pointer[index] = Scalar(range.lowerBound + step * Double(index)) }
        map(Matrix(x.pointer, rows: 1, columns: count), Matrix(y.pointer, rows: 1, columns: count))
        return (0..<count).reduce(0.0) { worst, index in
            let exact = reference(Double(x.pointer[index]))
            let error = abs(Double(y.pointer[index]) - exact) / Double(Scalar(exact).ulp)
            return error > worst || error.isNaN ? error : worst
        }
    }

    @Test("exp errs by at most 1.5 units in the last place", arguments: InstructionSet.available)
    func exponential(in instructionSet: InstructionSet) {
        let (single, double) = (Variant<Float>(instructionSet), Variant<Double>(instructionSet))
        for range in [-103...(-87.0), -87...88, -1...0, -1e-3...1e-3] {
            #expect(error(single.exp, exp, range) <= 1.5)
        }
        for range in [-745...(-700.0), -700...709, -1...0, -1e-3...1e-3] {
            #expect(error(double.exp, exp, range) <= 1.5)
        }
    }

    @Test("tanh errs by at most 4 units in the last place", arguments: InstructionSet.available)
    func tangent(in instructionSet: InstructionSet) {
        let (single, double) = (Variant<Float>(instructionSet), Variant<Double>(instructionSet))
        for range in [-25...25.0, -1...1, -1e-2...1e-2, 0...1e-30] {
            #expect(error(single.tanh, tanh, range) <= 4)
            #expect(error(double.tanh, tanh, range) <= 4)
        }
    }

    @Test("log errs by at most 2.5 units in the last place", arguments: InstructionSet.available)
    func logarithm(in instructionSet: InstructionSet) {
        let (single, double) = (Variant<Float>(instructionSet), Variant<Double>(instructionSet))
        for range in [1...1000.0, 0.9...1.1, 1e-30...1e-3] {
            #expect(error(single.log, log, range) <= 2.5)
            #expect(error(double.log, log, range) <= 2.5)
        }
    }

    @Test("the ends of the range are exact", arguments: InstructionSet.available)
    func limits(in instructionSet: InstructionSet) {
        check(Variant<Float>(instructionSet))
        check(Variant<Double>(instructionSet))
        func check<Scalar: Real>(_ variant: Variant<Scalar>) {
            let arguments: [Scalar] = [.infinity, -.infinity, 0, -0.0, 1000, -1000]
            let x = TestWindow<Scalar>(1, arguments.count) { arguments[$1] }
            let y = TestWindow<Scalar>(1, arguments.count)
            variant.exp(x.matrix, y.matrix)
            #expect(Array(y.buffer.array.prefix(6)) == [.infinity, 0, 1, 1, .infinity, 0])
            variant.tanh(x.matrix, y.matrix)
            #expect(Array(y.buffer.array.prefix(6)) == [1, -1, 0, -0.0, 1, -1])
            #expect(y.matrix[0, 3].sign == .minus)
        }
    }
}

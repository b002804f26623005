import LinearAlgebra
import TestSupport
import Testing

@Suite("Reduction kernels")
struct ReductionKernelTests {
    @Test("sums follow their definitions for every length", arguments: InstructionSet.available)
    func sums(in instructionSet: InstructionSet) {
        check(Variant<Float>(instructionSet))
        check(Variant<Double>(instructionSet))
    }

    private func check<Scalar: Real>(_ variant: Variant<Scalar>) {
        withEvery("columns", in: ElementwiseKernelTests.columnCounts) { columns in
            let z = TestWindow<Scalar>(4, columns, seed: 8)
            let sums = TestWindow<Scalar>(4, 1, padding: 0)
            variant.rowSums(z.matrix, sums.buffer.pointer)
            let tolerance = Double(columns + 1) * roundingError(Scalar.self)
            let mismatch = firstMismatch(sums, tolerance: tolerance) { row, _ in
                (0..<columns).reduce(0) { $0 + z.element(row, $1) }
            }
            #expect(mismatch == nil, "row sums of \(columns)")

            let squares = TestWindow<Double>(1, columns)
            variant.columnSquares(z.matrix, squares.buffer.pointer)
            let squareMismatch = firstMismatch(squares, tolerance: 0x1p-50) { _, column in
                (0..<4).reduce(0) { $0 + z.element($1, column) * z.element($1, column) }
            }
            #expect(squareMismatch == nil, "column squares of \(columns)")

            let elements = TestWindow<Scalar>(1, columns, seed: 9)
            let plain = (0..<columns).map { elements.element(0, $0) }
            let sum = variant.sum(elements.buffer.pointer, columns)
            #expect(abs(sum - plain.reduce(0, +)) <= 0x1p-45)
            let squared = variant.squares(elements.buffer.pointer, columns)
            #expect(abs(squared - plain.reduce(0) { $0 + $1 * $1 }) <= 0x1p-45)
        }
    }

    @Test("every instruction set sums in the same order, to the bit")
    func sameOrder() {
        for columns in ElementwiseKernelTests.columnCounts {
            check(InstructionSet.available.map { Variant<Float>($0) }, columns)
            check(InstructionSet.available.map { Variant<Double>($0) }, columns)
        }
        func check<Scalar: Real>(_ variants: [Variant<Scalar>], _ columns: Int) {
            let z = TestWindow<Scalar>(5, columns, seed: 10)
            let results = variants.map { variant in
                let sums = Buffer<Scalar>(count: 5)
                variant.rowSums(z.matrix, sums.pointer)
                return sums.array
            }
            #expect(results.allSatisfy { $0 == results[0] }, "\(columns) columns")
        }
    }

    @Test("NaN and infinities are counted wherever they stand", arguments: InstructionSet.available)
    func nonFinite(in instructionSet: InstructionSet) {
        check(Variant<Float>(instructionSet))
        check(Variant<Double>(instructionSet))
        func check<Scalar: Real>(_ variant: Variant<Scalar>) {
            for place in 0..<40 {
                let x = TestWindow<Scalar>(1, 40, padding: 0)
                #expect(variant.countNonFinite(x.buffer.pointer, 40) == 0)
                x.matrix[0, place] = [.nan, .infinity, -.infinity][place % 3]
                x.matrix[0, 39 - place] = .nan
                #expect(variant.countNonFinite(x.buffer.pointer, 40) == 2)
            }
        }
    }

    @Test("every sign that is shown leaves its bit, for every length", arguments: InstructionSet.available)
    func signs(in instructionSet: InstructionSet) {
        check(Variant<Float>(instructionSet))
        check(Variant<Double>(instructionSet))
        func check<Scalar: Real>(_ variant: Variant<Scalar>) {
            let numbers: [(Scalar, UInt8)] = [
                (1, 1), (-2, 2), (0, 4), (-0.0, 4), (.nan, 4), (.leastNonzeroMagnitude, 1), (-.infinity, 2),
            ]
            for count in 0..<80 {
                let x = Buffer<Scalar>(count: count)
                let seen = Buffer<UInt8>(count: count + 1)
                for shift in [0, 3] {
                    for place in 0..<count { x.pointer[place] = numbers[(place + shift) % 7].0 }
                    variant.noteSigns(x.pointer, count, seen.pointer)
                }
                let expected = (0..<count).map { numbers[$0 % 7].1 | numbers[($0 + 3) % 7].1 } + [0]
                let found = seen.array
                #expect(found == expected, "\(count) numbers")
            }
        }
    }
}

import LinearAlgebra
import TestSupport
import Testing

@Suite("multiply")
struct MultiplyTests {
    @Test("agrees with the textbook loop for all small shapes, transposes and strides")
    func smallShapes() {
        withEvery("rows", in: [0, 1, 2, 3, 5]) { m in
            withEvery("columns", in: [0, 1, 2, 4, 7]) { n in
                withEvery("inner", in: [0, 1, 2, 3, 6]) { k in check(m, n, k) }
            }
        }
    }

    @Test("agrees with the textbook loop across the blocks of BLAS kernels")
    func largerShapes() {
        for (m, n, k) in [(1, 100, 64), (64, 100, 1), (10, 33, 129), (17, 257, 65), (130, 48, 300)] {
            check(m, n, k)
        }
    }

    private func check(_ m: Int, _ n: Int, _ k: Int) {
        for (isATransposed, isBTransposed) in [(false, false), (false, true), (true, false), (true, true)] {
            for padding in [0, 3] {
                check(Float.self, m, n, k, isATransposed, isBTransposed, padding)
                check(Double.self, m, n, k, isATransposed, isBTransposed, padding)
            }
        }
    }

    private func check<Scalar: Real>(
        _: Scalar.Type, _ m: Int, _ n: Int, _ k: Int, _ isATransposed: Bool, _ isBTransposed: Bool,
        _ padding: Int
    ) {
        let a = TestWindow<Scalar>(isATransposed ? k : m, isATransposed ? m : k, padding: padding, seed: 1)
        let b = TestWindow<Scalar>(isBTransposed ? n : k, isBTransposed ? k : n, padding: padding, seed: 2)
        let old = TestWindow<Scalar>(m, n, padding: padding, seed: 3)
        for (alpha, beta) in [(1.0, 0.0), (0.5, 1.0), (-2.0, 0.25)] {
            let c = TestWindow<Scalar>(m, n, padding: padding) { beta == 0 ? .nan : old.matrix[$0, $1] }
            Scalar.multiply(
                a.matrix, transposed: isATransposed, b.matrix, transposed: isBTransposed, into: c.matrix,
                alpha: Scalar(alpha), beta: Scalar(beta))
            // k products and the update, each with one rounding of terms up to |alpha|.
            let tolerance = Double(k + 2) * roundingError(Scalar.self) * max(1, abs(alpha))
            let mismatch = firstMismatch(c, tolerance: tolerance) { row, column in
                let product = (0..<k).reduce(0.0) { sum, inner in
                    sum + (isATransposed ? a.element(inner, row) : a.element(row, inner))
                        * (isBTransposed ? b.element(column, inner) : b.element(inner, column))
                }
                return alpha * product + (beta == 0 ? 0 : beta * old.element(row, column))
            }
            #expect(
                mismatch == nil, "\(Scalar.self) \(m)x\(k)x\(n) \(isATransposed) \(isBTransposed) \(alpha)")
        }
    }

    @Test("gives the same bits every time")
    func sameBits() {
        let a = TestWindow<Float>(70, 300)
        let b = TestWindow<Float>(300, 90)
        let (first, second) = (TestWindow<Float>(70, 90), TestWindow<Float>(70, 90, seed: 9))
        Float.multiply(a.matrix, b.matrix, into: first.matrix)
        Float.multiply(a.matrix, b.matrix, into: second.matrix)
        #expect(first.buffer.array == second.buffer.array)
    }

    @Test("traps where the shapes do not fit")
    func wrongShapes() async {
        await #expect(processExitsWith: .failure) {
            let (a, b, c) = (TestWindow<Float>(2, 3), TestWindow<Float>(2, 3), TestWindow<Float>(2, 3))
            Float.multiply(a.matrix, b.matrix, into: c.matrix)
        }
        await #expect(processExitsWith: .failure) {
            let (a, b, c) = (TestWindow<Double>(2, 3), TestWindow<Double>(3, 4), TestWindow<Double>(2, 3))
            Double.multiply(a.matrix, b.matrix, into: c.matrix)
        }
    }
}

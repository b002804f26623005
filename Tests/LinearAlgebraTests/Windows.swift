import Basics
import LinearAlgebra

/// A window into a block of its own, with a stride beyond its columns and a guard value in every gap.
struct TestWindow<Scalar: Real> {
    static var guardValue: Scalar { 777 }
    let buffer: Buffer<Scalar>
    let matrix: Matrix<Scalar>

    /// Random numbers in [−1, 1), or what `element` gives.
    init(
        _ rows: Int, _ columns: Int, padding: Int = 3, seed: UInt64 = 1,
        element: ((Int, Int) -> Scalar)? = nil
    ) {
        let stride = columns + padding
        buffer = Buffer(count: rows * stride)
        matrix = Matrix(buffer.pointer, rows: rows, columns: columns, stride: stride)
        for index in 0..<buffer.count { buffer.pointer[index] = Self.guardValue }
        var generator = SeededGenerator(seed: seed, stream: "test window")
        for row in 0..<rows {
            for column in 0..<columns {
                matrix[row, column] = element?(row, column) ?? Scalar(generator.uniform(-1, 1))
            }
        }
    }

    /// Whether nothing was written between the rows.
    var isGuardIntact: Bool {
        (0..<matrix.rows).allSatisfy { row in
            (matrix.columns..<matrix.stride).allSatisfy {
                buffer.pointer[row * matrix.stride + $0] == Self.guardValue
            }
        }
    }

    func element(_ row: Int, _ column: Int) -> Double { Double(matrix[row, column]) }
}

/// Whether every element of `window` is within `tolerance` of what `expected` says; the first that is not.
func firstMismatch<Scalar: Real>(
    _ window: TestWindow<Scalar>, tolerance: Double, expected: (Int, Int) -> Double
) -> String? {
    guard window.isGuardIntact else { return "a guard between the rows was overwritten" }
    for row in 0..<window.matrix.rows {
        for column in 0..<window.matrix.columns {
            let (found, wanted) = (window.element(row, column), expected(row, column))
            if found == wanted || found.isNaN && wanted.isNaN { continue }
            // Written so that a NaN is a mismatch.
            if !(abs(found - wanted) <= tolerance * max(1, abs(wanted))) {
                return "[\(row), \(column)] is \(found), not \(wanted)"
            }
        }
    }
    return nil
}

/// Half a unit in the last place of 1: the error of one rounding.
func roundingError<Scalar: Real>(_: Scalar.Type) -> Double { Double(Scalar.ulpOfOne) / 2 }

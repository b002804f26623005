import Basics
import LinearAlgebra
import Testing

@Suite("Singular values")
struct SingularValuesTests {
    static let shapes = [(1, 1), (2, 3), (5, 4), (8, 8), (28, 28), (32, 17)]

    @Test("add up to the matrix, with orthonormal vectors, in descending order", arguments: shapes)
    func decomposition(rows: Int, columns: Int) throws {
        var generator = SeededGenerator(seed: 1, stream: "matrix")
        let matrix = (0..<rows * columns).map { _ in generator.normal() }
        let parts = try #require(SingularValues(of: matrix, rows: rows, columns: columns))
        #expect(parts.count == min(rows, columns))
        // Backward stable: a few ulp of the largest value, times the dimension.
        let tolerance = 1e-15 * 16 * Double(max(rows, columns))
        for row in 0..<rows {
            for column in 0..<columns {
                let sum = (0..<parts.count).reduce(0.0) {
                    $0 + parts.scaledLeft[$1 * rows + row] * parts.right[$1 * columns + column]
                }
                #expect(abs(sum - matrix[row * columns + column]) <= tolerance * (1 + parts.values[0]))
            }
        }
        for one in 0..<parts.count {
            for other in 0..<parts.count {
                let overlap = (0..<columns).reduce(0.0) {
                    $0 + parts.right[one * columns + $1] * parts.right[other * columns + $1]
                }
                #expect(abs(overlap - (one == other ? 1 : 0)) <= tolerance)
            }
        }
        let isDescending = zip(parts.values, parts.values.dropFirst()).allSatisfy { $0 >= $1 }
        #expect(isDescending)
    }

    @Test("are not found of numbers that are not finite")
    func notFinite() {
        #expect(SingularValues(of: [1, .nan, 0, 1], rows: 2, columns: 2) == nil)
    }
}

internal import Basics

/// P orthonormal directions in D dimensions, uniform over all such frames.
enum OrthonormalFrame {
    /// The directions as columns of a row-major [D × P] array.
    ///
    /// The Q factor of a Gaussian matrix with the diagonal of R positive: Gram and Schmidt's procedure, run twice for
    /// each direction so that they are orthogonal to the last bits ("twice is enough", Kahan and Parlett).
    ///
    /// - Precondition: `directions` is at most `dimensions`.
    static func make(dimensions: Int, directions: Int, seed: UInt64, stream: String) -> [Double] {
        precondition(
            directions <= dimensions, "\(directions) orthonormal directions in \(dimensions) dimensions")
        var generator = SeededGenerator(seed: seed, stream: stream)
        var frame: [[Double]] = []
        for _ in 0..<directions {
            var direction = (0..<dimensions).map { _ in generator.normal() }
            for _ in 0..<2 {
                for other in frame {
                    let overlap = zip(direction, other).reduce(0) { $0 + $1.0 * $1.1 }
                    for index in direction.indices { direction[index] -= overlap * other[index] }
                }
            }
            let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            frame.append(direction.map { $0 / norm })
        }
        return (0..<dimensions).flatMap { row in frame.map { $0[row] } }
    }
}

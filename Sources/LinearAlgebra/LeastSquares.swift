internal import COpenBLAS

/// Least squares by normal equations, gathered batch by batch in double precision.
///
/// Fits targets Z [T × n] by an affine map of features X [F × n]: the B [(F + 1) × T] that minimises
/// |[X | 1]ᵀB − Zᵀ|² / n + ridge · |B|². Memory does not depend on n.
public final class LeastSquares {
    /// F + 1: the features and a constant one.
    private let rowCount: Int
    private let targetCount: Int
    private let ridge: Double
    private var sampleCount = 0
    /// [(F + 1) × (F + 1)] and [T × (F + 1)], sums over the samples.
    private let gram: Buffer<Double>
    private let products: Buffer<Double>
    private let features: Buffer<Double>
    private let targets: Buffer<Double>
    private let batchMax: Int

    /// - Parameters:
    ///   - featureCount: F.
    ///   - targetCount: T.
    ///   - batchMax: The most samples that are added at once.
    ///   - ridge: Keeps the equations solvable where features depend on each other.
    public init(featureCount: Int, targetCount: Int, batchMax: Int, ridge: Double = 1e-6) {
        rowCount = featureCount + 1
        self.targetCount = targetCount
        self.batchMax = batchMax
        self.ridge = ridge
        gram = Buffer(count: rowCount * rowCount)
        products = Buffer(count: targetCount * rowCount)
        features = Buffer(count: rowCount * batchMax)
        targets = Buffer(count: targetCount * batchMax)
    }

    /// Adds a batch: features [F × B] and targets [T × B].
    public func add<Scalar: Real>(_ batch: Matrix<Scalar>, targets wanted: Matrix<Scalar>) {
        precondition(
            batch.rows == rowCount - 1 && wanted.rows == targetCount && batch.columns == wanted.columns
                && batch.columns <= batchMax,
            "[\(batch.rows) × \(batch.columns)] for \(rowCount - 1) features")
        let count = batch.columns
        let x = Matrix(features.pointer, rows: rowCount, columns: count, stride: batchMax)
        let z = Matrix(targets.pointer, rows: targetCount, columns: count, stride: batchMax)
        widen(batch, into: x)
        for column in 0..<count { x.pointer[(rowCount - 1) * batchMax + column] = 1 }
        widen(wanted, into: z)
        let whole = Matrix(gram.pointer, rows: rowCount, columns: rowCount)
        Double.multiply(x, transposed: false, x, transposed: true, into: whole, alpha: 1, beta: 1)
        let sums = Matrix(products.pointer, rows: targetCount, columns: rowCount)
        Double.multiply(z, transposed: false, x, transposed: true, into: sums, alpha: 1, beta: 1)
        sampleCount += count
    }

    /// The fitted map B, transposed: [T × (F + 1)] row by row, constants last; `nil` where the equations have no
    /// solution because a number in them is not finite.
    ///
    /// - Complexity: (F + 1)³ / 3 multiply-adds; uses up what was added.
    public func solve() -> [Double]? {
        precondition(sampleCount > 0, "nothing was added")
        let scale = 1 / Double(sampleCount)
        for index in 0..<gram.count { gram.pointer[index] *= scale }
        for index in 0..<products.count { products.pointer[index] *= scale }
        for row in 0..<rowCount { gram.pointer[row * rowCount + row] += ridge }
        // Row by row a symmetric matrix is itself, and [T × (F + 1)] is the columns that the routine wants.
        var (size, columns, status) = (Int32(rowCount), Int32(targetCount), Int32(0))
        var triangle = CChar(UInt8(ascii: "U"))
        BLAS.pinToOneThread()
        dposv_(&triangle, &size, &columns, gram.pointer, &size, products.pointer, &size, &status)
        return status == 0 && Double.countNonFinite(products.pointer, count: products.count) == 0
            ? products.array : nil
    }
}

/// Copies numbers of either precision as `Double`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func widen<Scalar: Real>(_ window: Matrix<Scalar>, into wide: Matrix<Double>) {
    for row in 0..<window.rows {
        let (source, target) = (window.pointer + row * window.stride, wide.pointer + row * wide.stride)
        for column in 0..<window.columns { target[column] = Double(source[column]) }
    }
}

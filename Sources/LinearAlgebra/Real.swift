/// The two precisions that networks train in: `Float` and `Double`.
///
/// Generic numeric code names whole-matrix operations of this protocol only, so that a call through the witness
/// table costs nanoseconds a matrix and nothing an element.
///
/// Letters of the shapes: U units, one a row; B examples, one a column; K classes; D inputs. An output may be the
/// very window of an input, but may not overlap it otherwise. Shapes that do not fit trap.
public protocol Real:
    BinaryFloatingPoint & BitwiseCopyable & Codable & Sendable & SIMDScalar & OptimizerArithmetic
        & LayerArithmetic & ImageArithmetic
{
    // MARK: Products

    /// `c` ← `alpha` · op(`a`) · op(`b`) + `beta` · `c`, with op the transpose where asked.
    ///
    /// One BLAS call on one thread: the same bits on every call on the same machine profile. With `beta` 0 the old
    /// content of `c` does not matter, not even NaN.
    ///
    /// - Precondition: The shapes fit: op(a) is [M × K], op(b) is [K × N], c is [M × N].
    /// - Complexity: 2·M·N·K floating-point operations.
    static func multiply(
        _ a: Matrix<Self>, transposed isATransposed: Bool, _ b: Matrix<Self>, transposed isBTransposed: Bool,
        into c: Matrix<Self>, alpha: Self, beta: Self)

    // MARK: Biases and activations, element by element

    /// `z` [U × B] += `bias` [U], the same for every column.
    static func addBias(_ bias: UnsafePointer<Self>, to z: Matrix<Self>)

    /// ``addBias(_:to:)``, then ``relu(_:into:)``, in one pass over memory.
    static func addBias(_ bias: UnsafePointer<Self>, to z: Matrix<Self>, reluInto a: Matrix<Self>)

    /// `a` ← max(`z`, 0); NaN stays NaN.
    static func relu(_ z: Matrix<Self>, into a: Matrix<Self>)

    /// `dz` ← `da` where the activation `a` is positive, else 0: the derivative at 0 is 0, as in PyTorch.
    static func reluBackward(_ da: Matrix<Self>, activation a: Matrix<Self>, into dz: Matrix<Self>)

    /// `a` ← tanh(`z`), to 4 ulp.
    static func tanh(_ z: Matrix<Self>, into a: Matrix<Self>)

    /// `dz` ← `da` · (1 − a²), with the activation `a`.
    static func tanhBackward(_ da: Matrix<Self>, activation a: Matrix<Self>, into dz: Matrix<Self>)

    /// `a` ← e to the power `z`, to 1.5 ulp.
    static func exp(_ z: Matrix<Self>, into a: Matrix<Self>)

    /// `a` ← the natural logarithm of `z`, to 2.5 ulp, for positive finite normal numbers.
    static func log(_ z: Matrix<Self>, into a: Matrix<Self>)

    // MARK: Reductions

    /// `sums` [U] ← the sum of each row of `z` [U × B]: the gradient of a bias.
    static func rowSums(_ z: Matrix<Self>, into sums: UnsafeMutablePointer<Self>)

    /// `squares` [B] ← the sum of the squares of each column of `z` [U × B], in double precision.
    static func columnSquares(_ z: Matrix<Self>, into squares: UnsafeMutablePointer<Double>)

    /// The sum of `count` elements in double precision.
    static func sum(_ elements: UnsafePointer<Self>, count: Int) -> Double

    /// The sum of the squares of `count` elements in double precision.
    static func sumOfSquares(_ elements: UnsafePointer<Self>, count: Int) -> Double

    /// How many of `count` elements are NaN or infinite.
    static func countNonFinite(_ elements: UnsafePointer<Self>, count: Int) -> Int

    /// `seen` [count] gains the sign of each element: bit 0 for positive ones, 1 for negative ones, 2 for zeros and NaN.
    static func noteSigns(_ elements: UnsafePointer<Self>, count: Int, in seen: UnsafeMutablePointer<UInt8>)

    // MARK: Losses on logits [K × B] with labels [B] in 0..<K

    /// `losses` [B] ← log Σₖ exp z[k] − z[label], in nats.
    static func crossEntropy(
        _ logits: Matrix<Self>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Self>)

    /// `gradient` [K × B] ← `scale` · (softmax z − one-hot label).
    static func crossEntropyGradient(
        _ logits: Matrix<Self>, labels: UnsafePointer<Int32>, scale: Self, into gradient: Matrix<Self>)

    /// `losses` [B] ← the mean over k of (z[k] − one-hot[k])².
    static func meanSquares(
        _ logits: Matrix<Self>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Self>)

    /// `gradient` [K × B] ← `scale` · 2/K · (z − one-hot).
    static func meanSquaresGradient(
        _ logits: Matrix<Self>, labels: UnsafePointer<Int32>, scale: Self, into gradient: Matrix<Self>)

    /// `classes` [B] ← the first row that holds its column's greatest value; NaN counts as the greatest.
    static func argmax(_ logits: Matrix<Self>, into classes: UnsafeMutablePointer<Int32>)

    // MARK: Batches

    /// Column b of `out` [D × B] ← row `indices[b]` of `samples` [N × D], converted to this precision.
    ///
    /// - Precondition: The caller has checked that the indices are in 0..<N.
    static func gather(
        _ samples: UnsafePointer<Float>, rows indices: UnsafePointer<Int>, into out: Matrix<Self>)

    /// Column b of `out` [D × B] ← image `rows[indices[b]]` of `bytes` [N × D], scaled.
    ///
    /// An image is as many planes of equal size as there are scales, one after the other. A byte x of a plane becomes
    /// gain · x + shift, computed in double precision, rounded to single and converted to this precision: the same
    /// bits with every instruction set.
    ///
    /// - Precondition: The caller has checked that the rows are in 0..<N.
    static func gather(
        bytes: UnsafePointer<UInt8>, rows: UnsafePointer<Int>, _ indices: UnsafePointer<Int>,
        scales: ByteScales, into out: Matrix<Self>)
}

extension Real {
    /// `c` ← op(`a`) · op(`b`).
    public static func multiply(
        _ a: Matrix<Self>, transposed isATransposed: Bool = false, _ b: Matrix<Self>,
        transposed isBTransposed: Bool = false, into c: Matrix<Self>
    ) {
        multiply(a, transposed: isATransposed, b, transposed: isBTransposed, into: c, alpha: 1, beta: 0)
    }

    /// Traps unless both windows have the same number of rows and of columns.
    static func requireSameShape(_ a: Matrix<Self>, _ b: Matrix<Self>) {
        precondition(
            a.rows == b.rows && a.columns == b.columns,
            "[\(a.rows) × \(a.columns)] and [\(b.rows) × \(b.columns)] should have the same shape")
    }
}

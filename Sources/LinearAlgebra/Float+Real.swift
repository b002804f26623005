package import CKernels
import COpenBLAS

extension Float: Real {
    public static func multiply(
        _ a: Matrix<Float>, transposed isATransposed: Bool,
        _ b: Matrix<Float>, transposed isBTransposed: Bool,
        into c: Matrix<Float>, alpha: Float, beta: Float
    ) {
        let shape = ProductShape(a, isATransposed, b, isBTransposed, into: c)
        if shape.isEmpty { return }
        cblas_sgemm(
            CblasRowMajor,
            isATransposed ? CblasTrans : CblasNoTrans, isBTransposed ? CblasTrans : CblasNoTrans,
            shape.rows, shape.columns, shape.inner, alpha, a.pointer, shape.strideA, b.pointer, shape.strideB,
            beta, c.pointer, shape.strideC)
    }

    public static func addBias(_ bias: UnsafePointer<Float>, to z: Matrix<Float>) {
        Kernels.float.add_bias(z.window, bias)
    }

    public static func addBias(_ bias: UnsafePointer<Float>, to z: Matrix<Float>, reluInto a: Matrix<Float>) {
        requireSameShape(z, a)
        Kernels.float.add_bias_relu(z.window, bias, a.window)
    }

    public static func relu(_ z: Matrix<Float>, into a: Matrix<Float>) {
        requireSameShape(z, a)
        Kernels.float.relu(z.window, a.window)
    }

    public static func reluBackward(_ da: Matrix<Float>, activation a: Matrix<Float>, into dz: Matrix<Float>)
    {
        requireSameShape(da, a)
        requireSameShape(da, dz)
        Kernels.float.relu_backward(da.window, a.window, dz.window)
    }

    public static func tanh(_ z: Matrix<Float>, into a: Matrix<Float>) {
        requireSameShape(z, a)
        Kernels.float.tanh(z.window, a.window)
    }

    public static func tanhBackward(_ da: Matrix<Float>, activation a: Matrix<Float>, into dz: Matrix<Float>)
    {
        requireSameShape(da, a)
        requireSameShape(da, dz)
        Kernels.float.tanh_backward(da.window, a.window, dz.window)
    }

    public static func exp(_ z: Matrix<Float>, into a: Matrix<Float>) {
        requireSameShape(z, a)
        Kernels.float.exp(z.window, a.window)
    }

    public static func log(_ z: Matrix<Float>, into a: Matrix<Float>) {
        requireSameShape(z, a)
        Kernels.float.log(z.window, a.window)
    }

    public static func rowSums(_ z: Matrix<Float>, into sums: UnsafeMutablePointer<Float>) {
        Kernels.float.row_sums(z.window, sums)
    }

    public static func columnSquares(_ z: Matrix<Float>, into squares: UnsafeMutablePointer<Double>) {
        Kernels.float.column_squares(z.window, squares)
    }

    public static func sum(_ elements: UnsafePointer<Float>, count: Int) -> Double {
        Kernels.float.sum(elements, count)
    }

    public static func sumOfSquares(_ elements: UnsafePointer<Float>, count: Int) -> Double {
        Kernels.float.squares(elements, count)
    }

    public static func countNonFinite(_ elements: UnsafePointer<Float>, count: Int) -> Int {
        Kernels.float.count_nonfinite(elements, count)
    }

    public static func noteSigns(
        _ elements: UnsafePointer<Float>, count: Int, in seen: UnsafeMutablePointer<UInt8>
    ) {
        Kernels.float.note_signs(elements, count, seen)
    }

    public static func crossEntropy(
        _ logits: Matrix<Float>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Float>
    ) {
        Kernels.float.cross_entropy(logits.window, labels, losses)
    }

    public static func crossEntropyGradient(
        _ logits: Matrix<Float>, labels: UnsafePointer<Int32>, scale: Float, into gradient: Matrix<Float>
    ) {
        requireSameShape(logits, gradient)
        Kernels.float.cross_entropy_gradient(logits.window, labels, scale, gradient.window)
    }

    public static func meanSquares(
        _ logits: Matrix<Float>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Float>
    ) {
        Kernels.float.mean_squares(logits.window, labels, losses)
    }

    public static func meanSquaresGradient(
        _ logits: Matrix<Float>, labels: UnsafePointer<Int32>, scale: Float, into gradient: Matrix<Float>
    ) {
        requireSameShape(logits, gradient)
        Kernels.float.mean_squares_gradient(logits.window, labels, scale, gradient.window)
    }

    public static func argmax(_ logits: Matrix<Float>, into classes: UnsafeMutablePointer<Int32>) {
        Kernels.float.argmax(logits.window, classes)
    }

    public static func gather(
        _ samples: UnsafePointer<Float>, rows indices: UnsafePointer<Int>, into out: Matrix<Float>
    ) {
        Kernels.float.gather(samples, indices, out.window)
    }

    public static func gather(
        bytes: UnsafePointer<UInt8>, rows: UnsafePointer<Int>, _ indices: UnsafePointer<Int>,
        scales: ByteScales, into out: Matrix<Float>
    ) {
        precondition(out.rows % scales.count == 0, "\(out.rows) inputs in \(scales.count) planes")
        scales.gains.withUnsafeBufferPointer { gains in
            scales.shifts.withUnsafeBufferPointer { shifts in
                guard let gains = gains.baseAddress, let shifts = shifts.baseAddress else { return }
                Kernels.float.gather_bytes(bytes, rows, indices, scales.count, gains, shifts, out.window)
            }
        }
    }
}

extension Matrix<Float> {
    /// The same window as the C kernels take it.
    package var window: descent_matrix_f32 {
        descent_matrix_f32(data: pointer, rows: rows, columns: columns, stride: stride)
    }
}

package import CKernels
import COpenBLAS

extension Double: Real {
    public static func multiply(
        _ a: Matrix<Double>, transposed isATransposed: Bool,
        _ b: Matrix<Double>, transposed isBTransposed: Bool,
        into c: Matrix<Double>, alpha: Double, beta: Double
    ) {
        let shape = ProductShape(a, isATransposed, b, isBTransposed, into: c)
        if shape.isEmpty { return }
        cblas_dgemm(
            CblasRowMajor,
            isATransposed ? CblasTrans : CblasNoTrans, isBTransposed ? CblasTrans : CblasNoTrans,
            shape.rows, shape.columns, shape.inner, alpha, a.pointer, shape.strideA, b.pointer, shape.strideB,
            beta, c.pointer, shape.strideC)
    }

    public static func addBias(_ bias: UnsafePointer<Double>, to z: Matrix<Double>) {
        Kernels.double.add_bias(z.window, bias)
    }

    public static func addBias(
        _ bias: UnsafePointer<Double>, to z: Matrix<Double>, reluInto a: Matrix<Double>
    ) {
        requireSameShape(z, a)
        Kernels.double.add_bias_relu(z.window, bias, a.window)
    }

    public static func relu(_ z: Matrix<Double>, into a: Matrix<Double>) {
        requireSameShape(z, a)
        Kernels.double.relu(z.window, a.window)
    }

    public static func reluBackward(
        _ da: Matrix<Double>, activation a: Matrix<Double>, into dz: Matrix<Double>
    ) {
        requireSameShape(da, a)
        requireSameShape(da, dz)
        Kernels.double.relu_backward(da.window, a.window, dz.window)
    }

    public static func tanh(_ z: Matrix<Double>, into a: Matrix<Double>) {
        requireSameShape(z, a)
        Kernels.double.tanh(z.window, a.window)
    }

    public static func tanhBackward(
        _ da: Matrix<Double>, activation a: Matrix<Double>, into dz: Matrix<Double>
    ) {
        requireSameShape(da, a)
        requireSameShape(da, dz)
        Kernels.double.tanh_backward(da.window, a.window, dz.window)
    }

    public static func exp(_ z: Matrix<Double>, into a: Matrix<Double>) {
        requireSameShape(z, a)
        Kernels.double.exp(z.window, a.window)
    }

    public static func log(_ z: Matrix<Double>, into a: Matrix<Double>) {
        requireSameShape(z, a)
        Kernels.double.log(z.window, a.window)
    }

    public static func rowSums(_ z: Matrix<Double>, into sums: UnsafeMutablePointer<Double>) {
        Kernels.double.row_sums(z.window, sums)
    }

    public static func columnSquares(_ z: Matrix<Double>, into squares: UnsafeMutablePointer<Double>) {
        Kernels.double.column_squares(z.window, squares)
    }

    public static func sum(_ elements: UnsafePointer<Double>, count: Int) -> Double {
        Kernels.double.sum(elements, count)
    }

    public static func sumOfSquares(_ elements: UnsafePointer<Double>, count: Int) -> Double {
        Kernels.double.squares(elements, count)
    }

    public static func countNonFinite(_ elements: UnsafePointer<Double>, count: Int) -> Int {
        Kernels.double.count_nonfinite(elements, count)
    }

    public static func noteSigns(
        _ elements: UnsafePointer<Double>, count: Int, in seen: UnsafeMutablePointer<UInt8>
    ) {
        Kernels.double.note_signs(elements, count, seen)
    }

    public static func crossEntropy(
        _ logits: Matrix<Double>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Double>
    ) {
        Kernels.double.cross_entropy(logits.window, labels, losses)
    }

    public static func crossEntropyGradient(
        _ logits: Matrix<Double>, labels: UnsafePointer<Int32>, scale: Double, into gradient: Matrix<Double>
    ) {
        requireSameShape(logits, gradient)
        Kernels.double.cross_entropy_gradient(logits.window, labels, scale, gradient.window)
    }

    public static func meanSquares(
        _ logits: Matrix<Double>, labels: UnsafePointer<Int32>, into losses: UnsafeMutablePointer<Double>
    ) {
        Kernels.double.mean_squares(logits.window, labels, losses)
    }

    public static func meanSquaresGradient(
        _ logits: Matrix<Double>, labels: UnsafePointer<Int32>, scale: Double, into gradient: Matrix<Double>
    ) {
        requireSameShape(logits, gradient)
        Kernels.double.mean_squares_gradient(logits.window, labels, scale, gradient.window)
    }

    public static func argmax(_ logits: Matrix<Double>, into classes: UnsafeMutablePointer<Int32>) {
        Kernels.double.argmax(logits.window, classes)
    }

    public static func gather(
        _ samples: UnsafePointer<Float>, rows indices: UnsafePointer<Int>, into out: Matrix<Double>
    ) {
        Kernels.double.gather(samples, indices, out.window)
    }

    public static func gather(
        bytes: UnsafePointer<UInt8>, rows: UnsafePointer<Int>, _ indices: UnsafePointer<Int>,
        scales: ByteScales, into out: Matrix<Double>
    ) {
        precondition(out.rows % scales.count == 0, "\(out.rows) inputs in \(scales.count) planes")
        scales.gains.withUnsafeBufferPointer { gains in
            scales.shifts.withUnsafeBufferPointer { shifts in
                guard let gains = gains.baseAddress, let shifts = shifts.baseAddress else { return }
                Kernels.double.gather_bytes(bytes, rows, indices, scales.count, gains, shifts, out.window)
            }
        }
    }
}

extension Matrix<Double> {
    /// The same window as the C kernels take it.
    package var window: descent_matrix_f64 {
        descent_matrix_f64(data: pointer, rows: rows, columns: columns, stride: stride)
    }
}

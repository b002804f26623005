internal import CKernels

/// Batch normalisation of each unit with given moments: y = (z − mean) · inverse · scale + shift.
public struct RowNormalization<Scalar> {
    /// [U].
    public let mean: UnsafeMutablePointer<Scalar>
    /// [U], 1 / √(variance + ε).
    public let inverse: UnsafeMutablePointer<Scalar>
    /// [U], γ.
    public let scale: UnsafeMutablePointer<Scalar>
    /// [U], β.
    public let shift: UnsafeMutablePointer<Scalar>

    public init(
        mean: UnsafeMutablePointer<Scalar>, inverse: UnsafeMutablePointer<Scalar>,
        scale: UnsafeMutablePointer<Scalar>, shift: UnsafeMutablePointer<Scalar>
    ) {
        self.mean = mean
        self.inverse = inverse
        self.scale = scale
        self.shift = shift
    }
}

/// Further activations, and batch normalisation of rows: the rules of ``Real`` hold.
public protocol LayerArithmetic: BitwiseCopyable {
    /// `a` += `z`.
    static func add(_ z: Matrix<Self>, to a: Matrix<Self>)

    /// `a` ← `z` where it is positive, else z/100 (PyTorch's slope); NaN stays NaN.
    static func leakyRelu(_ z: Matrix<Self>, into a: Matrix<Self>)

    /// `dz` ← `da` where the activation `a` is positive, else da/100.
    static func leakyReluBackward(_ da: Matrix<Self>, activation a: Matrix<Self>, into dz: Matrix<Self>)

    /// `a` ← z · Φ(z) with the exact distribution function of the standard normal distribution.
    static func gelu(_ z: Matrix<Self>, into a: Matrix<Self>)

    /// `dz` ← `da` · (Φ(z) + z · φ(z)), with the pre-activation `z`.
    static func geluBackward(_ da: Matrix<Self>, preActivation z: Matrix<Self>, into dz: Matrix<Self>)

    /// `mean` [U] and biased `variance` [U] of each row of `z` [U × B].
    static func moments(
        of z: Matrix<Self>, mean: UnsafeMutablePointer<Self>, variance: UnsafeMutablePointer<Self>)

    /// `y` ← the normalised rows of `z`, which may be `y` itself.
    static func normalize(_ z: Matrix<Self>, by normalization: RowNormalization<Self>, into y: Matrix<Self>)

    /// From the gradient `dy` [U × B] those with respect to scale and shift [U], where wanted, and `dz`, which may be
    /// `dy` itself.
    ///
    /// - Parameters:
    ///   - dy: The gradient with respect to the normalised rows.
    ///   - z: What was normalised.
    ///   - normalization: As in the way forward.
    ///   - momentsDepend: Whether the moments are those of `z`, and so move with it; else they are constants.
    ///   - scaleGradient: [U].
    ///   - shiftGradient: [U].
    ///   - dz: [U × B].
    static func normalizeBackward(
        _ dy: Matrix<Self>, of z: Matrix<Self>, by normalization: RowNormalization<Self>, momentsDepend: Bool,
        scaleGradient: UnsafeMutablePointer<Self>?, shiftGradient: UnsafeMutablePointer<Self>?,
        into dz: Matrix<Self>)
}

extension Float: LayerArithmetic {
    public static func add(_ z: Matrix<Float>, to a: Matrix<Float>) {
        requireSameShape(z, a)
        Kernels.floatLayers.add(z.window, a.window)
    }

    public static func leakyRelu(_ z: Matrix<Float>, into a: Matrix<Float>) {
        requireSameShape(z, a)
        Kernels.floatLayers.leaky_relu(z.window, a.window)
    }

    public static func leakyReluBackward(
        _ da: Matrix<Float>, activation a: Matrix<Float>, into dz: Matrix<Float>
    ) {
        requireSameShape(da, a)
        requireSameShape(da, dz)
        Kernels.floatLayers.leaky_relu_backward(da.window, a.window, dz.window)
    }

    public static func gelu(_ z: Matrix<Float>, into a: Matrix<Float>) {
        requireSameShape(z, a)
        Kernels.floatLayers.gelu(z.window, a.window)
    }

    public static func geluBackward(
        _ da: Matrix<Float>, preActivation z: Matrix<Float>, into dz: Matrix<Float>
    ) {
        requireSameShape(da, z)
        requireSameShape(da, dz)
        Kernels.floatLayers.gelu_backward(da.window, z.window, dz.window)
    }

    public static func moments(
        of z: Matrix<Float>, mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>
    ) {
        Kernels.floatLayers.moments(z.window, mean, variance)
    }

    public static func normalize(
        _ z: Matrix<Float>, by normalization: RowNormalization<Float>, into y: Matrix<Float>
    ) {
        requireSameShape(z, y)
        var rows = descent_normalization_f32(normalization)
        Kernels.floatLayers.normalize(&rows, z.window, y.window)
    }

    public static func normalizeBackward(
        _ dy: Matrix<Float>, of z: Matrix<Float>, by normalization: RowNormalization<Float>,
        momentsDepend: Bool,
        scaleGradient: UnsafeMutablePointer<Float>?, shiftGradient: UnsafeMutablePointer<Float>?,
        into dz: Matrix<Float>
    ) {
        requireSameShape(dy, z)
        requireSameShape(dy, dz)
        var rows = descent_normalization_f32(normalization)
        Kernels.floatLayers.normalize_backward(
            &rows, momentsDepend ? 1 : 0, dy.window, z.window, scaleGradient, shiftGradient, dz.window)
    }
}

extension descent_normalization_f32 {
    fileprivate init(_ rows: RowNormalization<Float>) {
        self.init(mean: rows.mean, inverse: rows.inverse, scale: rows.scale, shift: rows.shift)
    }
}

extension Double: LayerArithmetic {
    public static func add(_ z: Matrix<Double>, to a: Matrix<Double>) {
        requireSameShape(z, a)
        Kernels.doubleLayers.add(z.window, a.window)
    }

    public static func leakyRelu(_ z: Matrix<Double>, into a: Matrix<Double>) {
        requireSameShape(z, a)
        Kernels.doubleLayers.leaky_relu(z.window, a.window)
    }

    public static func leakyReluBackward(
        _ da: Matrix<Double>, activation a: Matrix<Double>, into dz: Matrix<Double>
    ) {
        requireSameShape(da, a)
        requireSameShape(da, dz)
        Kernels.doubleLayers.leaky_relu_backward(da.window, a.window, dz.window)
    }

    public static func gelu(_ z: Matrix<Double>, into a: Matrix<Double>) {
        requireSameShape(z, a)
        Kernels.doubleLayers.gelu(z.window, a.window)
    }

    public static func geluBackward(
        _ da: Matrix<Double>, preActivation z: Matrix<Double>, into dz: Matrix<Double>
    ) {
        requireSameShape(da, z)
        requireSameShape(da, dz)
        Kernels.doubleLayers.gelu_backward(da.window, z.window, dz.window)
    }

    public static func moments(
        of z: Matrix<Double>, mean: UnsafeMutablePointer<Double>, variance: UnsafeMutablePointer<Double>
    ) {
        Kernels.doubleLayers.moments(z.window, mean, variance)
    }

    public static func normalize(
        _ z: Matrix<Double>, by normalization: RowNormalization<Double>, into y: Matrix<Double>
    ) {
        requireSameShape(z, y)
        var rows = descent_normalization_f64(normalization)
        Kernels.doubleLayers.normalize(&rows, z.window, y.window)
    }

    public static func normalizeBackward(
        _ dy: Matrix<Double>, of z: Matrix<Double>, by normalization: RowNormalization<Double>,
        momentsDepend: Bool,
        scaleGradient: UnsafeMutablePointer<Double>?, shiftGradient: UnsafeMutablePointer<Double>?,
        into dz: Matrix<Double>
    ) {
        requireSameShape(dy, z)
        requireSameShape(dy, dz)
        var rows = descent_normalization_f64(normalization)
        Kernels.doubleLayers.normalize_backward(
            &rows, momentsDepend ? 1 : 0, dy.window, z.window, scaleGradient, shiftGradient, dz.window)
    }
}

extension descent_normalization_f64 {
    fileprivate init(_ rows: RowNormalization<Double>) {
        self.init(mean: rows.mean, inverse: rows.inverse, scale: rows.scale, shift: rows.shift)
    }
}

extension Kernels {
    fileprivate static let floatLayers: descent_layers_f32 = {
        guard let table = descent_layers_f32_for(instructionSet.code) else {
            preconditionFailure("no layer kernels for \(instructionSet)")
        }
        return table.pointee
    }()

    fileprivate static let doubleLayers: descent_layers_f64 = {
        guard let table = descent_layers_f64_for(instructionSet.code) else {
            preconditionFailure("no layer kernels for \(instructionSet)")
        }
        return table.pointee
    }()
}

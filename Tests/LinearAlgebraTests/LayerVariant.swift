import CKernels
import LinearAlgebra

/// The layer kernels of one instruction set in one precision, callable with windows.
struct LayerVariant<Scalar: Real> {
    typealias Map = (Matrix<Scalar>, Matrix<Scalar>) -> Void
    typealias Backward = (Matrix<Scalar>, Matrix<Scalar>, Matrix<Scalar>) -> Void
    typealias Numbers = UnsafeMutablePointer<Scalar>

    let add: Map
    let leakyRelu: Map
    let gelu: Map
    let erf: Map
    let leakyReluBackward: Backward
    let geluBackward: Backward
    let moments: (Matrix<Scalar>, Numbers, Numbers) -> Void
    let normalize: (RowNormalization<Scalar>, Matrix<Scalar>, Matrix<Scalar>) -> Void
    /// The normalisation, whether its moments depend on z, dy, z, the gradients of scale and shift, and dz.
    let normalizeBackward:
        (RowNormalization<Scalar>, Bool, Matrix<Scalar>, Matrix<Scalar>, Numbers?, Numbers?, Matrix<Scalar>)
            -> Void
}

extension LayerVariant<Float> {
    /// - Precondition: This processor can run `instructionSet`.
    init(_ instructionSet: InstructionSet) {
        guard let kernels = descent_layers_f32_for(instructionSet.code)?.pointee else {
            preconditionFailure("this processor cannot run \(instructionSet)")
        }
        func rows(_ rows: RowNormalization<Float>) -> descent_normalization_f32 {
            descent_normalization_f32(
                mean: rows.mean, inverse: rows.inverse, scale: rows.scale, shift: rows.shift)
        }
        add = { kernels.add($0.window, $1.window) }
        leakyRelu = { kernels.leaky_relu($0.window, $1.window) }
        gelu = { kernels.gelu($0.window, $1.window) }
        erf = { kernels.erf($0.window, $1.window) }
        leakyReluBackward = { kernels.leaky_relu_backward($0.window, $1.window, $2.window) }
        geluBackward = { kernels.gelu_backward($0.window, $1.window, $2.window) }
        moments = { kernels.moments($0.window, $1, $2) }
        normalize = { normalization, z, y in
            var rows = rows(normalization)
            kernels.normalize(&rows, z.window, y.window)
        }
        normalizeBackward = { normalization, depends, dy, z, dscale, dshift, dz in
            var rows = rows(normalization)
            kernels.normalize_backward(
                &rows, depends ? 1 : 0, dy.window, z.window, dscale, dshift, dz.window)
        }
    }
}

extension LayerVariant<Double> {
    /// - Precondition: This processor can run `instructionSet`.
    init(_ instructionSet: InstructionSet) {
        guard let kernels = descent_layers_f64_for(instructionSet.code)?.pointee else {
            preconditionFailure("this processor cannot run \(instructionSet)")
        }
        func rows(_ rows: RowNormalization<Double>) -> descent_normalization_f64 {
            descent_normalization_f64(
                mean: rows.mean, inverse: rows.inverse, scale: rows.scale, shift: rows.shift)
        }
        add = { kernels.add($0.window, $1.window) }
        leakyRelu = { kernels.leaky_relu($0.window, $1.window) }
        gelu = { kernels.gelu($0.window, $1.window) }
        erf = { kernels.erf($0.window, $1.window) }
        leakyReluBackward = { kernels.leaky_relu_backward($0.window, $1.window, $2.window) }
        geluBackward = { kernels.gelu_backward($0.window, $1.window, $2.window) }
        moments = { kernels.moments($0.window, $1, $2) }
        normalize = { normalization, z, y in
            var rows = rows(normalization)
            kernels.normalize(&rows, z.window, y.window)
        }
        normalizeBackward = { normalization, depends, dy, z, dscale, dshift, dz in
            var rows = rows(normalization)
            kernels.normalize_backward(
                &rows, depends ? 1 : 0, dy.window, z.window, dscale, dshift, dz.window)
        }
    }
}

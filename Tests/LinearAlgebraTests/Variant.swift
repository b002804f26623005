import CKernels
import LinearAlgebra

/// The kernels of one instruction set in one precision, callable with windows: what the tests force in turn.
struct Variant<Scalar: Real> {
    typealias Map = (Matrix<Scalar>, Matrix<Scalar>) -> Void
    typealias Backward = (Matrix<Scalar>, Matrix<Scalar>, Matrix<Scalar>) -> Void
    typealias Labels = UnsafePointer<Int32>

    let addBias: (Matrix<Scalar>, UnsafePointer<Scalar>) -> Void
    let addBiasRelu: (Matrix<Scalar>, UnsafePointer<Scalar>, Matrix<Scalar>) -> Void
    let relu: Map
    let tanh: Map
    let exp: Map
    let log: Map
    let reluBackward: Backward
    let tanhBackward: Backward
    let rowSums: (Matrix<Scalar>, UnsafeMutablePointer<Scalar>) -> Void
    let columnSquares: (Matrix<Scalar>, UnsafeMutablePointer<Double>) -> Void
    let sum: (UnsafePointer<Scalar>, Int) -> Double
    let squares: (UnsafePointer<Scalar>, Int) -> Double
    let countNonFinite: (UnsafePointer<Scalar>, Int) -> Int
    let noteSigns: (UnsafePointer<Scalar>, Int, UnsafeMutablePointer<UInt8>) -> Void
    let crossEntropy: (Matrix<Scalar>, Labels, UnsafeMutablePointer<Scalar>) -> Void
    let crossEntropyGradient: (Matrix<Scalar>, Labels, Scalar, Matrix<Scalar>) -> Void
    let meanSquares: (Matrix<Scalar>, Labels, UnsafeMutablePointer<Scalar>) -> Void
    let meanSquaresGradient: (Matrix<Scalar>, Labels, Scalar, Matrix<Scalar>) -> Void
    let argmax: (Matrix<Scalar>, UnsafeMutablePointer<Int32>) -> Void
    let gather: (UnsafePointer<Float>, UnsafePointer<Int>, Matrix<Scalar>) -> Void
    let gatherBytes:
        (
            _ bytes: UnsafePointer<UInt8>, _ rows: UnsafePointer<Int>, _ indices: UnsafePointer<Int>,
            ByteScales,
            Matrix<Scalar>
        ) -> Void
}

extension Variant<Float> {
    /// - Precondition: This processor can run `instructionSet`.
    init(_ instructionSet: InstructionSet) {
        guard let kernels = descent_kernels_f32_for(instructionSet.code)?.pointee else {
            preconditionFailure("this processor cannot run \(instructionSet)")
        }
        addBias = { kernels.add_bias($0.window, $1) }
        addBiasRelu = { kernels.add_bias_relu($0.window, $1, $2.window) }
        relu = { kernels.relu($0.window, $1.window) }
        tanh = { kernels.tanh($0.window, $1.window) }
        exp = { kernels.exp($0.window, $1.window) }
        log = { kernels.log($0.window, $1.window) }
        reluBackward = { kernels.relu_backward($0.window, $1.window, $2.window) }
        tanhBackward = { kernels.tanh_backward($0.window, $1.window, $2.window) }
        rowSums = { kernels.row_sums($0.window, $1) }
        columnSquares = { kernels.column_squares($0.window, $1) }
        sum = { kernels.sum($0, $1) }
        squares = { kernels.squares($0, $1) }
        countNonFinite = { kernels.count_nonfinite($0, $1) }
        noteSigns = { kernels.note_signs($0, $1, $2) }
        crossEntropy = { kernels.cross_entropy($0.window, $1, $2) }
        crossEntropyGradient = { kernels.cross_entropy_gradient($0.window, $1, $2, $3.window) }
        meanSquares = { kernels.mean_squares($0.window, $1, $2) }
        meanSquaresGradient = { kernels.mean_squares_gradient($0.window, $1, $2, $3.window) }
        argmax = { kernels.argmax($0.window, $1) }
        gather = { kernels.gather($0, $1, $2.window) }
        gatherBytes = { kernels.gather_bytes($0, $1, $2, $3.count, $3.gains, $3.shifts, $4.window) }
    }
}

extension Variant<Double> {
    /// - Precondition: This processor can run `instructionSet`.
    init(_ instructionSet: InstructionSet) {
        guard let kernels = descent_kernels_f64_for(instructionSet.code)?.pointee else {
            preconditionFailure("this processor cannot run \(instructionSet)")
        }
        addBias = { kernels.add_bias($0.window, $1) }
        addBiasRelu = { kernels.add_bias_relu($0.window, $1, $2.window) }
        relu = { kernels.relu($0.window, $1.window) }
        tanh = { kernels.tanh($0.window, $1.window) }
        exp = { kernels.exp($0.window, $1.window) }
        log = { kernels.log($0.window, $1.window) }
        reluBackward = { kernels.relu_backward($0.window, $1.window, $2.window) }
        tanhBackward = { kernels.tanh_backward($0.window, $1.window, $2.window) }
        rowSums = { kernels.row_sums($0.window, $1) }
        columnSquares = { kernels.column_squares($0.window, $1) }
        sum = { kernels.sum($0, $1) }
        squares = { kernels.squares($0, $1) }
        countNonFinite = { kernels.count_nonfinite($0, $1) }
        noteSigns = { kernels.note_signs($0, $1, $2) }
        crossEntropy = { kernels.cross_entropy($0.window, $1, $2) }
        crossEntropyGradient = { kernels.cross_entropy_gradient($0.window, $1, $2, $3.window) }
        meanSquares = { kernels.mean_squares($0.window, $1, $2) }
        meanSquaresGradient = { kernels.mean_squares_gradient($0.window, $1, $2, $3.window) }
        argmax = { kernels.argmax($0.window, $1) }
        gather = { kernels.gather($0, $1, $2.window) }
        gatherBytes = { kernels.gather_bytes($0, $1, $2, $3.count, $3.gains, $3.shifts, $4.window) }
    }
}

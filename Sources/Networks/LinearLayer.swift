import LinearAlgebra

/// One linear layer: its sizes and where its weights [outputs × inputs] and biases stand in the block.
struct LinearLayer: BitwiseCopyable {
    let inputs: Int
    let outputs: Int
    let weightOffset: Int
    /// `nil` for a layer without biases.
    let biasOffset: Int?

    func weights<Scalar: Real>(_ block: ParameterBlock<Scalar>) -> Matrix<Scalar> {
        Matrix(block.buffer.pointer + weightOffset, rows: outputs, columns: inputs)
    }

    func biases<Scalar: Real>(_ block: ParameterBlock<Scalar>) -> UnsafeMutablePointer<Scalar>? {
        biasOffset.map { block.buffer.pointer + $0 }
    }

    /// `z` [outputs × B] ← W · `input` [inputs × B] + b.
    func apply<Scalar: Real>(
        _ parameters: ParameterBlock<Scalar>, _ input: Matrix<Scalar>, into z: Matrix<Scalar>
    ) {
        Scalar.multiply(weights(parameters), input, into: z)
        if let biases = biases(parameters) { Scalar.addBias(biases, to: z) }
    }
}

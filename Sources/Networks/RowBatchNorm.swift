import LinearAlgebra

/// Batch normalisation of the units of one linear layer (Ioffe and Szegedy, 2015), with PyTorch's conventions.
///
/// y = γ · (z − mean)/√(variance + ε) + β. In training and in batch mode the moments are those of the batch, the
/// variance biased; in evaluation they are the running ones, which each training pass moves by a tenth of the way to
/// the batch's mean and unbiased variance.
struct RowBatchNorm: BitwiseCopyable {
    /// ε.
    static let epsilon = 1e-5
    /// How far a training pass moves the running moments.
    static let momentum = 0.1

    let unitCount: Int
    /// Where γ, β and the running moments [U each] stand in the block of parameters.
    let scaleOffset: Int
    let shiftOffset: Int
    let meanOffset: Int
    let varianceOffset: Int
    /// Where the moments of a pass, mean and 1/√(variance + ε) [U each], stand in ``Workspace/unitNumbers``.
    let momentsOffset: Int

    /// Numbers that a workspace keeps for it.
    var momentsCount: Int { 2 * unitCount }

    /// Takes the moments that normalise `z` in this pass; in training, moves the running ones.
    ///
    /// - Returns: The normalisation, valid until the next pass.
    func prepare<Scalar: Real>(
        _ z: Matrix<Scalar>, _ parameters: ParameterBlock<Scalar>,
        moments: UnsafeMutablePointer<Scalar>, _ normalization: Normalization
    ) -> RowNormalization<Scalar> {
        let rows = rows(parameters, moments: moments)
        let block = parameters.buffer.pointer
        switch normalization {
        case .running:
            rows.mean.update(from: block + meanOffset, count: unitCount)
            rows.inverse.update(from: block + varianceOffset, count: unitCount)
        case .batch, .training:
            Scalar.moments(of: z, mean: rows.mean, variance: rows.inverse)
            if normalization == .training {
                let unbiased = Scalar(z.columns) / Scalar(max(z.columns - 1, 1))
                move(block + meanOffset, to: rows.mean, times: 1, count: unitCount)
                move(block + varianceOffset, to: rows.inverse, times: unbiased, count: unitCount)
            }
        }
        invert(rows.inverse, count: unitCount)
        return rows
    }

    /// The normalisation with the moments that the latest pass left.
    func rows<Scalar: Real>(
        _ parameters: ParameterBlock<Scalar>, moments: UnsafeMutablePointer<Scalar>
    ) -> RowNormalization<Scalar> {
        RowNormalization(
            mean: moments, inverse: moments + unitCount, scale: parameters.buffer.pointer + scaleOffset,
            shift: parameters.buffer.pointer + shiftOffset)
    }
}

/// Variances become 1/√(variance + ε).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func invert<Scalar: Real>(_ variances: UnsafeMutablePointer<Scalar>, count: Int) {
    let epsilon = Scalar(RowBatchNorm.epsilon)
    for index in 0..<count { variances[index] = 1 / (variances[index] + epsilon).squareRoot() }
}

/// Moves running moments towards those of a batch, times a factor.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func move<Scalar: Real>(
    _ running: UnsafeMutablePointer<Scalar>, to batch: UnsafeMutablePointer<Scalar>, times factor: Scalar,
    count: Int
) {
    let momentum = Scalar(RowBatchNorm.momentum)
    for index in 0..<count {
        running[index] = (1 - momentum) * running[index] + momentum * factor * batch[index]
    }
}

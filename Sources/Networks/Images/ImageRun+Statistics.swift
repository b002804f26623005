import LinearAlgebra

/// Added to variances before the root, as in PyTorch.
private let varianceEpsilon = 1e-5

/// The share of a batch in running averages, as in PyTorch.
private let momentum = 0.1

extension ImageRun {
    /// Evaluation: the running averages normalise.
    func takeRunningStatistics(_ index: Int) {
        let offsets = network.normalizations[index]
        let (mean, variance) = (parameter(offsets.runningMean), parameter(offsets.runningVariance))
        let statistics = statistics(index)
        for channel in 0..<offsets.channels {
            statistics[channel] = mean[channel]
            let deviation = (Double(variance[channel]) + varianceEpsilon).squareRoot()
            statistics[offsets.channels + channel] = Scalar(1 / deviation)
        }
    }

    /// Mean and variance of each channel over the examples and places of the batch.
    ///
    /// The mean comes first and the squares are of distances from it: no cancellation. The lanes of a block that hold no
    /// example are not counted. Running averages move by a tenth, with the unbiased variance.
    func takeBatchStatistics(_ step: NormalizationStep, movesRunning: Bool) {
        guard let index = step.index else { return }
        let shape = network.tensors[step.source]
        let offsets = network.normalizations[index]
        let statistics = statistics(index)
        let places = Double(batch * shape.height * shape.width)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: shape.channels) { sums in
            guard let total = sums.baseAddress else { return }
            total.update(repeating: 0, count: shape.channels)
            for block in 0..<blocks {
                kernels.channelSums(shape, tensor(step.source, block), lanes(block), total)
            }
            for channel in 0..<shape.channels { statistics[channel] = Scalar(total[channel] / places) }
            total.update(repeating: 0, count: shape.channels)
            for block in 0..<blocks {
                kernels.channelSquares(shape, tensor(step.source, block), statistics, lanes(block), total)
            }
            for channel in 0..<shape.channels {
                let variance = total[channel] / places
                statistics[shape.channels + channel] = Scalar(1 / (variance + varianceEpsilon).squareRoot())
                guard movesRunning else { continue }
                let unbiased = total[channel] / max(places - 1, 1)
                move(parameter(offsets.runningMean + channel), towards: Double(statistics[channel]))
                move(parameter(offsets.runningVariance + channel), towards: unbiased)
            }
        }
    }

    private func move(_ average: Pointer, towards value: Double) {
        average.pointee = Scalar((1 - momentum) * Double(average.pointee) + momentum * value)
    }
}

internal import Datasets
internal import LinearAlgebra
internal import Sweeps

/// Brings the samples of a batch side by side, the batch innermost, as networks want their inputs.
struct BatchGatherer<Scalar: Real> {
    /// [B], the labels that the gathered samples were assigned.
    let labels: Buffer<Int32>

    init(batchMax: Int) { labels = Buffer(count: batchMax) }

    /// Copies the samples at places `start`..<`start + count` of `order` into the first columns of `input`.
    ///
    /// - Parameters:
    ///   - samples: [N × D].
    ///   - order: Indices of samples.
    ///   - start: The first place.
    ///   - count: How many samples (B), at least 1.
    ///   - input: [D × B] or wider.
    func gather(
        _ samples: Samples, _ order: [Int], from start: Int, count: Int, into input: Matrix<Scalar>
    ) {
        order.withUnsafeBufferPointer { order in
            let indices = UnsafeBufferPointer(rebasing: order[start..<start + count])
            samples.gather(indices, into: input.firstColumns(count))
            samples.labelsAssigned.withUnsafeBufferPointer { assigned in
                for place in 0..<count { labels.pointer[place] = assigned[indices[place]] }
            }
        }
    }
}

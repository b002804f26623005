internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// Brings the samples of a batch side by side, the batch innermost, as networks want their inputs.
struct BatchGatherer<Scalar: Real> {
    /// [B], the labels that the gathered samples were assigned.
    let labels: Buffer<Int32>

    /// What is done to training images; `nil` shows them as they are.
    private let augmented: AugmentedBatch?

    /// - Parameters:
    ///   - batchMax: Samples that are gathered at once, at most.
    ///   - augmented: An augmentation made for the samples, with memory for as many.
    init(batchMax: Int, augmented: AugmentedBatch? = nil) {
        labels = Buffer(count: batchMax)
        self.augmented = augmented
    }

    /// Brings the samples at places `start`..<`start + count` of `order` to where a network reads them.
    ///
    /// That is blocks of images where it has such and the samples are bytes, else the first columns of its input.
    ///
    /// - Parameters:
    ///   - samples: [N × D].
    ///   - order: Indices of samples.
    ///   - start: The first place.
    ///   - count: How many samples (B), at least 1.
    ///   - epoch: Of the augmentation, where there is one.
    ///   - workspace: The network's, for B examples or more.
    func gather(
        _ samples: Samples, _ order: [Int], from start: Int, count: Int, epoch: Int = 0,
        into workspace: Workspace<Scalar>
    ) {
        order.withUnsafeBufferPointer { order in
            let indices = UnsafeBufferPointer(rebasing: order[start..<start + count])
            workspace.readsImages =
                workspace.images.map { samples.place(indices, augmented, epoch, in: $0) } ?? false
            if !workspace.readsImages {
                samples.place(indices, augmented, epoch, in: workspace.input.firstColumns(count))
            }
            samples.labelsAssigned.withUnsafeBufferPointer { assigned in
                for place in 0..<count { labels.pointer[place] = assigned[indices[place]] }
            }
        }
    }
}

extension Samples {
    /// Into blocks of images, where the samples are bytes; says whether they are.
    fileprivate func place<Scalar: Real>(
        _ indices: UnsafeBufferPointer<Int>, _ augmented: AugmentedBatch?, _ epoch: Int,
        in images: ImageBatch<Scalar>
    ) -> Bool {
        guard let augmented else { return gather(indices, into: images) }
        return gather(indices, augmented: augmented, epoch: epoch, into: images)
    }

    /// Into columns.
    fileprivate func place<Scalar: Real>(
        _ indices: UnsafeBufferPointer<Int>, _ augmented: AugmentedBatch?, _ epoch: Int,
        in input: Matrix<Scalar>
    ) {
        guard let augmented else { return gather(indices, into: input) }
        gather(indices, augmented: augmented, epoch: epoch, into: input)
    }
}

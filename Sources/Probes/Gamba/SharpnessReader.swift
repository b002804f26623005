internal import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// What Gamba measures at one image: whether it is classified as labelled, its loss, and how the loss bends there.
struct Sharpness: Hashable {
    /// 1 or 0.
    var accuracy = 0.0
    var loss = 0.0
    /// ‖J(x)‖₂ with J = ∇ₓ ℓ, in units of the scaled input.
    var jacobian = 0.0
    /// √(1/M · Σₘ (‖J(x) − J(xₘ)‖₂ / δ)²) over M jitters xₘ of x.
    var hessian = 0.0
}

/// Measures ``Sharpness`` of images in batches; made once a task.
///
/// Jitters are drawn once: point by point, the same at every epoch and wherever on a path the point is looked at.
final class SharpnessReader<Scalar: Real> {
    /// Examples that go through the network at once.
    static var batchMax: Int { 128 }

    let points: TrainingPoints
    /// [B × D] images in [0, 1], not scaled: what ``read(_:from:batch:into:)`` looks at, filled by the caller.
    let images: Buffer<Double>
    /// The images of the latest reading, scaled, [D × B].
    let inputs: Matrix<Scalar>

    private let shape: ImageShape
    private let gains: [Double]
    private let shifts: [Double]
    private let jitters: [[ColorJitter]]
    private let step: Double
    private let workspace: Workspace<Scalar>
    private let inputStorage: Buffer<Scalar>
    private let gradientStorage: Buffer<Scalar>
    private let gradients: Matrix<Scalar>
    private let changed: Buffer<Double>
    private let losses: Buffer<Scalar>
    private let classes: Buffer<Int32>
    private let squares: Buffer<Double>
    private let sums: Buffer<Double>

    /// - Parameters:
    ///   - snapshot: The task.
    ///   - pointCount: The most training points.
    ///   - jitterCount: M.
    ///   - step: δ, which differences of gradients are divided by.
    init(_ snapshot: Snapshot<Scalar>, pointCount: Int, jitterCount: Int, step: Double) {
        points = TrainingPoints(snapshot, count: pointCount)
        shape = snapshot.network.inputShape
        self.step = step
        gains = snapshot.dataset.scaling.map { 1 / $0.deviation }
        shifts = snapshot.dataset.scaling.map { -$0.mean / $0.deviation }
        var generator = SeededGenerator(seed: snapshot.seed, stream: "color jitters")
        jitters = (0..<points.count).map { _ in
            (0..<jitterCount).map { _ in ColorJitter(strength: 0.01, &generator) }
        }
        let batch = min(Self.batchMax, points.count)
        workspace = snapshot.network.makeWorkspace(batchMax: batch)
        images = Buffer(count: batch * shape.count)
        inputStorage = Buffer(count: batch * shape.count)
        inputs = Matrix(inputStorage.pointer, rows: shape.count, columns: batch)
        gradientStorage = Buffer(count: batch * shape.count)
        gradients = Matrix(gradientStorage.pointer, rows: shape.count, columns: batch)
        changed = Buffer(count: shape.count)
        losses = Buffer(count: batch)
        classes = Buffer(count: batch)
        squares = Buffer(count: batch)
        sums = Buffer(count: batch)
    }

    /// Fills the images with the points themselves.
    func placePoints(_ samples: Samples, from start: Int, batch: Int) {
        for column in 0..<batch {
            let image = samples.unitImage(points.indices[start + column])
            let target = images.pointer + column * shape.count
            for pixel in 0..<shape.count { target[pixel] = Double(image[pixel]) }
        }
    }

    /// Measures the images, which belong to the points from `start` on, into `found` [B].
    func read(
        _ snapshot: Snapshot<Scalar>, from start: Int, batch: Int,
        into found: UnsafeMutablePointer<Sharpness>
    ) {
        scaleImages(batch: batch, into: inputs)
        workspace.input.firstColumns(batch).copy(from: inputs.firstColumns(batch))
        differentiate(snapshot, from: start, batch: batch)
        gradients.firstColumns(batch).copy(from: workspace.inputGradient.firstColumns(batch))
        Scalar.columnSquares(gradients.firstColumns(batch), into: squares.pointer)
        let logits = workspace.logits.firstColumns(batch)
        Scalar.argmax(logits, into: classes.pointer)
        points.labels.withUnsafeBufferPointer { labels in
            guard let first = labels.baseAddress else { return }
            snapshot.loss.values(logits, labels: first + start, into: losses.pointer)
            for column in 0..<batch {
                found[column].accuracy = classes.pointer[column] == first[start + column] ? 1 : 0
                found[column].loss = Double(losses.pointer[column])
                found[column].jacobian = squares.pointer[column].squareRoot()
            }
        }
        readJitters(snapshot, from: start, batch: batch, into: found)
    }

    private func readJitters(
        _ snapshot: Snapshot<Scalar>, from start: Int, batch: Int,
        into found: UnsafeMutablePointer<Sharpness>
    ) {
        let jitterCount = jitters[0].count
        sums.pointer.update(repeating: 0, count: batch)
        for jitter in 0..<jitterCount {
            for column in 0..<batch {
                changed.pointer.update(from: images.pointer + column * shape.count, count: shape.count)
                jitters[start + column][jitter].apply(to: changed.pointer, shape: shape)
                place(changed.pointer, column, of: workspace.input)
            }
            differentiate(snapshot, from: start, batch: batch)
            let difference = workspace.inputGradient.firstColumns(batch)
            difference.subtract(gradients)
            Scalar.columnSquares(difference, into: squares.pointer)
            for column in 0..<batch { sums.pointer[column] += squares.pointer[column] }
        }
        for column in 0..<batch {
            found[column].hessian = (sums.pointer[column] / Double(jitterCount)).squareRoot() / step
        }
    }

    /// Scales the images into the columns of `target`, as the network wants its inputs.
    func scaleImages(batch: Int, into target: Matrix<Scalar>) {
        for column in 0..<batch { place(images.pointer + column * shape.count, column, of: target) }
    }

    /// Scales an image into a column.
    private func place(_ image: UnsafePointer<Double>, _ column: Int, of window: Matrix<Scalar>) {
        let plane = shape.height * shape.width
        let (target, stride) = (window.pointer + column, window.stride)
        for channel in 0..<shape.channels {
            let (gain, shift) = (gains[channel], shifts[channel])
            for pixel in channel * plane..<(channel + 1) * plane {
                target[pixel * stride] = Scalar(gain * image[pixel] + shift)
            }
        }
    }

    /// Goes forward and back: logits and each example's own gradient.
    private func differentiate(_ snapshot: Snapshot<Scalar>, from start: Int, batch: Int) {
        snapshot.network.forward(snapshot.parameters, workspace, batch: batch)
        points.labels.withUnsafeBufferPointer { labels in
            guard let first = labels.baseAddress else { return }
            // The sum of the losses: each column's gradient is its own example's.
            snapshot.loss.gradient(
                workspace.logits.firstColumns(batch), labels: first + start, scale: 1,
                into: workspace.logitGradient.firstColumns(batch))
        }
        snapshot.network.backward(
            snapshot.parameters, workspace, batch: batch, gradients: nil, needsInputGradient: true)
    }
}

extension Matrix where Scalar: Real {
    /// Takes the elements of the first columns of `other` away.
    func subtract(_ other: Matrix) {
        for row in 0..<rows {
            let (target, source) = (pointer + row * stride, other.pointer + row * other.stride)
            for column in 0..<columns { target[column] -= source[column] }
        }
    }
}

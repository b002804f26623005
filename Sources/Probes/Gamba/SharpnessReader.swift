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
    /// [D × n]: the points themselves, in [0, 1].
    let origins: Matrix<Scalar>
    /// [D × B] images in [0, 1], not scaled: what ``read(_:from:batch:into:)`` looks at, filled by the caller.
    let images: Matrix<Scalar>
    /// The images of the latest reading, scaled, [D × B].
    let inputs: Matrix<Scalar>

    private let shape: ImageShape
    private let gains: [Scalar]
    private let shifts: [Scalar]
    /// [batch][m].
    private let jitters: [[ColorJitters<Scalar>]]
    private let step: Double
    private let workspace: Workspace<Scalar>
    /// What the matrices stand in.
    private let storage: [SamplePoints<Scalar>]
    private let gradients: Matrix<Scalar>
    private let changed: Matrix<Scalar>
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
        let shape = snapshot.network.inputShape
        self.shape = shape
        self.step = step
        gains = snapshot.dataset.scaling.map { Scalar(1 / $0.deviation) }
        shifts = snapshot.dataset.scaling.map { Scalar(-$0.mean / $0.deviation) }
        var generator = SeededGenerator(seed: snapshot.seed, stream: "color jitters")
        let drawn = (0..<points.count).map { _ in
            (0..<jitterCount).map { _ in ColorJitter(strength: 0.01, &generator) }
        }
        let batch = min(Self.batchMax, points.count)
        let columnCount = points.count
        jitters = stride(from: 0, to: columnCount, by: Self.batchMax).map { start in
            let columns = drawn[start..<min(start + Self.batchMax, columnCount)]
            return (0..<jitterCount).map { jitter in ColorJitters(columns.map { $0[jitter] }, shape: shape) }
        }
        workspace = snapshot.network.makeWorkspace(batchMax: batch, for: .joined)
        storage = (0..<5).map { SamplePoints(inputCount: shape.count, count: $0 == 0 ? columnCount : batch) }
        origins = storage[0].inputs
        images = storage[1].inputs
        inputs = storage[2].inputs
        gradients = storage[3].inputs
        changed = storage[4].inputs
        losses = Buffer(count: batch)
        classes = Buffer(count: batch)
        squares = Buffer(count: batch)
        sums = Buffer(count: batch)
        for (column, index) in points.indices.enumerated() {
            for (pixel, value) in snapshot.dataset.train.unitImage(index).enumerated() {
                origins[pixel, column] = Scalar(value)
            }
        }
    }

    /// Fills the images with the points themselves.
    func placePoints(from start: Int, batch: Int) {
        images.firstColumns(batch).copy(from: origins.columns(start..<start + batch))
    }

    /// Measures the images, which belong to the points from `start` on, into `found` [B].
    ///
    /// - Precondition: `start` is a multiple of ``batchMax``.
    func read(
        _ snapshot: Snapshot<Scalar>, from start: Int, batch: Int,
        into found: UnsafeMutablePointer<Sharpness>
    ) {
        let (inputs, gradients) = (inputs.firstColumns(batch), gradients.firstColumns(batch))
        scale(images, batch: batch, into: inputs)
        workspace.input.firstColumns(batch).copy(from: inputs)
        snapshot.differentiateByInputs(workspace, labels: points.labels, from: start, batch: batch)
        gradients.copy(from: workspace.inputGradient.firstColumns(batch))
        Scalar.columnSquares(gradients, into: squares.pointer)
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
        let jitters = jitters[start / Self.batchMax]
        let changed = changed.firstColumns(batch)
        sums.pointer.update(repeating: 0, count: batch)
        for jitter in jitters {
            changed.copy(from: images.firstColumns(batch))
            jitter.apply(to: changed)
            scale(changed, batch: batch, into: workspace.input)
            snapshot.differentiateByInputs(workspace, labels: points.labels, from: start, batch: batch)
            let difference = workspace.inputGradient.firstColumns(batch)
            difference.subtract(gradients)
            Scalar.columnSquares(difference, into: squares.pointer)
            for column in 0..<batch { sums.pointer[column] += squares.pointer[column] }
        }
        for column in 0..<batch {
            found[column].hessian = (sums.pointer[column] / Double(jitters.count)).squareRoot() / step
        }
    }

    /// Scales images in [0, 1] as the network wants its inputs.
    func scale(_ images: Matrix<Scalar>, batch: Int, into target: Matrix<Scalar>) {
        let plane = shape.height * shape.width
        for row in 0..<images.rows {
            let (gain, shift) = (gains[row / plane], shifts[row / plane])
            let (from, to) = (images.pointer + row * images.stride, target.pointer + row * target.stride)
            for column in 0..<batch { to[column] = gain * from[column] + shift }
        }
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

public import LinearAlgebra

/// The activations and gradients of one batch: sized once for the largest, reused for every step.
///
/// All windows are [units × batchMax] with the batch innermost; a smaller batch uses the first columns of each row.
public final class Workspace<Scalar: Real>: @unchecked Sendable {
    public let batchMax: Int
    /// What there is room for.
    let passes: Passes
    /// [D × B], filled by the caller before a forward pass.
    public let input: Matrix<Scalar>
    /// [U₁ × B], the first hidden layer's pre-activations; without rows in networks that do not keep them apart.
    public let firstPreActivation: Matrix<Scalar>
    /// [K × B], filled by a forward pass.
    public let logits: Matrix<Scalar>
    /// [K × B], filled by the loss before a backward pass.
    public let logitGradient: Matrix<Scalar>
    /// [D × B], filled by a backward pass that was asked for it.
    public let inputGradient: Matrix<Scalar>
    /// Whatever else the family needs, in the order it chose.
    public let inner: [Matrix<Scalar>]
    /// Numbers of a family whose layout is its own, zeros at first; without elements in families of matrices.
    public let blocks: Buffer<Scalar>
    /// Where a network on images can read a batch instead of ``input``.
    public let images: ImageBatch<Scalar>?
    /// Whether the next passes do; whoever fills one of the two says which.
    public var readsImages = false
    /// Numbers that belong to units and not to examples, such as the moments of batch normalisation.
    let unitNumbers: UnsafeMutablePointer<Scalar>
    /// What the latest forward pass was told, for the backward pass that follows it.
    package internal(set) var normalization = Normalization.running
    package internal(set) var linearFrom: Int?
    private let storage: Buffer<Scalar>
    /// What observers look at in families whose own layout is not [U × B]: made when first asked for.
    private var observed: Buffer<Scalar>?
    /// Gradients of a whole batch in families that otherwise keep those of a part: made when first asked for.
    private var gradients: Buffer<Scalar>?

    /// - Parameters:
    ///   - batchMax: The most examples a batch may hold.
    ///   - inputCount: D.
    ///   - firstCount: U₁.
    ///   - classCount: K.
    ///   - innerCounts: Rows of each further window.
    ///   - unitNumberCount: Numbers that do not depend on the batch.
    ///   - blockCount: Numbers in ``blocks``.
    ///   - passes: What they have room for.
    ///   - images: The shape of the images, and where they stand in ``blocks``.
    public init(
        batchMax: Int, inputCount: Int, firstCount: Int, classCount: Int, innerCounts: [Int],
        unitNumberCount: Int = 0, blockCount: Int = 0, passes: Passes = .separate,
        images: (shape: ImageBlock, offset: Int)? = nil
    ) {
        self.batchMax = batchMax
        self.passes = passes
        let numbers = Buffer<Scalar>(count: blockCount)
        blocks = numbers
        self.images = images.map { ImageBatch(numbers.pointer + $0.offset, shape: $0.shape) }
        let rows = Self.rows(inputCount, firstCount, classCount, innerCounts)
        let stride = Self.stride(batchMax)
        let block = Buffer<Scalar>(count: rows.reduce(0, +) * stride + unitNumberCount)
        storage = block
        var offset = 0
        let windows = rows.map { rows in
            defer { offset += rows * stride }
            return Matrix(block.pointer + offset, rows: rows, columns: batchMax, stride: stride)
        }
        (input, firstPreActivation, logits) = (windows[0], windows[1], windows[2])
        (logitGradient, inputGradient) = (windows[3], windows[4])
        inner = Array(windows[5...])
        unitNumbers = block.pointer + offset
    }

    /// Numbers that a workspace of these sizes holds.
    static func count(
        batchMax: Int, inputCount: Int, firstCount: Int, classCount: Int, innerCounts: [Int],
        unitNumberCount: Int = 0, blockCount: Int = 0
    ) -> Int {
        let rows = rows(inputCount, firstCount, classCount, innerCounts)
        return rows.reduce(0, +) * stride(batchMax) + unitNumberCount + blockCount
    }

    /// A window [rows × batch] for an observer; its content does not outlive the next call.
    ///
    /// Training without observers never pays for it.
    func observedWindow(rows: Int, batch: Int) -> Matrix<Scalar> {
        let stride = Self.stride(batchMax)
        let count = rows * stride
        let block =
            if let observed, observed.count >= count { observed } else { Buffer<Scalar>(count: count) }
        observed = block
        return Matrix(block.pointer, rows: rows, columns: batch, stride: stride)
    }

    /// Room for the gradients of a backward pass that is observed: zeros at first, then what the latest one left.
    func observedGradients(_ count: Int) -> UnsafeMutablePointer<Scalar> {
        if let gradients, gradients.count >= count { return gradients.pointer }
        let block = Buffer<Scalar>(count: count)
        gradients = block
        return block.pointer
    }

    private static func rows(
        _ inputCount: Int, _ firstCount: Int, _ classCount: Int, _ innerCounts: [Int]
    ) -> [Int] {
        [inputCount, firstCount, classCount, classCount, inputCount] + innerCounts
    }

    /// Rows are whole cache lines long, so that none shares a line with the next.
    private static func stride(_ batchMax: Int) -> Int { Workspace.places(for: batchMax) }

    /// How many examples a workspace for `batchMax` has room for anyway: rows are whole vectors, and images blocks of 16.
    package static func places(for batchMax: Int) -> Int { (batchMax + 15) / 16 * 16 }
}

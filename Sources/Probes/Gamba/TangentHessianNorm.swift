internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// How much the loss's gradient turns under small changes of colour: Gamba, equation 5.
///
/// H(x) = √(1/M · Σₘ (‖J(x) − J(xₘ)‖₂ / δ)²) with J = ∇ₓ ℓ of the assigned label and M colour jitters xₘ of x. This is
/// the form of the released code; the paper's own has a prefactor that makes it M^(−3/2)/δ times as large.
public struct TangentHessianNorm: Probe {
    public static let entry = CatalogEntry(
        "tangent-hessian-norm", "Change of the Jacobian under colour jitter (Gamba).",
        options: [
            .points(1024, "Training samples looked at, clean and noisy in proportion."),
            jittersOption, stepOption,
        ])

    static let jittersOption = Option(
        "jitters", .integer(1...1000), standard: 4, unit: "jitters",
        "Changes of brightness, contrast and saturation by up to 1 % each (M).")
    static let stepOption = Option(
        "step", .number(1e-9...1e9), standard: 0.1, "What differences of Jacobians are divided by (δ).")

    private let pointCount: Int
    private let jitterCount: Int
    private let step: Double

    public init(options: Setting) {
        pointCount = options.integer("points", default: 1024)
        jitterCount = options.integer("jitters", default: 4)
        step = options.number("step", default: 0.1)
    }

    public var columns: [Column] {
        PointGroup.allCases.map {
            Column("hessian_norm\($0.rawValue)", title: "tangent Hessian norm\($0.title)")
        }
    }

    public var layerMetrics: [LayerMetric] { [] }

    public func gaps(for subject: ProbeSubject) -> [ProbeGap] {
        subject.gapsWithoutNoise("hessian_norm_clean and hessian_norm_noisy")
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        return Cost(
            floatingPointOperations: 2 * subject.forwardOperations * points * Double(1 + jitterCount),
            memoryBytes: subject.sharpnessBytes(points: points))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let reader = snapshot.scratch.value("tangent-hessian-norm") {
            SharpnessReader(snapshot, pointCount: pointCount, jitterCount: jitterCount, step: step)
        }
        var found = [Sharpness](repeating: Sharpness(), count: reader.points.count)
        var start = 0
        while start < found.count {
            let batch = min(SharpnessReader<Scalar>.batchMax, found.count - start)
            reader.placePoints(from: start, batch: batch)
            found.withUnsafeMutableBufferPointer { found in
                guard let first = found.baseAddress else { return }
                reader.read(snapshot, from: start, batch: batch, into: first + start)
            }
            start += batch
        }
        let isDefined = snapshot.isFinite
        return ProbeReading(scalars: reader.points.means(of: found.map { isDefined ? $0.hessian : .nan }))
    }
}

extension ProbeSubject {
    /// Memory of a ``SharpnessReader``: a workspace, images, inputs and gradients of one batch, and the points.
    func sharpnessBytes(points: Double) -> Double {
        workspaceBytes(batch: 128, for: .joined) + 4 * Double(inputCount) * (4 * 128 + points)
    }
}

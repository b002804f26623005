internal import Datasets
internal import Foundation
public import LinearAlgebra
internal import Networks
public import Sweeps

/// Accuracy, loss, Jacobian and Hessian norm averaged over a volume around training points: Gamba, section 3.
///
/// From each point go P paths over anchors x₁ (the point) … x_A of growing augmentation. The integral along a path up to
/// K anchors is the trapezoid rule over its length, I(K) = Σⱼ ½(sⱼ + sⱼ₊₁)·dⱼ / Σⱼ dⱼ, j < K, with dⱼ the distance of
/// neighbours in scaled pixels; the volume's is the mean over paths. I(1) is the value at the point.
public struct PathIntegrals: Probe {
    public static let entry = CatalogEntry(
        "path-integrals", "Volume integrals along augmentation paths (Gamba).",
        options: [
            .points(128, "Training samples looked at, clean and noisy in proportion."),
            Option(
                "path", .choice(["svd", "shifts"]), standard: "svd",
                "Where paths lead: fewer singular values, or translations by 1 to 4 pixels."),
            Option("paths", .integer(1...8), standard: 4, unit: "paths", "Paths from every point (P)."),
            TangentHessianNorm.jittersOption, TangentHessianNorm.stepOption,
        ])

    private static let metrics = ["accuracy", "loss", "jacobian_norm", "hessian_norm"]

    private let pointCount: Int
    private let isShift: Bool
    private let pathCount: Int
    private let jitterCount: Int
    private let step: Double

    public init(options: Setting) {
        pointCount = options.integer("points", default: 128)
        isShift = options["path"]?.asText == "shifts"
        pathCount = options.integer("paths", default: 4)
        jitterCount = options.integer("jitters", default: 4)
        step = options.number("step", default: 0.1)
    }

    /// A: 7 for singular values, 5 for shifts.
    private var anchorCount: Int { isShift ? ShiftPath.shiftMax + 1 : 7 }

    /// The smallest and the largest volume; all of them are layer metrics.
    public var columns: [Column] {
        Self.metrics.flatMap { metric in
            [1, anchorCount].flatMap { volume in
                PointGroup.allCases.map { group in
                    Column(
                        "path_\(metric)_k\(volume)\(group.rawValue)",
                        title: Self.title(of: metric)
                            + (volume == 1 ? " at samples" : " over \(volume) anchors") + group.title)
                }
            }
        }
    }

    private static func title(of metric: String) -> String {
        switch metric {
        case "jacobian_norm": "Jacobian norm"
        case "hessian_norm": "tangent Hessian norm"
        default: metric
        }
    }

    /// The index of a row is K; its layer 0, the input.
    public var layerMetrics: [LayerMetric] {
        Self.metrics.flatMap { metric in
            PointGroup.allCases.map { group in
                LayerMetric(
                    "path_\(metric)\(group.rawValue)",
                    title: Self.title(of: metric) + " over a volume\(group.title)",
                    layer: "input", by: "anchors")
            }
        }
    }

    public var figures: ReportSpec {
        ReportSpec(
            profiles: ["path-loss", "path-jacobian-norm"].map {
                ReportSpec.Profile(values: [$0], x: "index", by: .nothing)
            })
    }

    public func problem(with subject: ProbeSubject) -> String? {
        let shape = subject.inputShape
        let side = min(shape.height, shape.width)
        if isShift {
            return side > ShiftPath.shiftMax
                ? nil
                : "shifts go up to 4 pixels, but images are \(shape.height)×\(shape.width); "
                    + "take larger images or path: svd"
        }
        guard side > 1 else {
            return "images of \(shape.height)×\(shape.width) pixels have one singular value, "
                + "and a path erases some and keeps others; take images of at least 2×2"
        }
        let most = SingularValuePath.pathsMax(for: shape)
        return pathCount <= most
            ? nil
            : "paths is \(pathCount), but the \(side) singular values of \(shape.height)×\(shape.width) "
                + "images leave room for \(most); take paths: \(most)"
    }

    public func gaps(for subject: ProbeSubject) -> [ProbeGap] {
        subject.gapsWithoutNoise("columns that end in _clean and _noisy")
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount))
        let images = points * Double(1 + pathCount * (anchorCount - 1))
        let (height, width) = (Double(subject.inputShape.height), Double(subject.inputShape.width))
        let parts = Double(subject.inputShape.channels) * (height + width) * min(height, width)
        return Cost(
            floatingPointOperations: 2 * subject.forwardOperations * images * Double(1 + jitterCount),
            memoryBytes: subject.sharpnessBytes(points: points) + 12 * 128 * Double(subject.inputCount)
                + 8 * points * (Double(subject.inputCount) + (isShift ? 0 : parts)))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let walk = snapshot.scratch.value("path-integrals") {
            let reader = SharpnessReader(
                snapshot, pointCount: pointCount, jitterCount: jitterCount, step: step)
            return PathWalk(reader, path: path(snapshot, reader.points), pathCount: pathCount)
        }
        let integrals = walk.integrals(snapshot)
        let isDefined = snapshot.isFinite
        var (scalars, layers): ([Double?], [LayerValue]) = ([], [])
        let values: [KeyPath<Sharpness, Double>] = [\.accuracy, \.loss, \.jacobian, \.hessian]
        for (metric, value) in zip(Self.metrics, values) {
            for volume in 0..<anchorCount {
                let means = walk.reader.points.means(
                    of: integrals[volume].map { isDefined ? $0[keyPath: value] : .nan })
                if volume == 0 || volume == anchorCount - 1 { scalars += means }
                for (group, mean) in zip(PointGroup.allCases, means) {
                    guard let mean else { continue }
                    layers.append(
                        LayerValue(
                            metric: "path_\(metric)\(group.rawValue)", layer: 0, index: volume + 1,
                            value: mean))
                }
            }
        }
        return ProbeReading(scalars: scalars, layers: layers)
    }

    private func path<Scalar: Real>(
        _ snapshot: Snapshot<Scalar>, _ points: TrainingPoints
    ) -> any AugmentationPath {
        let images = points.indices.flatMap { snapshot.dataset.train.unitImage($0).map(Double.init) }
        let shape = snapshot.network.inputShape
        guard isShift else { return SingularValuePath(images, shape: shape) }
        let directions = (0..<pathCount).map { path in
            let angle = 2 * Double.pi * Double(path) / Double(pathCount)
            return (x: cos(angle), y: sin(angle))
        }
        return ShiftPath(images, shape: shape, directions: directions)
    }
}

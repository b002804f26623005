internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

extension PartitionPicture {
    /// Half the side of the square, as a multiple of how far the samples reach from their middle, so that all three
    /// are well inside.
    public static let standardReach = 1.4

    /// Computes the picture of the square around three training samples of different classes, in double precision.
    ///
    /// `nil` for networks that ``LinearRegions`` does not fit or that have diverged, and where no three samples span a
    /// plane.
    ///
    /// - Parameters:
    ///   - snapshot: Of the network and its data.
    ///   - reach: Half the side of the square, as a multiple of how far the samples reach from their middle.
    ///   - cornersMax: Most corners of regions; a picture of more has no cells. Without it, what memory has room for.
    public init?<Scalar: Real>(
        _ snapshot: Snapshot<Scalar>, reach: Double = standardReach, cornersMax: Int? = nil
    ) {
        guard snapshot.isFinite, let network = snapshot.network as? any PiecewiseLinear<Scalar>,
            let plane = SamplePlane(snapshot.dataset.train, reach: reach)
        else { return nil }
        let (wide, parameters) = network.inDoublePrecision(snapshot.parameters)
        let partition = PlanePartition(wide, parameters, across: plane.across, up: plane.up)
        let radius = plane.radius
        let whole: PlanePartition.Piece = [
            (-radius, -radius), (radius, -radius), (radius, radius), (-radius, radius),
        ]
        let mesh =
            !network.hasKinks
            ? (whole, [Array(whole.indices)])
            : partition.mesh(around: plane.centre, radius: radius, cornersMax: cornersMax)
        guard let (corners, pieces) = mesh else {
            self.init(radius: radius, samples: plane.samples, corners: [], cells: [])
            return
        }
        let classes = wide.classCount
        let logits = partition.logits(at: corners, around: plane.centre)
        var cells = ClassMesh(
            zip(corners, corners.indices).map { corner, index in
                LogitCorner(
                    place: Place(x: corner.x, y: corner.y),
                    logits: Array(logits[index * classes..<(index + 1) * classes]))
            }, tolerance: 1e-9 * radius)
        for piece in pieces { cells.append(region: piece) }
        self.init(
            radius: radius, samples: plane.samples, corners: cells.corners.map(\.place), cells: cells.cells)
    }
}

/// A plane through three training samples and the square around them.
private struct SamplePlane {
    let centre: [Double]
    let across: [Double]
    let up: [Double]
    let radius: Double
    let samples: [PartitionPicture.Sample]

    /// The first three samples of different classes that span a plane, or of any classes.
    init?(_ train: Samples, reach: Double) {
        var chosen: [Int] = []
        for isStrict in [true, false] {
            for index in 0..<train.count where chosen.count < 3 && !chosen.contains(index) {
                let label = train.labelsAssigned[index]
                if isStrict, chosen.contains(where: { train.labelsAssigned[$0] == label }) { continue }
                chosen.append(index)
            }
        }
        guard chosen.count == 3 else { return nil }
        let inputs = chosen.map { train.input($0).map(Double.init) }
        let middle = inputs[0].indices.map { (inputs[0][$0] + inputs[1][$0] + inputs[2][$0]) / 3 }
        let first = zip(inputs[1], inputs[0]).map { $0 - $1 }
        let second = zip(inputs[2], inputs[0]).map { $0 - $1 }
        guard let across = first.normalized, let up = second.without(across).normalized else { return nil }
        (centre, self.across, self.up) = (middle, across, up)
        samples = zip(chosen, inputs).map { index, input in
            let offset = zip(input, middle).map { $0 - $1 }
            return PartitionPicture.Sample(
                label: Int(train.labelsAssigned[index]),
                place: PartitionPicture.Place(x: offset.dot(across), y: offset.dot(up)))
        }
        radius = reach * (samples.map { max(abs($0.place.x), abs($0.place.y)) }.max() ?? 1)
    }
}

extension [Double] {
    fileprivate func dot(_ other: [Double]) -> Double { zip(self, other).reduce(0) { $0 + $1.0 * $1.1 } }

    /// At length 1; `nil` of nearly nothing.
    fileprivate var normalized: [Double]? {
        let norm = dot(self).squareRoot()
        return norm > 1e-9 ? map { $0 / norm } : nil
    }

    /// What is perpendicular to a direction.
    fileprivate func without(_ direction: [Double]) -> [Double] {
        let overlap = dot(direction)
        return zip(self, direction).map { $0 - overlap * $1 }
    }
}

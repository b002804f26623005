internal import Datasets
public import LinearAlgebra
internal import Networks

/// The linear regions and the classes of a square in input space: what Humayun's figure 1 draws.
///
/// The square lies in the plane through three training samples of different classes, around their middle.
public struct PartitionPicture: Hashable, Sendable {
    /// A place in the square, in units of the scaled input from its middle.
    public struct Place: Hashable, Sendable {
        public let x: Double
        public let y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// A convex part of a linear region in which one class has the largest logit.
    public struct Cell: Hashable, Sendable {
        public let label: Int
        public let corners: [Place]
    }

    /// One of the three samples.
    public struct Sample: Hashable, Sendable {
        /// The assigned label.
        public let label: Int
        public let place: Place
    }

    /// Half the side of the square.
    public let radius: Double
    /// The linear regions, by their corners.
    public let regions: [[Place]]
    /// The regions again, cut where the class changes.
    public let cells: [Cell]
    /// Where the class changes: pairs of places.
    public let boundary: [[Place]]
    public let samples: [Sample]

    /// Draws nothing: only computes, in double precision.
    ///
    /// - Returns: `nil` for networks that ``LinearRegions`` does not fit or that have diverged, and where no three samples
    ///   span a plane.
    public init?<Scalar: Real>(_ snapshot: Snapshot<Scalar>) {
        guard snapshot.isFinite, let network = snapshot.network as? MLP<Scalar>,
            let plane = SamplePlane(snapshot.dataset.train)
        else { return nil }
        let (wide, parameters) = network.inDoublePrecision(snapshot.parameters)
        let partition = PlanePartition(wide, parameters, across: plane.across, up: plane.up)
        radius = plane.radius
        let whole: PlanePartition.Piece = [
            (-radius, -radius), (radius, -radius), (radius, radius), (-radius, radius),
        ]
        let pieces =
            network.activation == .identity
            ? [whole] : partition.pieces(around: plane.centre, radius: plane.radius)
        regions = pieces.map { $0.map(Place.init) }
        samples = plane.samples
        let logits = partition.logits(at: pieces.flatMap { $0 }, around: plane.centre)
        var (cells, boundary, start): ([Cell], [[Place]], Int) = ([], [], 0)
        for piece in pieces {
            let corners = piece.map { corner in
                defer { start += wide.classCount }
                return LogitCorner(
                    place: Place(x: corner.x, y: corner.y),
                    logits: Array(logits[start..<start + wide.classCount]))
            }
            let cut = ClassCutter(corners)
            cells += cut.cells
            boundary += cut.boundary
        }
        (self.cells, self.boundary) = (cells, boundary)
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
    init?(_ train: Samples) {
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
        radius = 1.4 * (samples.map { max(abs($0.place.x), abs($0.place.y)) }.max() ?? 1)
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

/// A corner of a region with the logits there.
private struct LogitCorner {
    let place: PartitionPicture.Place
    let logits: [Double]

    /// The place between this and another where a share of the way is done.
    func towards(_ other: LogitCorner, share: Double) -> LogitCorner {
        LogitCorner(
            place: PartitionPicture.Place(
                x: place.x + share * (other.place.x - place.x), y: place.y + share * (other.place.y - place.y)
            ),
            logits: zip(logits, other.logits).map { $0 + share * ($1 - $0) })
    }
}

/// Cuts a region, on which logits are linear, into the parts where each class has the largest.
private struct ClassCutter {
    private(set) var cells: [PartitionPicture.Cell] = []
    private(set) var boundary: [[PartitionPicture.Place]] = []

    init(_ region: [LogitCorner]) {
        let classes = region[0].logits.indices
        for label in classes {
            var part = region
            for other in classes where other != label && !part.isEmpty {
                part = ClassCutter.clip(part) { $0.logits[label] - $0.logits[other] }
            }
            guard part.count > 2 else { continue }
            cells.append(PartitionPicture.Cell(label: label, corners: part.map(\.place)))
            // Each stretch of the boundary is seen from both sides and taken from one.
            for (corner, next) in zip(part, part.dropFirst() + part.prefix(1)) {
                let isBoundary = classes.contains { other in
                    other > label
                        && [corner, next].allSatisfy { corner in
                            let size = corner.logits.reduce(0) { max($0, abs($1)) }
                            return abs(corner.logits[label] - corner.logits[other]) <= 1e-9 * size
                        }
                }
                if isBoundary { boundary.append([corner.place, next.place]) }
            }
        }
    }

    /// The part of a convex polygon where a linear function is not negative (Sutherland and Hodgman, 1974).
    private static func clip(
        _ polygon: [LogitCorner], where function: (LogitCorner) -> Double
    ) -> [LogitCorner] {
        guard polygon.contains(where: { function($0) > 0 }) else { return [] }
        var kept: [LogitCorner] = []
        for (corner, next) in zip(polygon, polygon.dropFirst() + polygon.prefix(1)) {
            let (here, there) = (function(corner), function(next))
            if here >= 0 { kept.append(corner) }
            if here > 0 && there < 0 || here < 0 && there > 0 {
                kept.append(corner.towards(next, share: here / (here - there)))
            }
        }
        return kept
    }
}
